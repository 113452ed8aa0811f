"""Request-response logs of Vertex AI in every shape that BigQuery gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events.exports import vertex
from tests.unit.ingestion.events.conftest import run
from tests.unit.ingestion.events.exporting import (
    GEMINI,
    SECRET,
    SNAKE,
    Parse,
    as_csv,
    as_parquet,
    counts,
    vertex_row,
)


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
