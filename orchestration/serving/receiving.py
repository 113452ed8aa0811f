"""Usage that applications send: OTLP traces and logs, canonical events, calls. It becomes files of the drop folder.

Put here: bodies to records, which are refused and why, what counts against budgets at once. Keep out: what is kept of a
record (`stripping`), files (`spooling`), HTTP.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ingestion.config import Settings
from ingestion.landing.model import Parser, SourceFile
from ingestion.sources.events import canonical, provider_bodies
from ingestion.vocabulary.meters import METERS
from orchestration.serving.captured import Captured
from orchestration.serving.faults import AskedWrongly, NotAllowed
from orchestration.serving.spooling import Spool
from orchestration.serving.stripping import is_call, stripped_call, stripped_event, stripped_export
from orchestration.serving.viewers import Right, Viewer

if TYPE_CHECKING:
    from orchestration.serving.queries.prices import Prices

MOST_EVENTS = 10_000
SIGNALS = {
    "traces": ("opentelemetry.proto.collector.trace.v1.trace_service_pb2", "ExportTraceServiceRequest"),
    "logs": ("opentelemetry.proto.collector.logs.v1.logs_service_pb2", "ExportLogsServiceRequest"),
}


@dataclass
class Received:
    """What became of one body."""

    accepted: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    captured: list[Captured] = field(default_factory=list)


class Receiver:
    """The drop folder of a home, for what is sent to a server."""

    def __init__(self, settings: Settings, seconds: float, shown: Callable[[str], str] = str) -> None:
        self._shown = shown
        self.spools = {
            "otel": Spool(settings.events_dir / "otel" / "received", seconds),
            "events": Spool(settings.events_dir / "canonical" / "received", seconds),
            "calls": Spool(settings.events_dir / "provider_bodies" / "received", seconds),
        }

    def recover(self) -> int:
        """Show what a server that ended left; how many files."""
        return sum(spool.recover() for spool in self.spools.values())

    def rotate(self, *, is_closing: bool = False) -> None:
        """Show files that are old enough; all of them at the end."""
        for spool in self.spools.values():
            spool.rotate(is_closing=is_closing)

    def take_export(self, signal: str, body: bytes, *, is_protobuf: bool) -> int:
        """One OTLP request; how many spans or records it had.

        Raises:
            AskedWrongly: it is none.
            OSError: it could not be written.
        """
        request = _protobuf(signal, body) if is_protobuf else _json(body)
        if not isinstance(request, dict):
            raise AskedWrongly("the body is no OTLP export request", remedy="export by OTLP/HTTP", field="body")
        kept, count = stripped_export(signal, request)
        if count:
            self.spools["otel"].add([orjson.dumps(kept)])
        return count

    def take_events(self, events: Sequence[Any], viewer: Viewer, prices: Prices | None) -> Received:
        """Canonical events, and calls as `ingestion.capture` records them: those that landing would take are written,
        the others named with what is wrong.

        Raises:
            AskedWrongly: too many at once.
            OSError: they could not be written.
        """
        if len(events) > MOST_EVENTS:
            raise AskedWrongly(f"more than {MOST_EVENTS} events", remedy="send them in parts", field="events")
        found = Received()
        lines: dict[str, dict[int, bytes]] = {"events": {}, "calls": {}}
        for number, event in enumerate(events, 1):
            problem = _not_own(event, viewer) if isinstance(event, Mapping) else "is no object"
            if problem:
                found.rejected.append({"row": number, "field": None, "message": problem})
                continue
            own = _with_team(event, viewer)
            if is_call(event):
                lines["calls"][number] = orjson.dumps(stripped_call(own))
            else:
                lines["events"][number] = orjson.dumps(stripped_event(own))
        for kind, parse in (("events", canonical.parse), ("calls", provider_bodies.parse)):
            good, wrong = _checked(list(lines[kind].values()), parse)
            numbers = list(lines[kind])
            found.rejected += [each | {"row": numbers[each["row"] - 1]} for each in wrong]
            if good:
                self.spools[kind].add([lines[kind][numbers[place]] for place in sorted(good)])
            found.accepted += len(good)
            found.captured += [_captured(row, prices, self._shown) for rows in good.values() for row in rows]
        return found


def unpacked(body: bytes, encoding: str, most_bytes: int) -> bytes:
    """A body as it was before it was packed.

    Raises:
        AskedWrongly: it is packed otherwise, or larger than it may be.
    """
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise AskedWrongly(
            f"content-encoding {encoding[:40]!r} is not read", remedy="send gzip or plain", field="content-encoding"
        )
    reader = zlib.decompressobj(wbits=47)
    try:
        found = reader.decompress(body, most_bytes + 1)
    except zlib.error:
        raise AskedWrongly("the body cannot be unpacked", remedy="send it whole", field="body") from None
    if len(found) > most_bytes:
        raise TooLarge
    if not reader.eof:
        raise AskedWrongly("the body ends early", remedy="send it whole", field="body")
    return found


class TooLarge(Exception):
    """A body has more bytes than one may have."""


def events_of(body: bytes, content_type: str) -> list[Any]:
    """Events of a body: a list, an object with `events`, one event, or one per line.

    Raises:
        AskedWrongly: it is none of them.
    """
    if "ndjson" in content_type or "jsonl" in content_type:
        return [_json(line) for line in body.splitlines() if line.strip()]
    found = _json(body)
    if isinstance(found, dict):
        found = found["events"] if isinstance(found.get("events"), list) else [found]
    if not isinstance(found, list):
        raise AskedWrongly("the body is no list of events", remedy='send {"events": [...]}', field="body")
    return found


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        raise AskedWrongly("the body is no JSON", remedy="send JSON in UTF-8", field="body") from None


def _protobuf(signal: str, body: bytes) -> Any:
    from importlib import import_module

    from google.protobuf.json_format import MessageToJson
    from google.protobuf.message import DecodeError

    from ingestion.sources.events.otel.protobuf import json_ids

    module, name = SIGNALS[signal]
    message = getattr(import_module(module), name)()
    try:
        message.ParseFromString(body)
        return json_ids(orjson.loads(MessageToJson(message, indent=None)))
    except (DecodeError, ValueError, RecursionError, UnicodeDecodeError):
        raise AskedWrongly(
            f"the body is no OTLP {signal} in protobuf", remedy="export by OTLP/HTTP", field="body"
        ) from None


def _not_own(event: Mapping[str, Any], viewer: Viewer) -> str | None:
    """Who sees teams sends for those teams."""
    given = event.get("team_id", event.get("team"))
    if viewer.sees_all or viewer.may(Right.ADMINISTER) or given in viewer.teams:
        return None
    if given in (None, "") and len(viewer.teams) == 1:
        return None
    return f"team_id is none of this key's teams; write one of {', '.join(sorted(viewer.teams))}"


def _with_team(event: Mapping[str, Any], viewer: Viewer) -> Mapping[str, Any]:
    if viewer.sees_all or event.get("team_id", event.get("team")):
        return event
    return {**event, "team_id": next(iter(viewer.teams))}


def _checked(lines: Sequence[bytes], parse: Parser) -> tuple[dict[int, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Rows that landing would take, by the place of their line, and what is wrong with the others."""
    if not lines:
        return {}, []
    good: dict[int, list[dict[str, Any]]] = {}
    wrong: list[dict[str, Any]] = []
    now = datetime.now(UTC).replace(tzinfo=None)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "events.jsonl"
        path.write_bytes(b"\n".join(lines) + b"\n")
        file = SourceFile(path, "received/events.jsonl", path.stat().st_size, now, "", now)
        for batch in parse(file):
            for problem in batch.quarantined:
                wrong.append({"row": problem.row_number or 1, "field": problem.field, "message": problem.message})
            if batch.table is not None:
                for row in batch.table.to_pylist():
                    good.setdefault(row["_source_row"] - 1, []).append(row)
    for each in wrong:
        good.pop(each["row"] - 1, None)
    return good, wrong


