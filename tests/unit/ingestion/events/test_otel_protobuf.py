"""OTLP in protobuf gives what the same export gives in JSON, whatever its framing."""

from __future__ import annotations

import gzip
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events import otel
from ingestion.sources.events.routing import route


def _attributes(**given: Any) -> list[dict[str, Any]]:
    return [
        {
            "key": key.replace("__", "."),
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for key, value in given.items()
    ]


LOGS = {
    "resourceLogs": [
        {
            "resource": {"attributes": _attributes(service__name="claude-code")},
            "scopeLogs": [
                {
                    "logRecords": [
                        {
                            "timeUnixNano": "1794304800000000000",
                            "body": {"stringValue": "claude_code.api_request"},
                            "attributes": _attributes(
                                model="claude-opus-4-8",
                                input_tokens=4,
                                output_tokens=1800,
                                cache_read_tokens=30000,
                                request_id="req_1",
                            ),
                        }
                    ]
                }
            ],
        }
    ]
}
SPAN = {
    "traceId": "0123456789abcdef0123456789abcdef",
    "spanId": "0123456789abcdef",
    "startTimeUnixNano": "1794304800000000000",
    "endTimeUnixNano": "1794304801000000000",
    "attributes": _attributes(
        gen_ai__request__model="gpt-5",
        gen_ai__operation__name="chat",
        gen_ai__usage__input_tokens=100,
        gen_ai__usage__output_tokens=7,
    ),
}
SPANS = {"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}


def _bytes(export: dict[str, Any], kind: type) -> bytes:
    text = json.dumps(export)
    for name in ("traceId", "spanId"):  # protobuf's JSON has bytes in base64 where OTLP's has hexadecimal
        if export is SPANS:
            text = text.replace(f'"{SPAN[name]}"', f'"{_base64(str(SPAN[name]))}"')
    return Parse(text, kind()).SerializeToString()


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(bytes.fromhex(text)).decode()


def _read(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    file = SourceFile(path, f"otel/{path.name}", path.stat().st_size, datetime(2026, 11, 11), "")  # noqa: DTZ001
    batches: list[ParsedBatch] = list(otel.parse(file))
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    for row in rows:
        row.pop("_source_row")
    return rows, [bad.reason for batch in batches for bad in batch.quarantined]


LOG_BODY, SPAN_BODY = _bytes(LOGS, ExportLogsServiceRequest), _bytes(SPANS, ExportTraceServiceRequest)


@pytest.mark.parametrize(("export", "body"), [(LOGS, LOG_BODY), (SPANS, SPAN_BODY)])
def test_a_body_of_http_equals_its_json(tmp_path: Path, export: dict[str, Any], body: bytes) -> None:
    (tmp_path / "a.json").write_text(json.dumps(export))
    (tmp_path / "a.pb").write_bytes(body)
    (tmp_path / "a.pb.gz").write_bytes(gzip.compress(body))
    rows, bad = _read(tmp_path / "a.json")
    assert len(rows) == 1
    assert not bad
    assert _read(tmp_path / "a.pb") == (rows, [])
    assert _read(tmp_path / "a.pb.gz") == (rows, [])


def test_a_file_of_the_collector_has_many_requests(tmp_path: Path) -> None:
    framed = b"".join(len(body).to_bytes(4, "big") + body for body in (LOG_BODY, SPAN_BODY))
    (tmp_path / "a.binpb").write_bytes(framed)
    rows, bad = _read(tmp_path / "a.binpb")
    assert sorted(row["output_tokens"] for row in rows) == [7, 1800]
    assert not bad


def test_a_file_that_was_cut_off_keeps_what_is_whole_and_says_so(tmp_path: Path) -> None:
    framed = len(LOG_BODY).to_bytes(4, "big") + LOG_BODY + len(SPAN_BODY).to_bytes(4, "big") + SPAN_BODY[:-9]
    (tmp_path / "a.pb").write_bytes(framed)
    rows, bad = _read(tmp_path / "a.pb")
    assert [row["output_tokens"] for row in rows] == [1800]
    assert bad == ["invalid_protobuf"]


def test_without_the_package_the_file_is_refused_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("trace", "logs", "metrics"):
        monkeypatch.setitem(sys.modules, f"opentelemetry.proto.collector.{name}.v1.{name}_service_pb2", None)
    (tmp_path / "a.pb").write_bytes(LOG_BODY)
    assert _read(tmp_path / "a.pb") == ([], ["missing_package"])


def test_protobuf_belongs_to_otel() -> None:
    assert isinstance(route("otel/a.pb.gz"), tuple)
    assert isinstance(route("canonical/a.pb"), str)
