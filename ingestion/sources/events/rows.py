"""From columns of raw values under canonical names to rows of `raw_events.requests`.

Put here: what makes an event acceptable, whichever way its columns were found. Keep out: containers, mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import CLOCK_TOLERANCE_DAYS, ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.raw_schemas import BIGINT, BOOLEAN, TEXT
from ingestion.sources.events.conversion import Values, convert
from ingestion.sources.events.fields import KINDS
from ingestion.sources.events.usage_shapes.cost_kinds import KINDS as KINDS_OF_COST
from ingestion.sources.events.usage_shapes.values import DIGEST
from ingestion.sources.events.values import Problem

END_OF_TIME = datetime(2200, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class Checked:
    """Typed columns of one chunk and the first problem of each bad row."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.columns: dict[str, pa.Array] = {}
        self.problems: dict[int, tuple[str | None, Problem]] = {}

    def get(self, name: str, kind: pa.DataType = BIGINT) -> pa.Array:
        """A typed column, nulls where the chunk has none."""
        return self.columns.get(name, pa.nulls(self.count, kind))

    def refuse(self, mask: pa.Array, field: str | None, reason: str, message: str) -> None:
        """Mark the rows where the mask is true, unless something is wrong with them already."""
        for index in pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist():
            self.problems.setdefault(index, (field, (reason, message)))


def to_batch(
    file: SourceFile,
    event_source: str,
    rows: list[int],
    values: Mapping[str, Values],
    original: Callable[[int], str],
    *,
    needs_model: bool,
    refused: Mapping[int, tuple[str | None, Problem]] | None = None,
) -> ParsedBatch:
    """Type and check a chunk: good rows as a table, bad ones with field, reason and remedy.

    `refused` holds rows that were found bad before their values were typed.
    """
    checked = _typed(file, rows, values)
    checked.problems = {**checked.problems, **(refused or {})}
    _check_rows(checked, needs_model)
    notes = [*_without_prompts(checked, rows)]
    _fill(file, event_source, rows, checked)
    table = pa.table(checked.columns | {"_source_row": pa.array(rows, BIGINT)})
    bad = sorted(checked.problems)
    quarantined = [
        QuarantinedRow(rows[index], reason, message, original(index), field)
        for index, (field, (reason, message)) in ((index, checked.problems[index]) for index in bad)
    ]
    if bad:
        keep = pa.array([index not in checked.problems for index in range(len(rows))], BOOLEAN)
        table = table.filter(keep)
    return ParsedBatch(table, "requests", quarantined, notes=notes)


def latest_instant(file: SourceFile) -> datetime:
    """The first instant that an event of the file cannot have."""
    return file.read_at_utc + timedelta(days=CLOCK_TOLERANCE_DAYS) if file.read_at_utc else END_OF_TIME


def _typed(file: SourceFile, rows: list[int], values: Mapping[str, Values]) -> Checked:
    checked = Checked(len(rows))
    latest = latest_instant(file)
    for name, kind in KINDS.items():
        if name not in values:
            continue
        converted = convert(kind, values[name], latest)
        stated = checked.columns.get(name)
        checked.columns |= {"recorded_cost_text": converted.extra["recorded_cost_text"]} if converted.extra else {}
        if converted.extra and "recorded_cost_decimals" not in values:
            checked.columns["recorded_cost_decimals"] = converted.extra["recorded_cost_decimals"]
        checked.columns[name] = converted.array if stated is None else stated
        for index, problem in converted.problems.items():
            checked.problems.setdefault(index, (name, problem))
    return checked


def _check_rows(checked: Checked, needs_model: bool) -> None:
    time = checked.columns.get("requested_at_utc")
    message = "the event has no time; give requested_at_utc as ISO 8601, for example 2026-05-06T21:54:08Z"
    missing = pa.repeat(True, checked.count) if time is None else pc.is_null(time)
    checked.refuse(missing, "requested_at_utc", "missing_value", message)
    if needs_model:
        neither = pc.and_(
            pc.is_null(checked.get("requested_model", TEXT)), pc.is_null(checked.get("served_model", TEXT))
        )
        message = "the event names no model; give served_model or requested_model"
        checked.refuse(neither, "requested_model", "missing_value", message)
    if "recorded_cost_kind" in checked.columns:
        kind = checked.columns["recorded_cost_kind"]
        other = pc.and_(pc.is_valid(kind), pc.invert(pc.is_in(kind, pa.array(KINDS_OF_COST, TEXT))))
        message = f"recorded_cost_kind is not known; write {' or '.join(KINDS_OF_COST)}"
        checked.refuse(other, "recorded_cost_kind", "unknown_value", message)
    for part in ("reasoning_tokens", "citation_tokens"):
        if part in checked.columns:
            more = pc.greater(checked.columns[part], checked.get("output_tokens"))
            message = f"{part} exceeds output_tokens, which includes it; add it to output_tokens"
            checked.refuse(more, part, "part_exceeds_whole", message)


def _without_prompts(checked: Checked, rows: list[int]) -> Iterator[Note]:
    """Leave out, and say so, what stands where a digest of a prompt should and could be the prompt."""
    given = checked.columns.get("prompt_hash")
    if given is None:
        return
    is_digest = pc.fill_null(pc.match_substring_regex(given, f"^{DIGEST}$"), True)
    checked.columns["prompt_hash"] = pc.if_else(is_digest, given, pa.scalar(None, TEXT))
    if others := pc.indices_nonzero(pc.invert(is_digest)).to_pylist():
        message = (
            "prompt_hash is no digest (8 to 128 letters, digits and +/=_:.-), so it is left out, as it may be the "
            "prompt; calls that ask the same count as different ones"
        )
        yield Note("no_digest", message, row=rows[others[0]], count=len(others))


def _fill(file: SourceFile, event_source: str, rows: list[int], checked: Checked) -> None:
    """Values every row has: an id, the source, a status, whether a provider may bill it."""
    columns = checked.columns
    prefix = f"{file.file_id:016x}-"
    ids = columns.get("event_id")
    if ids is None or ids.null_count:
        own = pa.array([f"{prefix}{row}" for row in rows], TEXT)
        columns["event_id"] = own if ids is None else pc.coalesce(ids, own)
    columns["event_source"] = pa.repeat(event_source, checked.count).cast(TEXT)
    failed = pc.is_valid(checked.get("error_type", TEXT))
    columns["status"] = pc.coalesce(checked.get("status", TEXT), pc.if_else(failed, "error", "ok"))
    columns["is_billable"] = pc.coalesce(checked.get("is_billable", BOOLEAN), pa.scalar(True))
