"""Charges and estimates that sources record: what of them is spend, what differs from prices, and nothing twice."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events.provider_bodies.calls import read_call
from tests.support.openrouter_bodies import Call, calls
from tests.support.priced_events import land_priced
from tests.support.warehouse import ScratchWarehouse

NUMBER = int(os.environ.get("COSTOPS_TEST_OPENROUTER_CALLS", "140"))
OPEN_DAY, BILLED_DAY = "2026-11-09", "2026-11-10"
ESTIMATE_DAY = date(2026, 11, 12)
ACTIVITY_USD = Decimal("123.45")


def _estimated(identity: str, model: str, cost: str | None, output: int, **more: Any) -> dict[str, Any]:
    return {
        "event_id": identity,
        "event_source": "litellm",
        "requested_at_utc": datetime.fromisoformat(f"{ESTIMATE_DAY}T09:00:00"),
        "provider_name": "openai",
        "served_model": model,
        "output_tokens": output,
        "recorded_cost_usd": Decimal(cost) if cost else None,
        **more,
    }


ESTIMATES = [
    # gpt-4o: 10 USD per million output tokens.
    _estimated("equal", "gpt-4o", "0.01", 1_000),
    _estimated("half", "gpt-4o", "0.05", 10_000, feature="half"),
    _estimated("unlisted", "house-model-1", "0.7", 100),
    _estimated("unlisted_too", "house-model-1", "0.3", 100),
    _estimated("nobody_knows", "house-model-2", None, 100),
    _estimated("said_charge", "house-model-3", "2.5", 100, recorded_cost_kind="charge"),
]


@pytest.fixture(scope="module")
def made() -> list[Call]:
    return calls(NUMBER)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, made: list[Call]) -> ScratchWarehouse:
    found = ScratchWarehouse.create(Path(tmp_path_factory.mktemp("recorded")) / "home")
    rows = [row for call in made for row in read_call(call.record, Counter())]
    assert len(rows) == NUMBER
    land_priced(found, rows + ESTIMATES)
    found.insert(
        "raw_openrouter.activity",
        [
            {
                "usage_date": date.fromisoformat(BILLED_DAY),
                "model": "openai/gpt-4o",
                "model_permaslug": "openai/gpt-4o",
                "endpoint_id": "e",
                "provider_name": "Up",
                "usage": ACTIVITY_USD,
                "usage_text": "123.45",
                "requests": 0,
                "prompt_tokens": 0,
                "completion_tokens": 0,
            }
        ],
    )
    found.dbt("seed")
    reports = ("rpt_recorded_cost_differences", "rpt_spend_basis_daily", "rpt_recorded_charges_daily")
    found.dbt("run", "--select", *(f"+{name}" for name in reports))
    checked = ("int_usage_recorded_spend", "int_llm_usage_hourly", "int_spend_items", *reports)
    found.dbt("test", "--select", "assert_recorded_costs_are_kept", *checked, "--indirect-selection", "buildable")
    return found


def charged(made: list[Call], day: str) -> list[Call]:
    """Calls with a charge: with an own key OpenRouter takes a part only, and the figure is an estimate."""
    return [call for call in made if call.day == day and call.kind != "own_key"]


def test_every_charge_is_landed_also_without_a_token(warehouse: ScratchWarehouse, made: list[Call]) -> None:
    found = warehouse.rows(
        "select cast(usage_date as varchar), sum(recorded_cost_usd), count(*) from marts.fct_llm_requests where "
        " recorded_cost_kind = 'charge' and event_source = 'provider_bodies' group by 1 order by 1"
    )
    expected = [charged(made, day) for day in (OPEN_DAY, BILLED_DAY)]
    assert found == [
        (each[0].day, sum(call.charge for call in each).quantize(Decimal(1).scaleb(-12)), len(each))
        for each in expected
    ]


def test_a_charge_is_spend_where_no_bill_covers_it_and_never_beside_one(
    warehouse: ScratchWarehouse, made: list[Call]
) -> None:
    found = warehouse.rows(
        "select cast(usage_date as varchar), cost_basis, sum(spend_usd) from marts.rpt_spend_basis_daily "
        "where provider_id = 'openrouter' group by 1, 2 order by 1, 2"
    )
    spent = {(day, basis): usd for day, basis, usd in found}
    assert spent[OPEN_DAY, "recorded"] == sum(call.charge for call in charged(made, OPEN_DAY))
    assert spent.keys() == {(OPEN_DAY, "recorded"), (OPEN_DAY, "contracted"), (BILLED_DAY, "billed")}
    assert spent[BILLED_DAY, "billed"] == ACTIVITY_USD


def test_an_estimate_stands_in_only_where_nothing_prices_the_usage(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select cost_basis, sum(spend_usd), sum(unknown_cost_item_count) from marts.rpt_spend_basis_daily "
        f"where usage_date = date '{ESTIMATE_DAY}' group by 1 order by 1"
    )
    # Prices: (1,000 + 10,000) × 10 / 1,000,000; estimates: 0.7 + 0.3; the model without either is unknown, not zero.
    assert [row[:2] for row in found] == [
        ("contracted", Decimal("0.11")),
        ("estimated", Decimal(1)),
        ("recorded", Decimal("2.5")),
    ]
    assert [bool(row[2]) for row in found] == [True, False, False]


def test_bases_are_all_of_spend(warehouse: ScratchWarehouse) -> None:
    assert warehouse.value("select sum(spend_usd) from marts.rpt_spend_basis_daily") == warehouse.value(
        "select sum(spend_usd) from intermediate.int_spend_items"
    )


def test_every_difference_is_listed_and_sums_are_equal(warehouse: ScratchWarehouse, made: list[Call]) -> None:
    """By model: what was charged, and how far fees, cheap routes and free errors are from the list."""
    found = warehouse.rows(
        "select cast(usage_date as varchar), model_id, recorded_cost_usd, uncompared_recorded_cost_usd, "
        "difference_usd, is_beyond_rounding, difference_class from marts.rpt_recorded_cost_differences "
        f"where recorded_cost_kind = 'charge' and usage_date = date '{OPEN_DAY}'"
    )
    recorded: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    apart: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for call in charged(made, OPEN_DAY):
        key = call.day, call.record["response"]["model"]
        recorded[key] += call.charge
        apart[key] += call.charge - call.listed
    assert {row[:2]: row[2] for row in found} == pytest.approx(recorded, abs=Decimal("1e-12"))
    for day, model, recorded_usd, uncompared, difference, is_beyond, name in found:
        if model.startswith("acme/"):
            assert (uncompared, difference, name) == (recorded_usd, None, "no_price")
            continue
        assert (uncompared, is_beyond) == (None, True)
        assert difference == pytest.approx(apart[day, model], abs=Decimal("1e-12"))
        assert name == ("fees_or_route" if difference > 0 else "discount_or_route")


def test_estimates_that_differ_are_named_with_their_likeliest_class(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select model_id, recorded_cost_kind, recorded_cost_usd, list_cost_usd, difference_class "
        f"from marts.rpt_recorded_cost_differences where usage_date = date '{ESTIMATE_DAY}' order by 1"
    )
    # 0.06 recorded for 0.11 at list prices.
    assert found == [
        ("gpt-4o", "estimate", Decimal("0.06"), Decimal("0.11"), "below_list"),
        ("house-model-1", "estimate", Decimal(1), None, "no_price"),
        ("house-model-3", "charge", Decimal("2.5"), None, "no_price"),
    ]


def test_charges_are_reconciled_with_the_bill_of_the_day(warehouse: ScratchWarehouse, made: list[Call]) -> None:
    found = warehouse.rows(
        "select cast(usage_date as varchar), charged_request_count, recorded_charge_usd, billed_usd, "
        "counted_as_spend_usd, bill_status from marts.rpt_recorded_charges_daily where provider_id = 'openrouter' "
        "order by 1"
    )
    sums = [sum(call.charge for call in charged(made, day)) for day in (OPEN_DAY, BILLED_DAY)]
    assert found == [
        (OPEN_DAY, len(charged(made, OPEN_DAY)), sums[0], None, sums[0], "no_bill"),
        (BILLED_DAY, len(charged(made, BILLED_DAY)), sums[1], ACTIVITY_USD, 0, "bill_says_more"),
    ]
