"""Data flow: `mapped/<name>/**` read through `mapped/<name>/mapping.yml` -> `raw_events.requests`.

Put here: the way from a mapping and a file to rows. Keep out: typing of values (`conversion`), containers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ingestion.landing.counting import counted
from ingestion.landing.links import leads_outside
from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.sources.events.chunks import read_chunks
from ingestion.sources.events.mapped.application import canonical_values, matching_rows, occurs, unreadable_costs
from ingestion.sources.events.mapped.clocks import ClockDoubts
from ingestion.sources.events.mapped.mapping import Mapping, read_mapping
from ingestion.sources.events.mapped.sums import mark_sums
from ingestion.sources.events.mapped.values import InvalidMapping
from ingestion.sources.events.routing import MAPPING_FILE
from ingestion.sources.events.rows import to_batch
from ingestion.sources.events.usage_shapes.batches import Tally

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The events of one mapped file; a mapping with an error quarantines the file with the key at fault."""
    parts = PurePosixPath(file.relative_path).parts
    folder = _up(file.path, len(parts) - 2)
    shown = f"{parts[0]}/{parts[1]}/{MAPPING_FILE}"
    try:
        if leads_outside(folder / MAPPING_FILE, _up(file.path, len(parts))):
            raise InvalidMapping("", "the file is a link that leads out of the drop folder; copy it there")
        mapping = read_mapping(folder / MAPPING_FILE)
    except InvalidMapping as error:
        message = f"{shown}: {error.key + ': ' if error.key else ''}{error}"
        yield ParsedBatch(quarantined=[QuarantinedRow(None, error.reason, message, None, error.key or None)])
        return
    yield from _parse(file, f"{parts[0]}/{parts[1]}", mapping)


def _parse(file: SourceFile, event_source: str, mapping: Mapping) -> Iterator[ParsedBatch]:
    needed, seen, met, rows = mapping.columns_read(), set[str](), set[str](), 0
    passed_over, tally = 0, Tally()
    unread_costs: list[tuple[int, str]] = []
    doubts = ClockDoubts()
    for chunk in read_chunks(file.path, file.relative_path, mapping.delimiter):
        seen |= {column for column in needed if column in chunk.columns or column.split(".")[0] in chunk.columns}
        if not rows and chunk.rows and (lacking := _lacking(mapping, seen, list(chunk.columns))):
            yield ParsedBatch(quarantined=[*chunk.quarantined, *lacking])
            return
        met |= {column for column in needed if column not in met and occurs(chunk, column)}
        rows += len(chunk.rows)
        before = len(chunk.rows)
        chunk = matching_rows(mapping, chunk)
        passed_over += before - len(chunk.rows)
        values, refused = canonical_values(mapping, chunk, doubts)
        unread_costs += unreadable_costs(mapping, chunk, values)
        batch = to_batch(file, event_source, chunk.rows, values, chunk.original, needs_model=False, refused=refused)
        batch.quarantined = [*chunk.quarantined, *batch.quarantined]
        if mapping.summed_calls:
            mark_sums(batch, chunk, mapping.summed_calls, tally)
        yield batch
    if notes := [*tally.notes(), *doubts.notes()]:
        yield ParsedBatch(notes=notes)
    if unread_costs:
        row, shown = unread_costs[0]
        many = counted(
            len(unread_costs), "cost that is no number of dollars counts", "costs that are no number of dollars count"
        )
        message = f"{many} as unknown, first {shown[:40]!r} in row {row}; their usage counts. {_REMEDY}"
        yield ParsedBatch(notes=[Note("other", message, row=row, count=len(unread_costs))])
    if passed_over:
        message = counted(passed_over, "row was", "rows were") + " passed over, as `where` of the mapping says"
        yield ParsedBatch(notes=[Note("other", message, count=passed_over)])
    unseen = sorted(set(needed) - met)
    if rows and unseen:
        yield ParsedBatch(
            notes=[Note("other", f"columns of the mapping that never occur: {', '.join(unseen)}", count=len(unseen))]
        )


_REMEDY = "Convert other currencies to USD, write a decimal point, or set decimal_comma: true in mapping.yml"


def _lacking(mapping: Mapping, seen: set[str], names: list[str]) -> list[QuarantinedRow]:
    """A file without a column that a count, the cost or the time is made of, or with two of its name, is refused: it
    would land wrong.
    """
    found = []
    for column, name in mapping.columns_read(measures_only=True).items():
        made = f"{MAPPING_FILE} makes {name} of the column {column!r}"
        if column not in seen:
            near = next((other for other in names if other.strip().lower() == column.strip().lower()), None)
            hint = f" (it has {near!r})" if near else ""
            message = f"{made}, which the file does not have{hint}; correct the mapping"
            found.append(QuarantinedRow(None, "missing_column", message, None, name))
        elif f"{column}#2" in names:
            message = f"{made}, which the header names twice; name the second one otherwise, or map '{column}#2'"
            found.append(QuarantinedRow(None, "ambiguous_column", message, None, name))
    return found


def _up(path: Path, levels: int) -> Path:
    for _ in range(levels):
        path = path.parent
    return path
