"""Exports of tracing tools and gateways: variants of each, worked by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events.exports import helicone, langsmith, portkey, posthog
from tests.unit.ingestion.events.conftest import run
from tests.unit.ingestion.events.exporting import (
    LANGCHAIN,
    MESSAGE,
    SECRET,
    USED,
    Parse,
    ai_event,
    as_csv,
    as_parquet,
    asked,
    counts,
    lang_run,
)


@pytest.mark.parametrize(
    "fields",
    [
        {"usage_metadata": LANGCHAIN},
        {"usage_metadata": json.dumps(LANGCHAIN), "extra": json.dumps(lang_run()["extra"])},
        {"outputs": {"usage_metadata": LANGCHAIN, "content": SECRET}},
        {"usage_metadata": LANGCHAIN, "extra": {}, "metadata": {"ls_provider": "openai", "ls_model_name": "gpt-5"}},
        {"outputs": {"generations": [[{"text": SECRET, "message": MESSAGE}]]}},
        {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15, "prompt_token_details": {"cache_read": 8}},
        {"prompt_tokens": "12", "completion_tokens": "3", "prompt_token_details": '{"cache_read": 8}'},
        {
            "outputs": {
                "llm_output": {
                    "token_usage": {
                        "prompt_tokens": 12,
                        "completion_tokens": 3,
                        "prompt_tokens_details": {"cached_tokens": 8},
                    }
                }
            }
        },
    ],
    ids=["field", "text", "outputs", "newer API", "message", "flat", "flat text", "older"],
)
def test_a_langsmith_run_in_every_shape(parse_records: Parse, fields: dict[str, Any]) -> None:
    ((row,), bad) = parse_records(langsmith.parse, lang_run(**fields))
    assert not bad
    assert counts(row) == (4, 8, None, 3)
    assert (row["provider_name"], row["served_model"], row["duration_ms"]) == ("openai", "gpt-5", 2000)


def test_langsmith_counts_leaves_and_the_newest_version(parse_records: Parse, tmp_path: Path) -> None:
    used = {"usage_metadata": LANGCHAIN}
    longer = LANGCHAIN | {"output_tokens": 5, "total_tokens": 17}
    lines = [
        lang_run(id="agent", run_type="chain", **used),
        lang_run(id="outer", parent_run_id="agent", **used),
        lang_run(id="inner", parent_run_ids=["agent", "outer"], **used),
        lang_run(id="later", status="pending", end_time=None),
        lang_run(id="twice", **used),
        lang_run(
            id="twice",
            end_time="2026-11-10T11:00:09",
            usage_metadata=longer,
        ),
    ]
    rows, bad = parse_records(langsmith.parse, *lines)
    assert not bad
    assert [(row["event_id"], row["output_tokens"]) for row in rows] == [("inner", 3), ("twice", 5)]
    ((row,), _) = run(langsmith.parse, as_parquet(tmp_path / "r.parquet", lang_run(usage_metadata=LANGCHAIN)))
    assert counts(row) == (4, 8, None, 3)
    failed = lang_run(error="RateLimitError('" + SECRET + "')")
    ((row,), _) = parse_records(langsmith.parse, failed)
    assert (row["status"], row["error_type"]) == ("error", "RateLimitError")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"completion_tokens": 150, "prompt_cache_read_tokens": 4000, "total_tokens": 1050}, (900, 4000, None, 150)),
        (
            {
                "provider": "OPENAI",
                "response_model": "gpt-5",
                "completion_tokens": 150,
                "prompt_cache_read_tokens": 400,
            },
            (500, 400, None, 150),
        ),
        (  # 900 x 1.25 + 400 x 0.125 + 150 x 10 per M: the cost shows that the cache lies beside
            {
                "provider": "OPENAI",
                "response_model": "gpt-5",
                "completion_tokens": 150,
                "prompt_cache_read_tokens": 400,
                "cost": 0.002675,
            },
            (900, 400, None, 150),
        ),
        ({"completion_tokens": 150, "prompt_cache_write_tokens": 70}, (900, None, 70, 150)),
    ],
    ids=["claude", "openai", "by cost", "written"],
)
def test_helicone_prompts_and_their_cache(
    parse_records: Parse, fields: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    ((row,), bad) = parse_records(helicone.parse, asked(**fields))
    assert not bad
    assert counts(row) == expected


def test_helicone_hits_failures_and_unknown_counters(parse_records: Parse) -> None:
    lines = [
        asked(request_id="hit", completion_tokens=1, cache_reference_id="2b0e-0", cost=0),
        asked(request_id="unsent", response_status=-2),
        asked(request_id="failed", response_status=529, completion_tokens=0),
        asked(request_id="new", completion_tokens=1, zeta_flux_tokens=77),
        {"request_id": "bare", "request_created_at": "2026-11-10T11:10:00Z", "response_status": 200},
    ]
    rows, bad = parse_records(helicone.parse, *lines)
    said = [(row["event_id"], row["status"], row["is_billable"]) for row in rows]
    assert said == [("hit", "ok", False), ("unsent", "error", False), ("failed", "error", False), ("new", "ok", True)]
    assert json.loads(rows[3]["unresolved_usage"])[0]["quantity"] == 77
    assert [entry.reason for entry in bad] == ["missing_usage"]


def test_a_table_of_helicone_as_people_see_it(tmp_path: Path) -> None:
    path = tmp_path / "requests.csv"
    path.write_text(
        "Request ID,Created At,Status,Provider,Model,User,Prompt Tokens,Completion Tokens,Cost\n"
        'h-1,2026-11-10T11:10:00Z,200,OPENAI,gpt-5,u-3,"1,200",300,$0.0045\n'
    )
    ((row,), bad) = run(helicone.parse, path)
    assert not bad
    assert (row["event_id"], row["user_id"], counts(row)) == ("h-1", "u-3", (1200, None, None, 300))
    assert row["recorded_cost_usd"] == Decimal("0.0045")


def test_portkey_units_bodies_and_cents(parse_records: Parse) -> None:
    row = {"created_at": "2026-11-10T11:20:00Z", "ai_org": "openai", "ai_model": "gpt-5"}
    units = {"req_units": 1200, "res_units": 300, "total_units": 1500}
    used = {"prompt_tokens": 1200, "completion_tokens": 300, "prompt_tokens_details": {"cached_tokens": 1000}}
    lines = [
        row | units | {"id": "cents", "cost": "0.45"},  # 1,200 x 1.25 + 300 x 10 per M = 0.0045 dollars
        row | units | {"id": "dollars", "cost": 0.0045},
        row | units | {"id": "body", "response": {"body": {"model": "gpt-5", "usage": used, "choices": [SECRET]}}},
        row | units | {"id": "hit", "cost": 0, "cache_status": "SEMANTIC HIT"},
        row | units | {"id": "euro", "cost": 1, "cost_currency": "EUR"},
    ]
    rows, bad = parse_records(portkey.parse, *lines)
    assert [row.get("recorded_cost_usd") for row in rows[:2]] == [Decimal("0.0045")] * 2
    assert counts(rows[2]) == (200, 1000, None, 300)
    assert [row["is_billable"] for row in rows] == [True, True, True, False]
    assert [entry.reason for entry in bad] == ["unknown_currency"]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"model": "claude-sonnet-4-5", "provider": "anthropic"}, (900, 400, None, 150)),
        ({"model": "gpt-5", "provider": "openai"}, (500, 400, None, 150)),
        ({"model": "claude-sonnet-4-5", "cache_reporting_exclusive": False}, (500, 400, None, 150)),
        ({"model": "gpt-5", "cache_reporting_exclusive": True}, (900, 400, None, 150)),
        ({"model": "anthropic/claude-sonnet-4-5", "provider": "gateway", "framework": "vercel"}, (500, 400, None, 150)),
        ({"model": "gpt-5", "provider": "openai", "total_cost_usd": 0.002675}, (900, 400, None, 150)),
        ({"model": "gemini-2.5-flash", "provider": "google", "reasoning_tokens": 50}, (500, 400, None, 200)),
    ],
    ids=["claude", "openai", "said inside", "said beside", "vercel's gateway", "by cost", "google"],
)
def test_posthog_input_and_its_cache(
    parse_records: Parse, properties: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    ((row,), bad) = parse_records(posthog.parse, ai_event(**USED, **properties))
    assert not bad
    assert counts(row) == expected


def test_posthog_properties_as_text_and_as_columns(tmp_path: Path, parse_records: Parse) -> None:
    event = ai_event(**USED, model="gpt-5", provider="openai", input=[SECRET])
    flat = {name: item for name, item in event.items() if name != "properties"}
    flat |= {f"properties.{name}": item for name, item in event["properties"].items() if name != "$ai_input"}
    paths = (
        as_csv(tmp_path / "a.csv", event),
        as_csv(tmp_path / "b.csv", flat),
        as_parquet(tmp_path / "c.parquet", event),
    )
    for path in paths:
        ((row,), bad) = run(posthog.parse, path)
        assert not bad
        assert counts(row) == (500, 400, None, 150)
    span = ai_event(span_id="s1", **USED) | {"event": "$ai_span", "uuid": "e2"}
    below = ai_event(span_id="s2", parent_id="s1", model="gpt-5", **USED)
    rows, _ = parse_records(posthog.parse, span, below, {"event": "$pageview", "uuid": "e3", "timestamp": "x"})
    assert [row["event_id"] for row in rows] == ["e1"]


def test_sound_and_images_of_posthog(parse_records: Parse) -> None:
    sizes = {"input_tokens": 100, "output_tokens": 50, "audio_input_tokens": 30, "image_output_tokens": 20}
    ((row,), bad) = parse_records(posthog.parse, ai_event(model="gpt-5", **sizes, input_token_price=1, max_tokens=9))
    assert not bad
    assert (row["uncached_input_tokens"], row["audio_input_tokens"]) == (70, 30)
    assert (row["output_tokens"], row["image_output_tokens"]) == (30, 20)
    assert "unresolved_usage" not in row


def test_an_id_that_a_tool_gives_to_several_calls_loses_none_of_them(parse_records: Parse) -> None:
    first = asked(request_id="same-id-0001", completion_tokens=1)
    other = first | {"request_created_at": "2026-11-10T12:00:00Z", "prompt_tokens": 7}
    rows, bad = parse_records(helicone.parse, first, other, first, other)
    assert not bad
    assert sorted(row["uncached_input_tokens"] for row in rows) == [7, 900]
    assert len({row["event_id"] for row in rows}) == 2
    assert all(row["event_id"].startswith("same-id-0001#") for row in rows)


ANSWERED = {"model_name": "gpt-4o-2024-11-20"}


@pytest.mark.parametrize(
    "outputs",
    [
        {"llm_output": ANSWERED},
        {"generations": [[{"message": {"kwargs": {"content": SECRET, "response_metadata": ANSWERED}}}]]},
        {"content": SECRET, "response_metadata": ANSWERED},
    ],
)
def test_the_model_that_answered_counts_before_the_name_of_a_deployment(
    parse_records: Parse, outputs: dict[str, Any]
) -> None:
    extra = {"metadata": {"ls_provider": "azure", "ls_model_name": "prod-chat"}}
    ((row,), bad) = parse_records(langsmith.parse, lang_run(usage_metadata=LANGCHAIN, extra=extra, outputs=outputs))
    assert not bad
    assert (row["requested_model"], row["served_model"]) == ("prod-chat", "gpt-4o-2024-11-20")
