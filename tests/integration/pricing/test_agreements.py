"""Prices by account and by the month's volume, through the models, against Python's decimals over the raw requests.

One scratch warehouse: two months of requests of two accounts and one unknown, ladders, an account's own price.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.integration.dbt.tiny_company import PRICES, add_price_list, land_file, resolve
from tests.support.warehouse import ScratchWarehouse

START = datetime.fromisoformat("2026-03-01")
SELECTED = (
    "--select",
    "+fct_unpriced_usage_daily",
    "+int_llm_usage_daily",
    "fct_llm_requests",
    "+int_requests_priced",
    "+rpt_contract_tiers_monthly",
)
REBUILT = ("int_llm_usage_hourly int_usage_agreed_parts int_usage_cost_fingerprints int_llm_usage_daily").split()
BANDS = ((0, 20_000, Decimal(2)), (20_000, 50_000, Decimal("1.5")), (50_000, 90_000, Decimal(1)))
"""Units of a month and their price per million; above them the list holds."""
TOKENS = ("uncached_input_tokens", "cache_read_tokens", "output_tokens")
BEYOND_TEXT = {
    "event_id": "tuning",
    "requested_at_utc": START + timedelta(days=5),
    "provider_name": "OpenAI",
    "account_id": "acc-b",
    "requested_model": "gpt-tuned",
    "training_tokens": 3_000,
    "storage_mib_days": 7,
    "images": 2,
    "sessions": 1,
    "video_milliseconds": 900,
    "_source_file_id": 1,
    "_source_row": 1_000,
}


def requests(file_id: int, days: range, per_day: int, seed: int) -> list[dict[str, Any]]:
    """Requests of three models at random hours; only gpt-ladder is under the ladder."""
    random = Random(seed)
    return [
        {
            "event_id": f"{file_id}-{day}-{number}",
            "requested_at_utc": START + timedelta(days=day, seconds=random.randrange(86_400)),
            "provider_name": "OpenAI",
            "account_id": random.choice(("acc-a", "acc-b", None)),
            "api_key_id": random.choice(("key-0", "key-1", "key-2")),
            "requested_model": random.choice(("gpt-ladder", "gpt-ladder", "gpt-own", "gpt-plain")),
            "uncached_input_tokens": random.randrange(2_000),
            "cache_read_tokens": random.randrange(300),
            "output_tokens": random.randrange(400),
            "_source_file_id": file_id,
            "_source_row": number + 1,
        }
        for day in days
        for number in range(per_day)
    ]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    built = ScratchWarehouse.create(tmp_path_factory.mktemp("agreements"))
    for model in ("gpt-ladder", "gpt-own", "gpt-plain", "gpt-tuned"):
        add_price_list(built, model)
        resolve(built, model, model)
    ladder = [
        {"model": "gpt-ladder", "tier_from_units": low, "tier_to_units": high, "price_usd_per_million_units": price}
        for low, high, price in BANDS
    ]
    own = {"model": "gpt-own", "account_id": "acc-a", "discount_pct": Decimal(50)}
    built.insert("raw_org.negotiated_prices", [row | {"provider_name": "openai"} for row in (*ladder, own)])
    tuned = [
        {"model": "gpt-tuned", "meter": meter, "price_usd_per_million_units": Decimal(price), "provider_name": "openai"}
        for meter, price in (("training_token", 25), ("storage_mib_day", 100))
    ]
    built.insert("raw_org.negotiated_prices", tuned)
    land_file(built, 1, [*requests(1, range(3, 45), 6, seed=1), BEYOND_TEXT])
    built.dbt("seed")
    built.dbt("run", *SELECTED)
    return built


def list_cost(row: dict[str, Any]) -> Decimal:
    return sum((row[f"{meter}_tokens"] * Decimal(price) for meter, price in PRICES.items()), Decimal(0))


def through_bands(units: int) -> Decimal:
    """Cost of the first `units` of a month that lie inside a band."""
    return sum((price * max(0, min(units, high) - low) for low, high, price in BANDS), Decimal(0)) / 1_000_000


def expected_by_hour(rows: list[dict[str, Any]]) -> tuple[dict[datetime, int], dict[datetime, Decimal]]:
    """Units under the ladder per hour, and what those inside a band cost, in the order of hours."""
    units: dict[datetime, int] = defaultdict(int)
    for row in rows:
        if row["requested_model"] == "gpt-ladder":
            hour = row["requested_at_utc"].replace(minute=0, second=0)
            units[hour] += sum(row[name] for name in TOKENS)
    costs, before = {}, defaultdict(int)
    for hour in sorted(units):
        month = (hour.year, hour.month)
        costs[hour] = through_bands(before[month] + units[hour]) - through_bands(before[month])
        before[month] += units[hour]
    return dict(units), costs


def landed(warehouse: ScratchWarehouse) -> list[dict[str, Any]]:
    names = ["requested_model", "account_id", "requested_at_utc", *TOKENS]
    found = warehouse.rows(f"select {', '.join(names)} from raw_events.requests")
    return [dict(zip(names, row, strict=True)) for row in found]


def check_ladder(warehouse: ScratchWarehouse) -> None:
    units, costs = expected_by_hour(landed(warehouse))
    hours = {
        hour: (int(quantity), cost)
        for hour, quantity, cost in warehouse.rows(
            "select usage_hour_utc, sum(part_quantity),"
            " coalesce(sum(contracted_cost_usd) filter (tier_from_units is not null), 0)"
            " from intermediate.int_usage_agreed_parts where is_tiered group by 1"
        )
    }
    assert {hour: quantity for hour, (quantity, _) in hours.items()} == units
    assert {hour: cost for hour, (_, cost) in hours.items()} == costs
    month = defaultdict(int)
    for hour, quantity in units.items():
        month[f"{hour:%Y-%m}"] += quantity
    assert max(month.values()) > BANDS[-1][1], "a month runs through every band and beyond"
    cut = (
        "select count(*) from (select 1 from intermediate.int_usage_agreed_parts"
        " group by usage_row_id, meter having count(*) > 1)"
    )
    assert warehouse.value(cut) >= 3, "rows cross the boundaries"


def test_ladder_costs_each_hour_what_the_months_position_says(warehouse: ScratchWarehouse) -> None:
    check_ladder(warehouse)
    beyond = (
        "select sum(parts.contracted_cost_usd - parts.part_quantity * cards.list_price_usd_per_unit)"
        " from intermediate.int_usage_agreed_parts as parts join intermediate.int_price_card_meters as cards"
        " on cards.usage_context_id = parts.usage_context_id and cards.meter = parts.meter"
        " where parts.is_tiered and parts.tier_from_units is null"
    )
    assert warehouse.value(beyond) == 0


def test_parts_sum_to_the_usage_and_the_fact_carries_their_cost(warehouse: ScratchWarehouse) -> None:
    (row,) = warehouse.rows(
        "select sum(billable_quantity) filter (is_token), sum(contracted_cost_usd),"
        " count(*) filter (contracted_cost_usd is null) from marts.fct_llm_usage_hourly where model_id = 'gpt-ladder'"
    )
    (parts,) = warehouse.rows(
        "select sum(part_quantity), sum(contracted_cost_usd), 0"
        " from intermediate.int_usage_agreed_parts where is_tiered"
    )
    assert row == parts


def test_price_of_an_account_is_its_own_and_unknown_where_no_account_is_named(warehouse: ScratchWarehouse) -> None:
    expected: dict[str | None, Decimal] = defaultdict(Decimal)
    for row in landed(warehouse):
        if row["requested_model"] == "gpt-own":
            expected[row["account_id"]] += list_cost(row)
    found = dict(
        warehouse.rows(
            "select account_id, sum(contracted_cost_usd) from marts.fct_llm_usage_hourly"
            " where model_id = 'gpt-own' and is_token group by 1"
        )
    )
    assert found == {"acc-a": expected["acc-a"] / 2, "acc-b": expected["acc-b"], None: None}
    unknown = warehouse.rows(
        "select distinct unpriced_reason from marts.fct_unpriced_usage_daily where raw_model = 'gpt-own'"
    )
    assert unknown == [("account_not_reported",)]


def test_meters_beyond_text_cost_what_is_negotiated_and_are_else_unpriced_and_listed(
    warehouse: ScratchWarehouse,
) -> None:
    found = warehouse.rows(
        "select meter, quantity, list_cost_usd, contracted_cost_usd, unpriced_reason"
        " from marts.fct_llm_usage_hourly where model_id = 'gpt-tuned' and meter <> 'request' order by 1"
    )
    assert found == [
        ("image", 2, 0, 0, None),
        ("session", 1, None, None, "no_price_for_meter"),
        ("storage_mib_day", 7, None, Decimal("0.0007"), None),
        ("training_token", 3_000, None, Decimal("0.075"), None),
        ("video_millisecond", 900, None, None, "no_price_for_meter"),
    ]
    listed = "select meter, quantity from marts.fct_unpriced_usage_daily where raw_model = 'gpt-tuned' order by 1"
    assert warehouse.rows(listed) == [("request", 1), ("session", 1), ("video_millisecond", 900)]


def test_requests_under_such_prices_have_no_cost_of_their_own(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select raw_model, coalesce(account_id, '?'), unpriced_reason, count(contracted_cost_usd) > 0,"
        " count(list_cost_usd) = count(*) from marts.fct_llm_requests group by 1, 2, 3 order by 1, 2"
    )
    by_month = ("priced_by_month", False, True)
    alone = (None, True, True)
    assert found == [
        *(("gpt-ladder", account, *by_month) for account in ("?", "acc-a", "acc-b")),
        *(("gpt-own", account, *kind) for account, kind in (("?", by_month), ("acc-a", by_month), ("acc-b", alone))),
        *(("gpt-plain", account, *alone) for account in ("?", "acc-a", "acc-b")),
        ("gpt-tuned", "acc-b", "no_price_for_meter", False, False),
    ]


def test_late_usage_moves_the_rest_of_its_month_and_no_other(warehouse: ScratchWarehouse) -> None:
    daily = (
        "select usage_date, api_key_id, model_id, contracted_cost_usd, unknown_cost_row_count > 0, input_tokens,"
        " output_tokens, request_count from intermediate.int_llm_usage_daily"
    )
    in_april = (
        "select usage_date, md5(string_agg(t::varchar, '|' order by t::varchar))"
        " from intermediate.int_llm_usage_daily t where usage_date >= date '2026-04-01' group by 1 order by 1"
    )
    april = warehouse.rows(in_april)
    land_file(warehouse, 2, requests(2, range(0, 4), 9, seed=2), at=1)
    warehouse.dbt("run", *SELECTED, "--exclude", "path:models/staging")
    check_ladder(warehouse)
    tests = ("assert_daily_usage_equals_hourly", "assert_unknown_is_never_zero", "assert_unpriced_usage_is_listed")
    warehouse.dbt("test", "--select", *tests)
    incremental = sorted(map(repr, warehouse.rows(daily)))
    assert warehouse.rows(in_april) == april
    warehouse.dbt("run", "--full-refresh", "--select", *REBUILT)
    assert sorted(map(repr, warehouse.rows(daily))) == incremental


def test_hours_and_requests_agree_where_no_contract_counts_by_account_or_month(warehouse: ScratchWarehouse) -> None:
    """Requests of such days have no price of their own, so that neither side is compared."""
    warehouse.dbt("run", "--select", "fct_llm_usage_hourly", "int_report_coverage")
    warehouse.dbt("test", "--select", "assert_hourly_cost_equals_request_cost")
