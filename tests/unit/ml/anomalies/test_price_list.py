"""Changes of prices in use: told where they are worth it, by one incident a provider and day, else listed with why."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from ml.anomalies.detect import Detection
from ml.anomalies.price_list import with_price_list
from ml.contracts import columns_of

SINCE, AS_OF = date(2026, 3, 13), date(2026, 3, 23)
NOTHING = Detection(
    pd.DataFrame(columns=columns_of("cost_anomalies")), pd.DataFrame(columns=columns_of("cost_incidents"))
)
ROWS = pd.DataFrame(
    [
        {"usage_date": SINCE + timedelta(days=day), "model_id": model, "cost_usd": Decimal(usd)}
        for day in range(-40, 10)
        for model, usd in (("opus", 4), ("sonnet", 6), ("luna", 10))
    ]
)


def change(model: str, old: str, new: str, units: int, tier: str = "over_200000_tokens", provider: str = "anthropic"):
    before, after = Decimal(old) / 1_000_000, Decimal(new) / 1_000_000
    return {
        "provider_id": provider,
        "model_id": model,
        "price_variant": "standard",
        "context_tier": tier,
        "meter": "uncached_input",
        "valid_from_date": SINCE,
        "old_price_usd_per_unit": before,
        "new_price_usd_per_unit": after,
        "counted_days": 10,
        "quantity": units,
        "old_cost_usd": units * before,
        "new_cost_usd": units * after,
    }


def told(*changes: dict[str, object], detection: Detection = NOTHING) -> tuple[pd.DataFrame, pd.DataFrame]:
    found, listed = with_price_list(
        detection,
        ROWS,
        pd.DataFrame(changes),
        as_of=AS_OF,
        scored_at_utc=datetime(2026, 3, 23),  # noqa: DTZ001
    )
    return found.incidents, listed


def test_what_a_provider_changed_on_one_day_is_one_incident_with_models_meter_and_dollars():
    """0.7 USD a day of one model and 0.8 of another: neither alone is worth it, together they are."""
    incidents, listed = told(change("opus", "10", "5", 1_400_000), change("sonnet", "6", "3", 8_000_000 // 3))
    (incident,) = incidents.to_dict("records")
    assert (incident["kind"], incident["scope_type"], incident["scope_id"]) == ("price_change", "provider", "anthropic")
    assert [each["where"] for each in json.loads(incident["slices"])] == [{"model_id": "sonnet"}, {"model_id": "opus"}]
    assert (incident["first_date"], incident["last_date"], incident["status"]) == (
        SINCE,
        AS_OF - timedelta(days=1),
        "open",
    )
    assert float(incident["impact_usd"]) == pytest.approx(-1.5 * 10, abs=1e-5)
    assert incident["actual_cost_usd"] - incident["expected_cost_usd"] == incident["impact_usd"]
    drivers = [value for name, value in incident.items() if name.endswith("_change_usd")]
    assert sum(drivers) == incident["impact_usd"] == incident["price_change_usd"]
    assert "opus uncached_input 10 → 5 USD per million (over_200000_tokens" in incident["reason"]
    assert incident["severity"] == "info"
    assert set(listed["incident_id"]) == {incident["incident_id"]}
    assert listed["is_told"].all()


def test_too_small_a_change_is_listed_with_what_it_lacks():
    incidents, listed = told(change("opus", "10", "5", 1_400_000))
    assert incidents.empty
    (row,) = listed.to_dict("records")
    assert not row["is_told"]
    assert row["incident_id"] is None
    assert "0.3000 USD less than the smallest change that is told (1.00 USD)" in row["reason"]


def test_a_dearer_price_that_matters_is_a_warning_of_the_model_itself():
    incidents, _ = told(change("luna", "1", "3", 15_000_000, "base", "openai"))
    (incident,) = incidents.to_dict("records")
    assert (incident["scope_type"], incident["scope_id"], incident["severity"]) == ("model", "luna", "warning")
    assert "model_id in ('luna')" in incident["evidence_query"]


def test_what_detection_told_is_not_told_again_and_the_rest_of_the_day_is_judged_alone():
    (known,), _ = (told(change("luna", "1", "3", 15_000_000, "base", "openai"))[0].to_dict("records"), None)
    known |= {"incident_id": "seen", "first_date": SINCE + timedelta(days=1)}
    detection = Detection(NOTHING.scores, pd.DataFrame([known]))
    incidents, listed = told(
        change("luna", "1", "3", 15_000_000, "base", "openai"),
        change("terra", "1", "2", 4_000_000, "base", "openai"),
        detection=detection,
    )
    assert list(incidents["incident_id"]) == ["seen"]
    assert dict(zip(listed["model_id"], listed["is_told"], strict=True)) == {"luna": True, "terra": False}


def test_a_share_of_all_spend_is_the_least_for_a_company_that_spends_much():
    rows = ROWS.assign(cost_usd=[1000 * each for each in ROWS["cost_usd"]])
    found, listed = with_price_list(
        NOTHING,
        rows,
        pd.DataFrame([change("opus", "10", "5", 20_000_000)]),
        as_of=AS_OF,
        scored_at_utc=datetime(2026, 3, 23),  # noqa: DTZ001
    )
    assert found.incidents.empty
    assert "(200.00 USD, 1% of all spend)" in listed["reason"].iloc[0]


def test_changes_outside_what_is_looked_at_and_no_usage_tell_nothing():
    old = change("luna", "1", "3", 15_000_000) | {"valid_from_date": date(1970, 1, 1)}
    announced = change("luna", "1", "3", 15_000_000) | {"valid_from_date": AS_OF}
    incidents, listed = told(old, announced)
    assert incidents.empty
    assert listed.empty
    assert list(listed.columns) == columns_of("price_changes")
