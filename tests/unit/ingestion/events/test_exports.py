"""Exports of gateways, tracing tools and vendors' pages: variants of each, worked by hand."""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.sources.events import provider_bodies
from ingestion.sources.events.exports import cursor, helicone, langsmith, ollama, openrouter, portkey, posthog, vertex
from ingestion.sources.events.routing import READERS
from tests.unit.ingestion.events.conftest import run

Parse = Callable[..., Any]
SECRET = "the words of a person"


def counts(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    return tuple(row.get(name) for name in names)


def as_text(item: Any) -> Any:
    return json.dumps(item) if isinstance(item, dict | list) else item


def as_csv(path: Path, *rows: dict[str, Any]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {name: json.dumps(item) if isinstance(item, dict | list) else item for name, item in row.items()}
        )
    path.write_text(text.getvalue())
    return path


def as_parquet(path: Path, *rows: dict[str, Any]) -> Path:
    texts = [{name: json.dumps(item) if isinstance(item, dict) else item for name, item in row.items()} for row in rows]
    pq.write_table(pa.Table.from_pylist(texts), path)
    return path


def vertex_row(**columns: Any) -> dict[str, Any]:
    place = "projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash"
    row = {"endpoint": place, "logging_time": "2026-11-10 10:00:00 UTC", "request_id": "73", "api_method": "x"}
    return row | {"model": "publishers/google/models/gemini-2.5-flash"} | columns


GEMINI = {"usageMetadata": {"promptTokenCount": 12, "cachedContentTokenCount": 8, "candidatesTokenCount": 3}}
SNAKE = {"usage_metadata": {"prompt_token_count": 12, "cached_content_token_count": 8, "candidates_token_count": 3}}


@pytest.mark.parametrize(
    "columns",
    [
        {"full_response": GEMINI},
        {"full_response": SNAKE},
        {"full_response": json.dumps(SNAKE)},
        {"full_response": [{"usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 1}}, GEMINI]},
        {"response_payload": [json.dumps(GEMINI)]},
        {"response_payload": [json.dumps(GEMINI)[:20], json.dumps(GEMINI)[20:]]},
        {"response_payload": ["data: " + json.dumps(GEMINI) + "\n\n"]},
        {"full_response": {}, "response_payload": json.dumps([json.dumps(GEMINI)])},
    ],
    ids=["camel", "snake", "text", "stream", "payload", "cut payload", "events", "empty response"],
)
def test_a_vertex_response_in_every_shape(parse_records: Parse, columns: dict[str, Any]) -> None:
    rows, bad = parse_records(vertex.parse, vertex_row(**columns), vertex_row(**columns))
    assert not bad
    assert [(row["event_id"], counts(row)) for row in rows] == [("73", (4, 8, None, 3))]
    assert (rows[0]["region"], rows[0]["project_id"], rows[0]["requested_model"]) == (
        "us-central1",
        "p",
        "gemini-2.5-flash",
    )


def test_vertex_tables_as_csv_and_parquet(tmp_path: Path) -> None:
    big = "7330457132958793728"
    row = vertex_row(request_id=big, full_response=GEMINI, full_request={"labels": {"team": "t"}, "x": SECRET})
    for path in (as_csv(tmp_path / "v.csv", row), as_parquet(tmp_path / "v.parquet", row)):
        ((found,), bad) = run(vertex.parse, path)
        assert not bad
        assert (found["event_id"], counts(found)) == (big, (4, 8, None, 3))
        assert json.loads(found["tags"])["team"] == "t"


def test_vertex_failures_embeddings_and_rows_without_answer(parse_records: Parse) -> None:
    failed = vertex_row(request_id="1", full_response={"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}})
    vectors = {"predictions": [{"embeddings": {"statistics": {"token_count": n}}} for n in (5, 7)]}
    embedded = vertex_row(request_id="2", api_method="predict", full_response=vectors)
    rows, bad = parse_records(vertex.parse, failed, embedded, vertex_row(request_id="3"))
    assert [(row["event_id"], row["status"], counts(row)) for row in rows] == [
        ("1", "error", (None, None, None, None)),
        ("2", "ok", (12, None, None, None)),
    ]
    assert [entry.reason for entry in bad] == ["missing_usage"]


def lang_run(**fields: Any) -> dict[str, Any]:
    metadata = {"ls_provider": "openai", "ls_model_name": "gpt-5"}
    given = {"id": "r1", "run_type": "llm", "name": "Chat", "start_time": "2026-11-10T11:00:00.5"}
    return given | {"end_time": "2026-11-10T11:00:02.5", "status": "success", "extra": {"metadata": metadata}} | fields


LANGCHAIN = {"input_tokens": 12, "output_tokens": 3, "total_tokens": 15, "input_token_details": {"cache_read": 8}}
MESSAGE = {"kwargs": {"content": SECRET, "usage_metadata": LANGCHAIN}}


@pytest.mark.parametrize(
    "fields",
    [
        {"usage_metadata": LANGCHAIN},
        {"usage_metadata": json.dumps(LANGCHAIN), "extra": json.dumps(lang_run()["extra"])},
        {"outputs": {"usage_metadata": LANGCHAIN, "content": SECRET}},
        {"outputs": {"generations": [[{"text": SECRET, "message": MESSAGE}]]}},
        {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15, "prompt_token_details": {"cache_read": 8}},
        {"prompt_tokens": "12", "completion_tokens": "3", "prompt_token_details": '{"cache_read": 8}'},
    ],
    ids=["field", "text", "outputs", "message", "flat", "flat text"],
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


def asked(**fields: Any) -> dict[str, Any]:
    row = {"request_id": "h1", "request_created_at": "2026-11-10T11:10:00Z", "response_status": 200}
    return row | {"response_model": "claude-sonnet-4-5", "provider": "ANTHROPIC", "prompt_tokens": 900} | fields


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
    assert said == [("hit", "ok", False), ("unsent", "error", False), ("failed", "error", True), ("new", "ok", True)]
    assert json.loads(rows[3]["unresolved_usage"])[0]["quantity"] == 77
    assert [entry.reason for entry in bad] == ["missing_usage"]


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


def ai_event(**properties: Any) -> dict[str, Any]:
    found = {f"$ai_{name}": item for name, item in properties.items()}
    return {"uuid": "e1", "event": "$ai_generation", "timestamp": "2026-11-10T11:30:00Z", "properties": found}


USED = {"input_tokens": 900, "output_tokens": 150, "cache_read_input_tokens": 400}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"model": "claude-sonnet-4-5", "provider": "anthropic"}, (900, 400, None, 150)),
        ({"model": "gpt-5", "provider": "openai"}, (500, 400, None, 150)),
        ({"model": "claude-sonnet-4-5", "cache_reporting_exclusive": False}, (500, 400, None, 150)),
        ({"model": "gpt-5", "cache_reporting_exclusive": True}, (900, 400, None, 150)),
        ({"model": "gpt-5", "provider": "openai", "total_cost_usd": 0.002675}, (900, 400, None, 150)),
        ({"model": "gemini-2.5-flash", "provider": "google", "reasoning_tokens": 50}, (500, 400, None, 200)),
    ],
    ids=["claude", "openai", "said inside", "said beside", "by cost", "google"],
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


HEADER = "Date,User,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),"
HEADER += "Cache Read,Output Tokens,Total Tokens,Cost"


@pytest.mark.parametrize(
    ("line", "expected", "cost", "is_billable"),
    [
        ("2026-11-10T11:50:00Z,d,On-Demand,x,No,2000,1000,5000,500,8500,$0.03", (1000, 5000, 2000, 500), "0.03", True),
        ("2026-11-10T11:50:00Z,d,On-Demand,x,No,1200,1000,5000,300,6500,0.12", (1000, 5000, 200, 300), "0.12", True),
        ("2026-11-10T11:50:00Z,d,Included,x,No,0,100,0,10,110,Included", (100, 0, 0, 10), None, False),
        ('2026-11-10T11:50:00Z,d,Free,x,No,0,"1,000",0,10,"1,010",Free', (1000, 0, 0, 10), None, False),
        ('2026-11-10T11:50:00Z,d,"Errored, Not Charged",x,No,0,100,0,0,100,-', (100, 0, 0, 0), None, False),
    ],
    ids=["beside", "inside", "included", "free", "errored"],
)
def test_a_row_of_cursor(
    tmp_path: Path, line: str, expected: tuple[int, ...], cost: str | None, is_billable: bool
) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(f"{HEADER}\n{line}\n")
    ((row,), bad) = run(cursor.parse, path)
    assert not bad
    assert (counts(row), row["is_billable"]) == (expected, is_billable)
    assert row.get("recorded_cost_usd") == (Decimal(cost) if cost else None)


def test_cursor_equal_rows_and_pages_of_the_admin_api(tmp_path: Path, parse_records: Parse) -> None:
    line = "2026-11-10T11:50:00Z,d,On-Demand,x,No,0,100,0,10,110,0.01"
    path = tmp_path / "usage.csv"
    path.write_text("\n".join([HEADER, line, line, ""]))
    first, _ = run(cursor.parse, path)
    again, _ = run(cursor.parse, path)
    assert len({row["event_id"] for row in first}) == 2
    assert [row["event_id"] for row in first] == [row["event_id"] for row in again]
    used = {"inputTokens": 100, "outputTokens": 10, "cacheWriteTokens": 20, "cacheReadTokens": 30, "totalCents": 1.5}
    event = {"timestamp": "1794303000000", "model": "x", "kind": "Usage-based", "userEmail": "d@x", "tokenUsage": used}
    ((row,), bad) = parse_records(cursor.parse, {"usageEventsDisplay": [event]})
    assert not bad
    assert (counts(row), row["recorded_cost_usd"]) == ((100, 30, 20, 10), Decimal("0.015"))


def test_openrouter_records_days_and_own_keys(parse_records: Parse, tmp_path: Path) -> None:
    record = {"id": "gen-1", "created_at": "2026-11-10T11:40:00Z", "model": "openai/gpt-5", "total_cost": 0.0055}
    record |= {"tokens_prompt": 8000, "tokens_completion": 280, "native_tokens_prompt": 9200}
    record |= {"native_tokens_completion": 300, "native_tokens_cached": 8000, "native_tokens_new": 5}
    own = record | {"id": "gen-2", "total_cost": 0.001, "is_byok": True, "upstream_inference_cost": 0.02}
    rows, bad = parse_records(openrouter.parse, {"data": record}, own)
    assert not bad
    assert [counts(row) for row in rows] == [(1200, 8000, None, 300)] * 2
    assert [row["recorded_cost_usd"] for row in rows] == [Decimal("0.0055"), Decimal("0.021")]
    assert json.loads(rows[0]["unresolved_usage"])[0]["quantity"] == 5
    path = tmp_path / "days.csv"
    path.write_text("Date,Slug,Usage,Requests,Prompt Tokens,Completion Tokens\n2026-11-10,a/b,0.5,1,100,10\n")
    ((row,), bad) = run(openrouter.parse, path)
    assert (counts(row), row["recorded_cost_usd"], "unresolved_usage" in row) == (
        (100, None, None, 10),
        Decimal("0.5"),
        False,
    )


def test_ollama_streams_envelopes_and_cached_prompts(parse_records: Parse) -> None:
    answer = {"model": "llama3.2", "created_at": "2026-11-10T11:55:00.123456789Z", "total_duration": 5_000_000_000}
    last = answer | {"done": True, "eval_count": 9, "prompt_eval_count": 4, "response": SECRET}
    lines = [
        answer | {"done": False, "response": SECRET},
        last,
        last,
        answer | {"created_at": "2026-11-10T11:56:00Z", "done": True, "eval_count": 3},
        {"timestamp": "2026-11-10T11:57:00Z", "user_id": "u", "response": {"model": "e", "prompt_eval_count": 8}},
    ]
    rows, bad = parse_records(ollama.parse, *lines)
    assert not bad
    assert [counts(row) for row in rows] == [(4, None, None, 9), (None, None, None, 3), (8, None, None, None)]
    assert rows[0]["duration_ms"] == 5000
    assert rows[2]["user_id"] == "u"


def test_unknown_counters_of_ollama_and_vertex_are_named(parse_records: Parse) -> None:
    answer = {"model": "l", "created_at": "2026-11-10T11:55:00Z", "done": True, "eval_count": 9, "cached_eval_count": 6}
    body = {"usageMetadata": GEMINI["usageMetadata"] | {"zetaTokenCount": 6}}
    for parse, record in ((ollama.parse, answer), (vertex.parse, vertex_row(full_response=body))):
        ((row,), _) = parse_records(parse, record)
        assert json.loads(row["unresolved_usage"])[0]["quantity"] == 6


@pytest.mark.parametrize(
    ("folder", "record"),
    [
        ("vertex", vertex_row(full_response=GEMINI)),
        (
            "ollama",
            {"model": "l", "created_at": "2026-11-10T11:55:00Z", "done": True, "eval_count": 9, "total_duration": 1},
        ),
        ("langsmith", lang_run(usage_metadata=LANGCHAIN)),
        ("posthog", ai_event(**USED, model="gpt-5")),
        ("helicone", asked(completion_tokens=1)),
        ("litellm", {"id": "i", "startTime": 1794303000.5, "response_cost": 0.1, "prompt_tokens": 5, "model": "gpt-5"}),
    ],
)
def test_a_tool_is_recognised_among_bodies(parse_records: Parse, folder: str, record: dict[str, Any]) -> None:
    ((there,), _) = parse_records(importlib.import_module(READERS[folder]).parse, record)
    ((here,), bad) = parse_records(provider_bodies.parse, record)
    assert not bad
    assert here["event_source"] == "provider_bodies"
    assert (here["event_id"], counts(here)) == (there["event_id"], counts(there))


def test_nothing_that_people_wrote_is_kept(parse_records: Parse) -> None:
    texts = {"input": SECRET, "output": SECRET, "prompt": SECRET, "response": SECRET, "inputs": {"a": SECRET}}
    for folder in ("vertex", "langsmith", "helicone", "portkey", "posthog", "openrouter", "cursor", "ollama"):
        rows, bad = parse_records(
            importlib.import_module(READERS[folder]).parse,
            {"nothing": "known", **texts},
            f'{{"id": "{SECRET}'.encode(),
            b"[1, 2]",
        )
        assert bad or rows == [], folder
        assert SECRET not in str([rows, bad]), folder


@pytest.mark.parametrize("name", ["zeta_tokens", "cached_tokens_of_zeta", "zeta_token_count"])
def test_a_column_of_tokens_that_nobody_knows_is_named(tmp_path: Path, parse_records: Parse, name: str) -> None:
    day = {"id": "gen-1", "created_at": "2026-11-10T11:40:00Z", "model": "a/b", "tokens_prompt": 9, name: 77}
    portkey_row = {"id": "p", "created_at": "2026-11-10T11:20:00Z", "ai_model": "m", "req_units": 9, name: 77}
    answer = {"model": "l", "created_at": "2026-11-10T11:55:00Z", "eval_count": 9, name: 77}
    line = {"Date": "2026-11-10T11:50:00Z", "Model": "x", "Output Tokens": 9, name.replace("_", " "): 77}
    given = (
        (openrouter.parse, day),
        (portkey.parse, portkey_row),
        (ollama.parse, answer),
        (cursor.parse, line),
        (helicone.parse, asked(**{name: 77})),
        (posthog.parse, ai_event(model="m", input_tokens=9, **{name: 77})),
        (langsmith.parse, lang_run(usage_metadata={"input_tokens": 9, name: 77})),
    )
    for parse, record in given:
        ((row,), bad) = parse_records(parse, record)
        assert not bad
        assert [item["quantity"] for item in json.loads(row["unresolved_usage"])] == [77], parse.__module__


def test_an_id_that_a_tool_gives_to_several_calls_loses_none_of_them(parse_records: Parse) -> None:
    first = asked(request_id="same-id-0001", completion_tokens=1)
    other = first | {"request_created_at": "2026-11-10T12:00:00Z", "prompt_tokens": 7}
    rows, bad = parse_records(helicone.parse, first, other, first, other)
    assert not bad
    assert sorted(row["uncached_input_tokens"] for row in rows) == [7, 900]
    assert len({row["event_id"] for row in rows}) == 2
    assert all(row["event_id"].startswith("same-id-0001#") for row in rows)
