"""The quirks that are known of OpenRouter's activity API, each by its name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.openrouter import parse
from tests.unit.ingestion.reading.spooled.spooling import Parsed, read, spooled


def item(**changes: Any) -> dict[str, Any]:
    return {
        "date": "2026-08-01",
        "model": "openai/gpt-4.1",
        "model_permaslug": "openai/gpt-4.1-2025-04-14",
        "endpoint_id": "550e8400-e29b-41d4-a716-446655440000",
        "provider_name": "OpenAI",
        "usage": 0.015,
        "byok_usage_inference": 0.012,
        "requests": 5,
        "prompt_tokens": 50,
        "completion_tokens": 125,
        "reasoning_tokens": 25,
        "cached_tokens": 10,
    } | changes


def activity(folder: Path, *items: Any, group_by: tuple[str, ...] = ("workspace",)) -> Parsed:
    lines = [spooled(each, "record", {"group_by[]": list(group_by)}) for each in items]
    return read(folder, parse.activity, lines, "activity/2026-08-01.jsonl.gz")


def test_one_row_per_item(tmp_path: Path) -> None:
    [row] = activity(tmp_path, item()).rows["activity"]
    assert (row["usage_date"], row["model_permaslug"]) == (date(2026, 8, 1), "openai/gpt-4.1-2025-04-14")
    assert (row["usage"], row["usage_text"]) == (Decimal("0.015"), "0.015")
    assert (row["requests"], row["prompt_tokens"], row["completion_tokens"]) == (5, 50, 125)


def test_quirk_usage_is_a_float_read_from_its_digits(tmp_path: Path) -> None:
    [row] = activity(tmp_path, item(usage=1e-05, byok_usage_inference="0.1")).rows["activity"]
    assert row["usage"] == Decimal("0.00001")
    assert row["byok_usage_inference"] == Decimal("0.1")


def test_quirk_byok_is_beside_the_charge_and_not_in_it(tmp_path: Path) -> None:
    [row] = activity(tmp_path, item(usage=0, byok_usage_inference=2)).rows["activity"]
    assert (row["usage"], row["byok_usage_inference"]) == (0, 2)


def test_quirk_cached_tokens_may_exceed_prompt_tokens(tmp_path: Path) -> None:
    parsed = activity(tmp_path, item(prompt_tokens=5, cached_tokens=500))
    assert parsed.rows["activity"][0]["cached_tokens"] == 500
    assert parsed.quarantined == []


def test_quirk_reasoning_is_within_completion_as_reported(tmp_path: Path) -> None:
    [row] = activity(tmp_path, item()).rows["activity"]
    assert (row["completion_tokens"], row["reasoning_tokens"]) == (125, 25)


def test_quirk_one_item_per_endpoint_and_workspace(tmp_path: Path) -> None:
    parsed = activity(
        tmp_path, item(), item(endpoint_id="other"), item(workspace_id="w1"), item(workspace_id="w2"), item()
    )
    assert len(parsed.rows["activity"]) == 4
    assert [str(note) for note in parsed.notes] == ["1 repeated rows count once"]


def test_quirk_an_item_of_another_day_would_count_twice(tmp_path: Path) -> None:
    parsed = activity(tmp_path, item(date="2026-08-02"))
    assert parsed.rows == {}
    assert [row.reason for row in parsed.quarantined] == ["outside_day"]


@pytest.mark.parametrize("change", [{"date": None}, {"date": "tomorrow"}, {"requests": -1}, {"usage": "a lot"}])
def test_what_does_not_fit_is_quarantined_with_its_field(tmp_path: Path, change: dict[str, Any]) -> None:
    [bad] = activity(tmp_path, item(**change)).quarantined
    assert bad.field == next(iter(change))


def test_fields_of_tomorrow_are_kept(tmp_path: Path) -> None:
    [row] = activity(tmp_path, item(native_tokens=7)).rows["activity"]
    assert row["extra_columns"] == '{"native_tokens": 7}'
