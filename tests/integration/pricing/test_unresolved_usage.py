"""Usage that no rule prices completely: unknown cost in requests and hours, "at least" beside it, named in a report."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.vocabulary.meters import METERS
from tests.support.priced_events import land_priced
from tests.support.warehouse import ScratchWarehouse

AT = "2026-11-10T10:00:00Z"


def _body(identity: str, provider: str, model: str, **body: Any) -> dict[str, Any]:
    return {"timestamp": AT, "provider": provider, "response": {"id": identity, "model": model, **body}}


def _message(identity: str, model: str, **usage: Any) -> dict[str, Any]:
    counts = {"input_tokens": 1_000, "output_tokens": 500, "service_tier": "standard"}
    return {"timestamp": AT, "response": {"id": identity, "type": "message", "model": model, "usage": counts | usage}}


CHAT = {"prompt_tokens": 1_000, "completion_tokens": 500, "total_tokens": 1_500}
CONTAINER = {"type": "code_interpreter_call", "container_id": "c1"}
RECORDS: dict[str, tuple[dict[str, Any], str | None, str | None, str | None]] = {
    # (record, list cost, cost of what is priced, reason), worked out by hand from the published prices.
    "plain": (_body("plain", "openai", "gpt-5", usage=CHAT), "0.00625", "0.00625", None),
    "unknown": (
        _body("unknown", "openai", "gpt-5", usage=CHAT | {"zeta_tokens": 7}),
        None,
        "0.00625",
        "unknown_counter",
    ),
    "container": (
        _body(
            "container",
            "openai",
            "gpt-5",
            object="response",
            output=[CONTAINER, CONTAINER, {"type": "web_search_call"}],
            usage={"input_tokens": 1_000, "output_tokens": 500, "total_tokens": 1_500},
        ),
        None,
        "0.02375",
        "unmetered_tool",
    ),
    "images": (
        _body("images", "openai", "gpt-image-1", created=1, data=[{"b64_json": "x"}]),
        None,
        "0",
        "no_price_for_meter",
    ),
    "seconds": (
        _body("seconds", "openai", "gpt-4o-transcribe", usage={"type": "duration", "seconds": 60}),
        None,
        "0",
        "no_price_for_meter",
    ),
    "heard": (
        _body("heard", "openai", "whisper-1", usage={"type": "duration", "seconds": 60}),
        "0.006",
        "0.006",
        None,
    ),
    "us": (_message("us", "claude-opus-4-8", inference_geo="us"), "0.01925", "0.01925", None),
    "us_fast": (_message("us_fast", "claude-opus-4-8", inference_geo="us", speed="fast"), "0.0385", "0.0385", None),
    "us_search": (
        _message("us_search", "claude-opus-4-8", inference_geo="us", server_tool_use={"web_search_requests": 2}),
        "0.03925",
        "0.03925",
        None,
    ),
    "eu": (_message("eu", "claude-opus-4-8", inference_geo="eu"), None, "0", "price_region_unknown"),
    "old_us": (_message("old_us", "claude-sonnet-4-5", inference_geo="us"), None, "0", "price_region_unknown"),
    "vertex": (
        _body(
            "vertex", "google", "claude-opus-4-8", type="message", usage={"input_tokens": 1_000, "output_tokens": 500}
        )
        | {"url": "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/x"},
        "0.01925",
        "0.01925",
        None,
    ),
    "openai_eu": (
        _body("openai_eu", "openai", "gpt-5.4", usage=CHAT) | {"url": "https://eu.api.openai.com/v1/chat/completions"},
        "0.011",
        "0.011",
        None,
    ),
    "openai_eu_old": (
        _body("openai_eu_old", "openai", "gpt-5", usage=CHAT)
        | {"url": "https://eu.api.openai.com/v1/chat/completions"},
        "0.00625",
        "0.00625",
        None,
    ),
    "router": (
        _body("router", "azure", "gpt-5-nano", usage=CHAT) | {"requested_model": "model-router"},
        "0.00039",
        "0.00039",
        None,
    ),
    "x_search": (
        _body("x_search", "xai", "grok-4", usage=CHAT | {"server_side_tool_usage_details": {"x_search_calls": 3}}),
        "0.0255",
        "0.0255",
        None,
    ),
    "sdk": (_body("sdk", "openai.responses", "gpt-5", usage=CHAT), "0.00625", "0.00625", None),
    "charge": (
        _body("charge", "xai", "grok-imagine-image", usage={"cost_in_usd_ticks": 200_000_000}),
        None,
        None,
        "usage_not_reported",
    ),
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    found = ScratchWarehouse.create(Path(tmp_path_factory.mktemp("unresolved")) / "home")
    rows = [row for record, *_ in RECORDS.values() for row in read_call(record, Counter())]
    every = dict.fromkeys((meter.raw_column for meter in METERS if meter.raw_column), 0)
    rows.append(
        {
            "event_id": "every",
            "requested_at_utc": datetime.fromisoformat("2026-11-10T11:00:00"),
            "provider_name": "openai",
            "served_model": "gpt-5",
            **{name: 10 ** (number % 4) + number for number, name in enumerate(every, start=1)},
        }
    )
    land_priced(found, rows)
    found.dbt("seed")
    found.dbt("run", "--select", "+rpt_unresolved_usage", "+int_llm_usage_daily", "+rpt_usage_daily", "+rpt_cost_daily")
    return found


@pytest.mark.parametrize("name", RECORDS)
def test_cost_of_a_request_is_known_or_said_to_be_at_least(warehouse: ScratchWarehouse, name: str) -> None:
    _, cost, at_least, reason = RECORDS[name]
    (row,) = warehouse.rows(
        "select list_cost_usd, priced_meters_list_cost_usd, unpriced_reason, has_unknown_usage, has_reported_usage "
        f"from marts.fct_llm_requests where event_id = '{name}'"
    )
    assert row[0] == (None if cost is None else Decimal(cost))
    assert (row[1] or Decimal(0)) == Decimal(at_least or 0)
    assert row[2] == reason
    assert row[3] == (reason in ("unknown_counter", "unmetered_tool") or name in ("images", "seconds"))


def test_hours_and_days_hold_the_same_and_are_incomplete_where_requests_are(warehouse: ScratchWarehouse) -> None:
    hourly = warehouse.rows(
        "select meter, list_cost_usd, unpriced_reason from marts.fct_llm_usage_hourly "
        "where unknown_usage_reason = 'unmetered_tool' order by meter"
    )
    assert {(meter, reason) for meter, cost, reason in hourly if cost is None} == {("request", "unmetered_tool")}
    assert sum(cost for _, cost, _ in hourly if cost is not None) == Decimal("0.02375")
    total, unknown = warehouse.rows(
        "select sum(list_cost_usd), count(*) - count(contracted_cost_usd) from marts.fct_llm_usage_hourly"
    )[0]
    assert warehouse.rows(
        "select sum(list_cost_usd), sum(unknown_cost_row_count) from intermediate.int_llm_usage_daily"
    ) == [(total, unknown)]
    warehouse.dbt("test", "--select", "assert_hourly_cost_equals_request_cost", "assert_unknown_is_never_zero")


def test_one_resolver_names_the_provider_of_facts_and_prices(warehouse: ScratchWarehouse) -> None:
    assert warehouse.rows(
        "select provider_id from marts.fct_llm_requests where event_id in ('sdk', 'x_search', 'plain') order by 1"
    ) == [("openai",), ("openai",), ("x-ai",)]


def test_what_is_unresolved_is_named_with_its_quantity(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select raw_model, usage_key, reason, request_count, quantity, is_cost_incomplete "
        "from marts.rpt_unresolved_usage where reason <> 'priced_by_fallback' order by reason, usage_key, raw_model"
    )
    assert found == [
        ("claude-opus-4-8", "region eu", "price_region_unknown", 1, 1_500, True),
        ("claude-sonnet-4-5", "region us", "price_region_unknown", 1, 1_500, True),
        ("gpt-5", "usage.zeta_tokens", "unknown_counter", 1, 7, True),
        ("gpt-5", "output.code_interpreter_call.container_minutes", "unmetered_tool", 1, 1, True),
    ]
    fallback = warehouse.rows("select usage_key from marts.rpt_unresolved_usage where reason = 'priced_by_fallback'")
    assert {key for (key,) in fallback} == {
        meter.name for meter in METERS if meter.is_token and meter.dimensions.get("modality")
    }


def test_request_hour_and_report_hold_every_meter_alike(warehouse: ScratchWarehouse) -> None:
    quantities = dict.fromkeys((meter.name for meter in METERS), 0)
    given = warehouse.rows("select * from raw_events.requests where event_id = 'every'")
    with warehouse.connection() as connection:
        names = [row[0] for row in connection.execute("describe raw_events.requests").fetchall()]
    event = dict(zip(names, given[0], strict=True))
    tokens = dict.fromkeys(("input", "output"), 0)
    for meter in METERS:
        quantities[meter.name] = event[meter.raw_column] if meter.raw_column else 1
        if meter.is_token:
            tokens[meter.dimensions["direction"]] += event[meter.raw_column or ""]
    at_hour = "usage_hour_utc = timestamp '2026-11-10 11:00:00'"
    hourly = dict(warehouse.rows(f"select meter, quantity from marts.fct_llm_usage_hourly where {at_hour}"))
    surcharges = {meter.name for meter in METERS if meter.is_surcharge}
    assert {**quantities} == {**hourly, **{name: quantities[name] for name in surcharges}}
    request = warehouse.rows(
        "select input_tokens, output_tokens, total_tokens from marts.fct_llm_requests where event_id = 'every'"
    )
    assert request == [(tokens["input"], tokens["output"], sum(tokens.values()))]
    totals = warehouse.rows("select sum(input_tokens), sum(output_tokens) from marts.fct_llm_requests")[0]
    assert warehouse.rows("select sum(input_tokens), sum(output_tokens) from intermediate.int_llm_usage_daily") == [
        totals
    ]
    assert warehouse.rows("select sum(input_tokens), sum(output_tokens) from marts.rpt_cost_daily") == [totals]
