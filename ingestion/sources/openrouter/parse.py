"""Data flow: spooled day files of OpenRouter's activity -> `raw_openrouter.activity`.

Put here: what the fields of an activity item mean. Keep out: fetching, disjoint meters (staging does those).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.reading.spooled import Fields, Line, Refused, Repeats, Row, day_of, parse_lines
from ingestion.reading.spooled.fields import extra_columns

DATASET = "raw_openrouter"
TEXTS = ("model", "model_permaslug", "endpoint_id", "provider_name", "workspace_id")
COUNTS = ("requests", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens")


def activity(file: SourceFile) -> Iterator[ParsedBatch]:
    """Usage and charge per UTC day, model and endpoint (and workspace where asked for)."""
    repeats = Repeats()
    yield from parse_lines(file, DATASET, partial(_row, file, repeats), repeats.notes)


def _row(file: SourceFile, repeats: Repeats, line: Line) -> Iterator[Row]:
    item = Fields(line.content)
    date = item.instant("date")
    if date is None:
        raise Refused("date", "missing_value", "the item has no date")
    day = day_of(file)
    if day is not None and date.date() != day:
        raise Refused("date", "outside_day", f"{date.date()} is not {day}, the day of the file; pull the day again")
    repeats.agree("group_by", line.group_by, line.number)
    key: dict[str, Any] = {"usage_date": date.date()} | {name: item.text(name) for name in TEXTS}
    if key["model"] is None and key["model_permaslug"] is None:
        raise Refused("model", "missing_value", "the item names no model")
    charged, upstream = item.money("usage"), item.money("byok_usage_inference")
    counts = {name: item.count(name) for name in COUNTS}
    if charged is None and upstream is None and all(value is None for value in counts.values()):
        raise Refused("usage", "missing_value", "the item holds neither usage nor counts")
    said: dict[str, Any] = counts | {
        "usage": charged.value if charged else None,
        "usage_text": charged.text if charged else None,
        "byok_usage_inference": upstream.value if upstream else None,
        "byok_usage_inference_text": upstream.text if upstream else None,
        "extra_columns": extra_columns(item),
    }
    if not repeats.is_repeat(tuple(key.values()), tuple(said.values()), line.number):
        yield "activity", key | said | {"group_by": json.dumps(sorted(line.group_by))}
