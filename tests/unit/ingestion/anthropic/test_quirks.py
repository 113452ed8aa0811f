"""The quirks that are known of the Admin API's reports, each by its name."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.anthropic import parse
from tests.unit.ingestion.anthropic.answers import (
    bucket,
    claude_code_record,
    cost_line,
    cost_result,
    day,
    hour,
    usage_line,
    usage_result,
)
from tests.unit.ingestion.reading.spooled.spooling import Parsed, read, spooled


def usage(folder: Path, *lines: str) -> Parsed:
    return read(folder, parse.messages_usage, lines, "messages_usage/2026-08-01.jsonl.gz")


def costs(folder: Path, *lines: str) -> Parsed:
    return read(folder, parse.cost_report, lines, "cost_report/2026-08-01.jsonl.gz")


def claude_code(folder: Path, *records: Any) -> Parsed:
    lines = [spooled(each, "record", {"starting_at": "2026-08-01"}) for each in records]
    return read(folder, parse.claude_code, lines, "claude_code/2026-08-01.jsonl.gz")


@pytest.mark.parametrize(
    ("cents", "usd"),
    [
        ("123.45", "1.2345"),
        ("123.78912", "1.2378912"),
        ("0", "0"),
        ("1", "0.01"),
        ("1e2", "1"),
        ("5.2E-7", "0.0000000052"),
        ("-250", "-2.5"),
        ("1234567890123456789.99", "12345678901234567.8999"),
    ],
)
def test_quirk_cents_vs_dollars(tmp_path: Path, cents: str, usd: str) -> None:
    [row] = costs(tmp_path, cost_line(day(cost_result(amount=cents)))).rows["cost_report"]
    assert row["amount"] == Decimal(usd)
    assert Decimal(row["amount_text"]) == Decimal(usd)
    assert row["amount_cents_text"] == cents


def test_quirk_string_vs_number(tmp_path: Path) -> None:
    """Claude Code prints its cents as a number; a cost report that did so would be cents all the same."""
    line = cost_line(day(cost_result(amount="AMOUNT"))).replace('"AMOUNT"', "123.450")
    [row] = costs(tmp_path, line).rows["cost_report"]
    assert (row["amount"], row["amount_cents_text"]) == (Decimal("1.2345"), "123.450")
    model = {"model": "m", "tokens": {}, "estimated_cost": {"currency": "USD", "amount": 1025}}
    [row] = claude_code(tmp_path, claude_code_record(model_breakdown=[model])).rows["claude_code_models"]
    assert (row["estimated_cost"], row["estimated_cost_cents_text"]) == (Decimal("10.25"), "1025")


def test_quirk_amount_keeps_every_digit_where_twelve_places_do_not(tmp_path: Path) -> None:
    [row] = costs(tmp_path, cost_line(day(cost_result(amount="0.00000000012345")))).rows["cost_report"]
    assert row["amount"] == Decimal("0.000000000001")
    assert row["amount_text"] == "0.0000000000012345"


def test_quirk_null_workspace_is_the_default_one_only_when_grouped(tmp_path: Path) -> None:
    line = usage_line(hour(1, usage_result(workspace_id=None), usage_result()))
    assert [row["is_default_workspace"] for row in usage(tmp_path, line).rows["messages_usage"]] == [True, False]
    line = usage_line(hour(1, usage_result(workspace_id=None)), group_by=("model",))
    [row] = usage(tmp_path, line).rows["messages_usage"]
    assert (row["workspace_id"], row["is_default_workspace"], row["group_by"]) == (None, None, '["model"]')
    lines = [
        cost_line(day(cost_result(workspace_id=None)), group_by=group)
        for group in (("workspace_id", "description"), ("description",))
    ]
    found = [costs(tmp_path, line).rows["cost_report"][0]["is_default_workspace"] for line in lines]
    assert found == [True, None]


def test_quirk_null_api_key_is_the_console_only_when_grouped(tmp_path: Path) -> None:
    line = usage_line(hour(1, usage_result(api_key_id=None), usage_result()))
    assert [row["is_console"] for row in usage(tmp_path, line).rows["messages_usage"]] == [True, False]
    line = usage_line(hour(1, usage_result(api_key_id=None)), group_by=("model",))
    assert usage(tmp_path, line).rows["messages_usage"][0]["is_console"] is None


def test_quirk_null_api_key_of_a_service_account_is_not_the_console(tmp_path: Path) -> None:
    line = usage_line(hour(1, usage_result(api_key_id=None, service_account_id="svac_01")))
    assert usage(tmp_path, line).rows["messages_usage"][0]["is_console"] is False


def test_quirk_usage_hourly_vs_cost_daily_join(tmp_path: Path) -> None:
    """Hours and days meet on the UTC date of their starts."""
    hours = usage(tmp_path, *(usage_line(hour(number, usage_result())) for number in range(24)))
    starts = {row["bucket_start_utc"].date() for row in hours.rows["messages_usage"]}
    [cost] = costs(tmp_path, cost_line(day(cost_result()))).rows["cost_report"]
    assert starts == {cost["bucket_start_utc"].date()} == {date(2026, 8, 1)}
    assert cost["bucket_end_utc"] - cost["bucket_start_utc"] == timedelta(days=1)


def test_quirk_empty_buckets(tmp_path: Path) -> None:
    parsed = usage(tmp_path, usage_line(hour(1)), usage_line(hour(2, usage_result())))
    assert len(parsed.rows["messages_usage"]) == 1
    assert (parsed.quarantined, parsed.notes) == ([], [])


@pytest.mark.parametrize("tier", ["flex_discount", "priority_on_demand", "a tier of tomorrow"])
def test_quirk_service_tiers_unknown_to_your_enum(tmp_path: Path, tier: str) -> None:
    [row] = usage(tmp_path, usage_line(hour(1, usage_result(service_tier=tier)))).rows["messages_usage"]
    assert row["service_tier"] == tier


def test_quirk_context_window_is_taken_from_the_group(tmp_path: Path) -> None:
    """The step applies to whole requests, so it cannot be found again in an hourly sum."""
    line = usage_line(hour(1, usage_result(), usage_result(context_window="200k-1M")))
    rows = usage(tmp_path, line).rows["messages_usage"]
    assert [row["context_window"] for row in rows] == ["0-200k", "200k-1M"]


def test_quirk_ending_at_exclusive(tmp_path: Path) -> None:
    """What begins at the end of the day belongs to the next day's file."""
    next_day = bucket("2026-08-02T00:00:00Z", "2026-08-02T01:00:00Z", usage_result())
    parsed = usage(tmp_path, usage_line(hour(23, usage_result())), usage_line(next_day))
    assert [row["bucket_end_utc"] for row in parsed.rows["messages_usage"]] == [datetime(2026, 8, 2)]  # noqa: DTZ001
    assert [row.reason for row in parsed.quarantined] == ["outside_day"]


