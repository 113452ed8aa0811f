"""OTLP in protobuf as export requests in the JSON form: one HTTP body, or the length-delimited file of a collector.

Put here: telling protobuf from text, its framing. Keep out: what a request means.
"""

from __future__ import annotations

import base64
import gzip
import io
import zlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import BoundedStream, LimitError, limits, most_unpacked
from ingestion.reading.lines import Record, loads, quarantined

_SIGNALS = {
    "trace": "ExportTraceServiceRequest",
    "logs": "ExportLogsServiceRequest",
    "metrics": "ExportMetricsServiceRequest",
}
_FIELD_1 = b"\n"
"""Key of field 1 with a length: what every request begins with."""
PACKAGE = "opentelemetry-proto"


def is_protobuf(path: Path) -> bool:
    """Whether a file begins as a request does, bare or behind its length; JSON text holds no control characters."""
    try:
        with _opened(path) as stream:
            head = stream.read(512)
    except (OSError, EOFError, LimitError, zlib.error):
        return False
    begins = head[:1] == _FIELD_1 or head[4:5] == _FIELD_1 or head[_varint(head, 0)[1] :][:1] == _FIELD_1
    is_text = head.startswith((b"{", b"[", b"\xff\xfe", b"\xfe\xff"))
    return begins and not is_text and any(byte < 32 and byte not in b"\t\r\n" for byte in head)


def read_protobuf(path: Path) -> Iterator[Record | QuarantinedRow]:
    """The export requests of a file, numbered from 1."""
    try:
        kinds = [
            getattr(import_module(f"opentelemetry.proto.collector.{signal}.v1.{signal}_service_pb2"), name)
            for signal, name in _SIGNALS.items()
        ]
    except ImportError:
        message = f"OTLP in protobuf needs the package {PACKAGE}: pip install {PACKAGE}. Or export JSON."
        yield quarantined(None, "missing_package", message)
        return
    try:
        with _opened(path) as stream:
            content = stream.read(limits().document_bytes + 1)
    except (OSError, EOFError, LimitError, zlib.error) as error:
        yield quarantined(None, "truncated_file", f"The file cannot be unpacked ({error}). Export it again.")
        return
    if len(content) > limits().document_bytes:
        yield quarantined(None, "document_too_large", "The file is larger than the limit. Let the collector rotate it.")
        return
    whole = _request(content, kinds)
    if whole is not None:
        yield Record(1, whole, "")
        return
    yield from _framed(content, kinds)


def _opened(path: Path) -> Any:
    with path.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    if not is_packed:
        return path.open("rb")
    return io.BufferedReader(BoundedStream(gzip.open(path, "rb"), most_unpacked(path.stat().st_size)))


def _framed(content: bytes, kinds: list[Any]) -> Iterator[Record | QuarantinedRow]:
    for number, frames in enumerate(_frames(content), 1):
        value = _request(frames, kinds) if frames is not None else None
        if value is None:
            message = (
                "Not an OTLP request in protobuf from here on, or one that was cut off. Export by "
                "OTLP/HTTP or with the collector's file exporter."
            )
            yield quarantined(number, "invalid_protobuf", message)
            return
        yield Record(number, value, "")


def _frames(content: bytes) -> Iterator[bytes | None]:
    """Messages behind their length: four bytes, big-endian, as the collector has it, or a varint; None: a bad one."""
    at, is_wide = 0, len(content) >= 4 and int.from_bytes(content[:4], "big") <= len(content) - 4
    while at < len(content):
        if is_wide:
            size, start = int.from_bytes(content[at : at + 4], "big"), at + 4
        else:
            size, start = _varint(content, at)
        if size <= 0 or start + size > len(content):
            yield None
            return
        yield content[start : start + size]
        at = start + size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(content) and shift < 35:
        value |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not content[at - 1] & 0x80:
            return value, at
    return 0, at


def _request(content: bytes, kinds: list[Any]) -> dict[str, Any] | None:
    """The request in the JSON form. Signals look alike on the wire: the one that leaves no field over is it."""
    from google.protobuf.json_format import MessageToJson
    from google.protobuf.message import DecodeError
    from google.protobuf.unknown_fields import UnknownFieldSet

    for kind in kinds:
        message = kind()
        try:
            message.ParseFromString(content)
        except (DecodeError, ValueError):
            continue
        if _is_whole(message, UnknownFieldSet):
            value = loads(MessageToJson(message, indent=None))
            if value:
                return json_ids(value)
    return None


def _is_whole(message: Any, unknown: Any) -> bool:
    if len(unknown(message)):
        return False
    for field, value in message.ListFields():
        if field.type != field.TYPE_MESSAGE:
            continue
        for each in value if not hasattr(value, "ListFields") else [value]:
            if hasattr(each, "ListFields") and not _is_whole(each, unknown):
                return False
    return True


def json_ids(value: Any) -> Any:
    """Ids as hexadecimal: OTLP's JSON differs there from protobuf's, which writes base64."""
    if isinstance(value, list):
        return [json_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, each in value.items():
        is_id = name in ("traceId", "spanId", "parentSpanId") and isinstance(each, str)
        found[name] = base64.b64decode(each).hex() if is_id else json_ids(each)
    return found
