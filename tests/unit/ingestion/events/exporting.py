"""Records of tools that export usage, and the files they come in; numbers are made up."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

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


def lang_run(**fields: Any) -> dict[str, Any]:
    metadata = {"ls_provider": "openai", "ls_model_name": "gpt-5"}
    given = {"id": "r1", "run_type": "llm", "name": "Chat", "start_time": "2026-11-10T11:00:00.5"}
    return given | {"end_time": "2026-11-10T11:00:02.5", "status": "success", "extra": {"metadata": metadata}} | fields


LANGCHAIN = {"input_tokens": 12, "output_tokens": 3, "total_tokens": 15, "input_token_details": {"cache_read": 8}}
MESSAGE = {"kwargs": {"content": SECRET, "usage_metadata": LANGCHAIN}}


def asked(**fields: Any) -> dict[str, Any]:
    row = {"request_id": "h1", "request_created_at": "2026-11-10T11:10:00Z", "response_status": 200}
    return row | {"response_model": "claude-sonnet-4-5", "provider": "ANTHROPIC", "prompt_tokens": 900} | fields


def ai_event(**properties: Any) -> dict[str, Any]:
    found = {f"$ai_{name}": item for name, item in properties.items()}
    return {"uuid": "e1", "event": "$ai_generation", "timestamp": "2026-11-10T11:30:00Z", "properties": found}


USED = {"input_tokens": 900, "output_tokens": 150, "cache_read_input_tokens": 400}