@pytest.mark.parametrize("name", ["2026-03-29", "2026-10-25"])
def test_quirk_dst_free_utc_days(tmp_path: Path, name: str) -> None:
    """Days have 24 hours also where Europe has 23 or 25; other offsets name the same instants."""
    starts = [datetime.fromisoformat(f"{name}T00:00:00+00:00") + timedelta(hours=number) for number in range(24)]
    lines = [usage_line(bucket(x.isoformat(), (x + timedelta(hours=1)).isoformat(), usage_result())) for x in starts]
    parsed = read(tmp_path, parse.messages_usage, lines, f"messages_usage/{name}.jsonl.gz")
    found = [row["bucket_start_utc"] for row in parsed.rows["messages_usage"]]
    assert found == [x.replace(tzinfo=None) for x in starts]
    shifted = bucket("2026-08-01T02:00:00+02:00", "2026-08-01T03:00:00+02:00", usage_result())
    [row] = usage(tmp_path, usage_line(shifted)).rows["messages_usage"]
    assert row["bucket_start_utc"] == datetime.fromisoformat("2026-08-01T00:00:00")


def test_quirk_total_input_is_the_sum_of_disjoint_parts_and_there_is_no_request_count(tmp_path: Path) -> None:
    [row] = usage(tmp_path, usage_line(hour(1, usage_result()))).rows["messages_usage"]
    parts = [value for name, value in row.items() if name.endswith("input_tokens")]
    assert sorted(parts) == [200, 500, 1000, 1500]
    assert not [name for name in row if "request" in name and row[name] == 0]


def test_quirk_code_execution_is_in_cost_only(tmp_path: Path) -> None:
    result = cost_result(cost_type="code_execution", token_type=None, model=None, description="Code Execution Usage")
    [row] = costs(tmp_path, cost_line(day(result))).rows["cost_report"]
    assert (row["cost_type"], row["token_type"], row["model"]) == ("code_execution", None, None)


def test_quirk_priority_tier_is_in_usage_and_not_in_cost(tmp_path: Path) -> None:
    """Usage of the tier lands as such; nothing makes up a charge for it."""
    parsed = usage(tmp_path, usage_line(hour(1, usage_result(service_tier="priority"))))
    assert parsed.rows["messages_usage"][0]["service_tier"] == "priority"
    assert "cost_report" not in parsed.rows