def _captured(row: Mapping[str, Any], prices: Prices | None, shown: Callable[[str], str]) -> Captured:
    scopes = {name: row.get(f"{name}_id") for name in ("team", "user", "project")} | {"feature": row.get("feature")}
    scopes["user"] = shown(scopes["user"]) if scopes["user"] else None
    model, provider = row.get("served_model") or row.get("requested_model"), row.get("provider_name") or ""
    cost = None
    if row.get("is_billable") is not False and prices is not None and model:
        found = _priced(row, model, provider, prices)
        scopes |= found[0]
        cost = found[1]
    scopes.setdefault("model", model)
    return Captured(row["event_id"], row["requested_at_utc"], scopes, cost)


def _priced(row: Mapping[str, Any], model: str, provider: str, prices: Prices) -> tuple[dict[str, str], Any]:
    from orchestration.pricing.price_book import UnknownModelError

    quantities = {
        meter.name: row[meter.raw_column]
        for meter in METERS
        if meter.raw_column and not meter.is_surcharge and row.get(meter.raw_column)
    }
    try:
        entry, _ = prices.find(model, provider, is_batch=bool(row.get("is_batch")),
                               tier=row.get("served_service_tier") or "")  # fmt: skip
    except UnknownModelError:
        return {}, None
    quote = prices.quote(entry, quantities, row["requested_at_utc"], row.get("account_id"))
    return {"model": entry.offer.model_id, "provider": entry.provider_id}, quote.contracted_cost


def needs_right(viewer: Viewer) -> None:
    """Pass where the key may send usage.

    Raises:
        NotAllowed: it may not.
    """
    if not viewer.may(Right.SEND_USAGE):
        raise NotAllowed(
            f"this key of {viewer.principal_id} sends no usage",
            remedy="make one that does: costops keys create NAME --sends",
        )
