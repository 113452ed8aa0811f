"""Drafts of mappings: what a column is by its name and content, and what is left to a person."""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.chunks import Chunk
from ingestion.sources.events.mapped.drafting import Draft, draft
from ingestion.sources.events.mapped.mapping import mapping_from


def _draft(**columns: list[Any]) -> Draft:
    count = len(next(iter(columns.values())))
    found = draft(Chunk(list(range(1, count + 1)), columns, lambda index: ""))
    return found


def test_names_of_many_tools_and_nested_usage() -> None:
    found = _draft(
        createdAt=["2026-11-01T10:00:00Z"],
        model=["gpt-5"],
        usage=[{"prompt_tokens": 100, "completion_tokens": 7}],
        cost=["$0.005067"],
        mood=["good"],
    )
    assert found.content["columns"] == {
        "requested_at_utc": "createdAt",
        "requested_model": "model",
        "input_tokens": "usage.prompt_tokens",
        "output_tokens": "usage.completion_tokens",
        "recorded_cost_usd": "cost",
        "provider_name": {"constant": "openai"},
    }
    assert found.unplaced == ["mood"]
    assert not found.open_questions
    mapping_from(found.content)


def test_the_total_tells_whether_cached_tokens_are_inside() -> None:
    base = {"timestamp": ["2026-11-01T10:00:00Z"], "model": ["m"], "input_tokens": ["1,000"], "output_tokens": [50]}
    inside = _draft(**base, cached_tokens=[600], total_tokens=[1050])
    beside = _draft(**base, cached_tokens=[600], total_tokens=[1650])
    larger = _draft(**base, cached_tokens=[4000])
    assert inside.content["input_includes_cached"] is True
    assert beside.content["input_includes_cached"] is False
    assert larger.content["input_includes_cached"] is False


def test_what_no_row_tells_is_asked_and_not_guessed() -> None:
    found = _draft(timestamp=["2026-11-01T10:00:00Z"], model=["m"], input_tokens=[1000], cached_tokens=[600])
    assert "input_includes_cached" not in found.content
    assert any("input_includes_cached" in each for each in found.open_questions)


def test_times() -> None:
    def form(*values: Any) -> Any:
        return _draft(time=list(values), model=["m"] * len(values))

    assert form(1794304800).content["columns"]["requested_at_utc"] == {"from": "time", "format": "epoch_s"}
    assert form("1794304800123").content["columns"]["requested_at_utc"] == {"from": "time", "format": "epoch_ms"}
    day_first = form("25/12/2025 10:00", "01/12/2025 10:00")
    assert day_first.content["columns"]["requested_at_utc"]["format"] == "%d/%m/%Y %H:%M"
    assert not day_first.open_questions
    assert any("day or month" in each for each in form("01/12/2025 10:00").open_questions)
    assert any("without a zone" in each for each in form("2026-11-01 10:00:00").open_questions)


def test_a_cost_in_another_currency_is_named_and_not_taken() -> None:
    found = _draft(timestamp=["2026-11-01T10:00:00Z"], model=["m"], cost=["€0.12"])
    assert "recorded_cost_usd" not in found.content["columns"]
    assert any("not in USD" in each for each in found.unplaced)


def test_a_file_without_time_or_model_asks_for_them() -> None:
    assert len(_draft(input_tokens=[3]).open_questions) == 2


def test_a_part_of_a_name_places_a_counter_and_asks_and_other_tokens_are_asked_about() -> None:
    found = _draft(
        time=["2026-11-01T10:00:00Z"],
        model=["m"],
        input_tokens=[1000],
        of_which_cached=[600],
        voice_tokens=[5],
        cached_by=["x"],
    )
    assert found.content["columns"]["cache_read_tokens"] == "of_which_cached"
    assert any("of_which_cached was taken for cache_read_tokens" in asked for asked in found.open_questions)
    assert any("voice_tokens holds whole numbers" in asked for asked in found.open_questions)
    assert found.unplaced == ["voice_tokens", "cached_by"]


def test_what_a_draft_asks_and_reads_of_exports_by_hand() -> None:
    found = _draft(
        **{
            "Created At": ["11/13/2026 02:05:09 PM"],
            "Model": ["gpt-4o"],
            "in_tok": [100],
            "output_ktokens": ["0.5"],
            "requests": [37],
            "cost": ["0,0123"],
        }
    )
    columns = found.content["columns"]
    assert columns["requested_at_utc"] == {"from": "Created At", "format": "%m/%d/%Y %I:%M:%S %p"}
    assert (columns["input_tokens"], found.content["decimal_comma"]) == ("in_tok", True)
    asked = " ".join(found.open_questions)
    assert all(words in asked for words in ("scale: 1000", "sum of several", "in_tok was taken for input_tokens"))
    mapping_from(found.content)
    found = _draft(time_unix_nano=["1794304800000000000"], model=["m"], output_tokens=[1], cost_micros=[5])
    assert found.content["columns"]["requested_at_utc"] == {"from": "time_unix_nano", "format": "epoch_ns"}
    assert found.content["columns"]["recorded_cost_usd"] == {"from": "cost_micros", "unit": "microdollars"}


def test_a_table_of_sums_is_dated_by_its_day_and_asks_how_many_calls_a_row_is() -> None:
    found = _draft(
        date=["2026-11-10"],
        created_at=["2026-11-12 03:00:00"],
        model=["gpt-5"],
        custom_llm_provider=["openai"],
        prompt_tokens=[1000],
        completion_tokens=[100],
        api_requests=[5],
    )
    columns = found.content["columns"]
    assert (columns["requested_at_utc"], columns["provider_name"]) == ("date", "custom_llm_provider")
    assert any("summed_calls: api_requests" in question for question in found.open_questions)