def test_quirk_cost_type_null_unless_grouped_by_description(tmp_path: Path) -> None:
    bare = {"currency": "USD", "amount": "5", "workspace_id": None}
    [row] = costs(tmp_path, cost_line(day(bare), group_by=())).rows["cost_report"]
    assert (row["cost_type"], row["description"], row["is_default_workspace"]) == (None, None, None)


def test_quirk_currency_is_kept_as_printed(tmp_path: Path) -> None:
    rows = costs(tmp_path, cost_line(day(cost_result(), cost_result(currency="usd")))).rows["cost_report"]
    assert [row["currency"] for row in rows] == ["USD", "usd"]


def test_quirk_geo_not_available_is_a_value(tmp_path: Path) -> None:
    line = usage_line(hour(1, usage_result(inference_geo="not_available")))
    assert usage(tmp_path, line).rows["messages_usage"][0]["inference_geo"] == "not_available"


def test_quirk_unknown_fields_are_kept(tmp_path: Path) -> None:
    result = usage_result(tomorrow={"a": 1.50}, cache_creation={"ephemeral_24h_input_tokens": 7})
    [row] = usage(tmp_path, usage_line(hour(1, result))).rows["messages_usage"]
    assert row["extra_columns"] == '{"tomorrow": {"a": 1.5}, "cache_creation.ephemeral_24h_input_tokens": 7}'
    assert row["cache_creation_5m_input_tokens"] is None, "what is not said is unknown, not zero"


def test_quirk_a_page_that_came_twice_counts_once(tmp_path: Path) -> None:
    line = usage_line(hour(1, usage_result()))
    parsed = usage(tmp_path, line, line)
    assert len(parsed.rows["messages_usage"]) == 1
    assert [str(note) for note in parsed.notes] == ["1 repeated rows count once"]
    parsed = usage(tmp_path, line, usage_line(hour(1, usage_result(output_tokens=501))))
    assert len(parsed.rows["messages_usage"]) == 1
    assert [row.reason for row in parsed.quarantined] == ["contradicting_repeat"]


def test_quirk_a_day_is_not_mixed_from_two_group_bys(tmp_path: Path) -> None:
    parsed = usage(
        tmp_path, usage_line(hour(1, usage_result())), usage_line(hour(1, usage_result()), group_by=("model",))
    )
    assert len(parsed.rows["messages_usage"]) == 1
    assert [row.reason for row in parsed.quarantined] == ["contradicting_repeat"]


def test_quirk_claude_code_counts_sessions_once_whatever_the_number_of_models(tmp_path: Path) -> None:
    model = claude_code_record()["model_breakdown"][0]
    parsed = claude_code(tmp_path, claude_code_record(model_breakdown=[model, model | {"model": "other"}]))
    [row] = parsed.rows["claude_code"]
    assert (row["num_sessions"], row["lines_added"], row["commits"], row["pull_requests"]) == (5, 1543, 12, 2)
    assert row["actor_email"] == "developer@example.com"
    assert row["tool_actions"] == '{"edit_tool": {"accepted": 45, "rejected": 5}}'
    models = parsed.rows["claude_code_models"]
    assert [row["model"] for row in models] == ["claude-opus-4-1", "other"]
    assert models[0]["cache_creation_tokens"] == 5000


def test_quirk_claude_code_actor_may_be_an_api_key_and_the_day_a_plain_date(tmp_path: Path) -> None:
    record = claude_code_record(date="2026-08-01", actor={"type": "api_actor", "api_key_name": "ci"})
    [row] = claude_code(tmp_path, record).rows["claude_code"]
    assert (row["actor_type"], row["actor_api_key_name"], row["usage_date"]) == ("api_actor", "ci", date(2026, 8, 1))


def test_lists_of_names_know_the_default_workspace_and_hold_no_part_of_a_key(tmp_path: Path) -> None:
    key = {
        "id": "apikey_01",
        "type": "api_key",
        "name": "ci",
        "workspace_id": None,
        "created_at": "2026-01-02T03:04:05Z",
        "created_by": {"id": "user_01", "type": "user"},
        "partial_key_hint": "sk-ant-api03-R2D...igAA",
        "status": "active",
    }
    parsed = read(tmp_path, parse.entities("api_keys"), [spooled(key, "record")], "api_keys/2026-08-01.jsonl.gz")
    [row] = parsed.rows["api_keys"]
    assert (row["id"], row["is_default_workspace"], row["created_by"]) == ("apikey_01", True, "user_01")
    assert "igAA" not in str(row)
