"""From proposed to verified: each state, from days worked out by hand or simulated."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.contracts import columns_of
from ml.optimization.verification.lifecycle import verify
from tests.unit.ml.optimization.simulated import DAYS_BEFORE, company

SINCE = date(2026, 3, 1)
NOW = datetime(2026, 5, 1, 6)  # noqa: DTZ001
EVER = (datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001
SLICE = "llm|project|p|openai|gpt-5"


def snapshot(**more: Any) -> dict[str, Any]:
    return {
        "recommendation_id": "r1", "strategy": "cheaper_model_same_token_mix", "lever": "model", "saving_kind": "price",
        "title": "t", "scope_type": "project", "scope_id": "p", "provider_id": "openai", "current_model_id": "gpt-5",
        "suggested_model_id": "gpt-5.1", "slices": json.dumps([[SLICE, "90", "60"]]), "evidence": "{}",
        "saving_usd": Decimal(60), "taken_at_utc": NOW, **more,
    }  # fmt: skip


def action(what: str = "implement", on: date = SINCE, identifier: str = "r1", row: int = 1) -> dict[str, Any]:
    at = datetime(on.year, on.month, on.day)  # noqa: DTZ001
    return {"recommendation_id": identifier, "action": what, "valid_from_utc": at, "_source_row": row}


def usage(day: date, model: str, usd: float, tokens: int = 1_000_000, project: str = "p") -> dict[str, Any]:
    return {
        "usage_date": day, "provider_id": "openai", "model_id": model, "price_variant": "standard",
        "meter": "uncached_input", "project_id": project, "team_id": None, "quantity": tokens,
        "list_price_usd_per_unit": Decimal("0.000003"), "cost_usd": Decimal(str(round(usd, 6))),
    }  # fmt: skip


PRICES = [{"provider_id": "openai", "model_id": "gpt-5", "meter": "uncached_input", "price_variant": "standard",
           "valid_from_utc": EVER[0], "valid_to_utc": EVER[1], "price_usd_per_unit": Decimal("0.000003")}]  # fmt: skip


def judge(as_of: date, *, actions=None, snapshots=None, rows=(), totals=(), gpus=()) -> dict[str, Any]:
    frames = {
        "actions": pd.DataFrame(actions or [action()]),
        "snapshots": pd.DataFrame(snapshots if snapshots is not None else [snapshot()]),
        "usage": pd.DataFrame(list(rows)),
        "totals": pd.DataFrame(
            [
                {"usage_date": day, "slice_id": name, "cost_usd": Decimal(str(round(usd, 6)))}
                for day, name, usd in totals
            ]
        ),
        "prices": pd.DataFrame(PRICES),
        "gpus": pd.DataFrame(list(gpus)),
    }
    found = verify(frames, as_of=as_of, scored_at_utc=NOW)
    assert list(found.columns) == columns_of("verified_savings")
    return {} if found.empty else found.iloc[0].to_dict()


def moved(days: int, usd: float = 1) -> list[dict[str, Any]]:
    """A million tokens a day on the new model, which cost 3 USD on the old one."""
    return [usage(SINCE + timedelta(days=number), "gpt-5.1", usd) for number in range(days)]


def test_a_price_saving_is_verified_exactly():
    """Ten days of 3 − 1 USD; 60 USD in 30 days were promised: 20 in ten."""
    row = judge(SINCE + timedelta(days=10), rows=moved(10))
    assert (row["status"], row["method"]) == ("verified", "repriced")
    assert (row["counterfactual_cost_usd"], row["actual_cost_usd"]) == (Decimal(30), Decimal(10))
    assert row["realised_saving_usd"] == row["realised_lower_usd"] == row["realised_upper_usd"] == Decimal(20)
    assert row["expected_saving_usd"] == Decimal(20)


def test_a_few_days_say_nothing_yet():
    assert judge(SINCE + timedelta(days=3), rows=moved(3))["status"] == "implemented"
    early = judge(SINCE + timedelta(days=3))
    assert early["status"] == "implemented"
    assert "is the change in effect?" in early["reason"]
    assert judge(SINCE + timedelta(days=10))["status"] == "not_verifiable"


def test_a_loss_is_negative():
    row = judge(SINCE + timedelta(days=10), rows=moved(10, usd=4))
    assert (row["status"], row["realised_saving_usd"]) == ("negative", Decimal(-10))


def test_a_saving_that_fades_is_reversed():
    """Two weeks on the new model, then back to the old one."""
    row = judge(SINCE + timedelta(days=40), rows=moved(14))
    assert (row["status"], row["newest_saving_usd"]) == ("reversed", Decimal(0))
    assert judge(SINCE + timedelta(days=40), rows=moved(40))["status"] == "verified"


@pytest.mark.parametrize(("what", "status"), [("accept", "accepted"), ("reject", "rejected"), ("dismiss", "dismissed")])
def test_what_is_not_done_has_its_state(what: str, status: str):
    assert judge(SINCE, actions=[action(what)])["status"] == status


def test_the_newest_action_counts():
    assert judge(SINCE, actions=[action("reopen", SINCE + timedelta(days=2)), action("reject")]) == {}
    same_day = [action("implement", row=9), action("reject", row=3)]
    assert judge(SINCE + timedelta(days=2), actions=same_day)["status"] == "implemented", "the lower row is the later"
    later = [action("accept"), action("implement", SINCE + timedelta(days=1))]
    assert judge(SINCE + timedelta(days=2), actions=later)["implemented_date"] == SINCE + timedelta(days=1)


def test_an_unknown_id_is_said():
    row = judge(SINCE + timedelta(days=10), snapshots=[snapshot(recommendation_id="other")])
    assert row["status"] == "not_verifiable"
    assert "no recommendation of this id is known" in row["reason"]


def volume(
    effect: float, days_after: int, noise: float = 0.1, back: int | None = None, seed: int = 3
) -> dict[str, Any]:
    """A simulated company; with `back` the effect is gone from that day on."""
    made = company(np.random.default_rng(seed), autocorrelation=0.3, noise=noise, days_after=days_after, effect=effect)
    costs = made.slice_costs.copy()
    if back is not None:
        costs[DAYS_BEFORE + back :] /= 1 - effect
    days = [SINCE + timedelta(days=number - DAYS_BEFORE) for number in range(DAYS_BEFORE + days_after)]
    rows = [usage(day, "gpt-5", cost) for day, cost in zip(days, costs, strict=True)]
    totals = [(day, SLICE, cost) for day, cost in zip(days, costs, strict=True)]
    totals += [(day, "llm|project|q|openai|gpt-5", cost) for day, cost in zip(days, made.other_costs, strict=True)]
    how = snapshot(saving_kind="volume", lever="output", strategy="output_length")
    return judge(SINCE + timedelta(days=days_after), snapshots=[how], rows=rows, totals=totals) | {"saved": made.saved}


def test_a_volume_saving_is_measured_against_the_others():
    row = volume(0.4, 28)
    assert (row["status"], row["method"]) == ("verified", "counterfactual")
    assert float(row["realised_lower_usd"]) <= row["saved"] <= float(row["realised_upper_usd"])
    assert "compared with all other LLM spend" in row["reason"]


def test_what_brings_nothing_is_below_the_noise():
    """Nine of ten intervals have nothing in them: of 40 companies at least 32."""
    rows = [volume(0.0, 14, noise=0.3, seed=seed) for seed in range(40)]
    below = [row for row in rows if row["status"] == "below_noise"]
    assert len(below) >= 32
    for row in below:
        assert "cannot be told from ordinary ups and downs" in row["reason"]
        assert row["realised_lower_usd"] <= 0 <= row["realised_upper_usd"]


def test_what_goes_wrong_once_elsewhere_is_no_saving_here():
    """All equal days of 10 beside 100 USD; a runaway of 5,000 USD in the others, and one here before the change."""
    days = [SINCE + timedelta(days=number) for number in range(-56, 28)]
    others = [(day, "llm|project|q|openai|gpt-5", 5000 if day == SINCE + timedelta(days=20) else 100) for day in days]
    rows = [usage(day, "gpt-5", 900 if day == SINCE - timedelta(days=9) else 10) for day in days]
    how = snapshot(saving_kind="volume", lever="output", strategy="output_length")
    row = judge(SINCE + timedelta(days=28), snapshots=[how], rows=rows, totals=others)
    assert (row["status"], row["realised_saving_usd"]) == ("below_noise", Decimal(0))


def test_more_use_is_a_negative_saving():
    assert volume(-0.5, 28)["status"] == "negative"


def test_a_volume_saving_that_fades_is_reversed():
    assert volume(0.6, 42, back=21)["status"] == "reversed"


def test_half_a_year_later_it_is_still_measured_over_thirteen_weeks_and_watched():
    """Equal days of 10 USD beside 100, 5 since: 91 × 5 saved. After 20 weeks it is back at 10: reversed."""
    days = [SINCE + timedelta(days=number) for number in range(-56, 182)]
    others = [(day, "llm|project|q|openai|gpt-5", 100) for day in days]
    how = snapshot(saving_kind="volume", lever="output", strategy="output_length")
    for back, status in ((400, "verified"), (140, "reversed")):
        after = [usage(day, "gpt-5", 5 if 0 <= (day - SINCE).days < back else 10) for day in days]
        row = judge(SINCE + timedelta(days=182), snapshots=[how], rows=after, totals=others)
        assert (row["status"], row["realised_saving_usd"]) == (status, Decimal(455))
        assert row["measured_through_date"] == SINCE + timedelta(days=90)


def test_too_few_weeks_are_said():
    row = volume(0.4, 3)
    assert (row["status"], row["realised_saving_usd"]) == ("implemented", None)


def test_idle_gpus_are_measured_on_their_host():
    """48 USD a day before, 20 since; no other host: against its own past. 28 × 14 = 392 USD."""
    days = [SINCE + timedelta(days=number) for number in range(-56, 14)]
    gpus = [{"usage_date": day, "host": "h", "seconds": Decimal(3600), "cost_usd": Decimal(48 if day < SINCE else 20)}
            for day in days]  # fmt: skip
    how = snapshot(strategy="idle_gpus", lever="gpu_hours", saving_kind="volume", scope_type="host", scope_id="h",
                   slices=json.dumps([["gpu|h|H100|idle", "900", "900"]]))  # fmt: skip
    row = judge(SINCE + timedelta(days=14), snapshots=[how], gpus=gpus)
    assert (row["status"], row["realised_saving_usd"]) == ("verified", Decimal(392))
    assert "its own past" in row["reason"]


def second(*moved_from: str) -> dict[str, Any]:
    """A second provider for workloads of project p (`model`) or another (`project/model`), all to one model there."""
    named = [name.rpartition("/") for name in moved_from]
    slices = [[f"llm|project|{project or 'p'}|openai|{model}", "90", "60"] for project, _, model in named]
    moves = [{"scope": project or "p", "from": model, "to": "google/gemini-2.5-pro"} for project, _, model in named]
    return snapshot(
        strategy="second_provider", scope_type="company", scope_id="all", current_model_id=None,
        suggested_model_id=None, slices=json.dumps(slices), evidence=json.dumps({"moves": moves}),
    )  # fmt: skip


def at_google(days: int, usd: float, project: str = "p") -> list[dict[str, Any]]:
    rows = [usage(SINCE + timedelta(days=n), "gemini-2.5-pro", usd, project=project) for n in range(days)]
    return [row | {"provider_id": "google"} for row in rows]


def test_a_second_provider_is_verified_by_what_moved_there():
    """Ten days of a million tokens at 2 USD in p, which took 3 on gpt-5; nothing of project q has moved."""
    rows = at_google(10, 2)
    row = judge(SINCE + timedelta(days=10), snapshots=[second("gpt-5", "q/gpt-5")], rows=rows)
    assert (row["status"], row["method"]) == ("verified", "repriced")
    assert (row["counterfactual_cost_usd"], row["realised_saving_usd"]) == (Decimal(30), Decimal(10))
    assert "p on google/gemini-2.5-pro" in row["reason"]
    assert "q on" not in row["reason"]
    both = judge(SINCE + timedelta(days=10), snapshots=[second("gpt-5", "q/gpt-5")], rows=rows + at_google(10, 2, "q"))
    assert both["realised_saving_usd"] == Decimal(20)


def test_two_workloads_of_one_scope_that_moved_to_one_model_count_once_at_the_cheaper_card():
    cheaper = [{**PRICES[0], "model_id": "gpt-4.1", "price_usd_per_unit": Decimal("0.0000025")}]
    PRICES.extend(cheaper)
    try:
        row = judge(SINCE + timedelta(days=10), snapshots=[second("gpt-5", "gpt-4.1")], rows=at_google(10, 2))
    finally:
        PRICES.remove(cheaper[0])
    assert (row["counterfactual_cost_usd"], row["realised_saving_usd"]) == (Decimal(25), Decimal(5))


def test_a_second_provider_to_which_nothing_moved_is_asked_after():
    row = judge(SINCE + timedelta(days=10), snapshots=[second("gpt-5")])
    assert row["status"] == "not_verifiable"
    assert "is the change in effect?" in row["reason"]
