"""What holds for every export: unknown counters are named, text is not kept, content is recognised."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events import provider_bodies
from ingestion.sources.events.exports import cursor, helicone, langsmith, ollama, openrouter, portkey, posthog, vertex
from ingestion.sources.events.routing import READERS
from tests.unit.ingestion.events.exporting import (
    GEMINI,
    LANGCHAIN,
    SECRET,
    USED,
    Parse,
    ai_event,
    asked,
    counts,
    lang_run,
    vertex_row,
)


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
