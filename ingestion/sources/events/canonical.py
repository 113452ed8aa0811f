"""Data flow: `canonical/**` (.jsonl, .csv, .parquet, plain or .gz) -> `raw_events.requests`.

The files already speak the names of the raw table (see `fields`, or `docs/sources/events.md`).
Put here: how names of a file meet canonical names. Keep out: typing, containers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ingestion.landing.forgotten import is_anyone_forgotten
from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.landing.redaction import shown_name
from ingestion.sources.events.bulk import whole_import
from ingestion.sources.events.chunks import Chunk, read_chunks
from ingestion.sources.events.conversion import Values, python_values
from ingestion.sources.events.fields import ALIASES, AMBIGUOUS, KINDS
from ingestion.sources.events.rows import to_batch
from ingestion.sources.events.sums import sums_in_columns
from ingestion.sources.events.values import Problem, is_missing

SOURCE = "canonical"
SHOWN_NAMES = 12


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Canonical events of one file."""
    if not is_anyone_forgotten() and (whole := whole_import(file)) is not None:
        yield whole
        return
    ignored: dict[str, None] = {}
    for chunk in read_chunks(file.path, file.relative_path):
        if (sums := sums_in_columns(chunk.columns)) is not None:
            yield ParsedBatch(quarantined=[QuarantinedRow(None, "daily_rollup", sums[1], None, sums[0])])
            return
        names = canonical_names(chunk.columns)
        ignored |= dict.fromkeys(name for name in chunk.columns if name not in names)
        values = {canonical: chunk.columns[name] for name, canonical in names.items()}
        batch = to_batch(
            file,
            SOURCE,
            chunk.rows,
            values,
            chunk.original,
            needs_model=True,
            refused=_ambiguous(chunk, values),
        )
        batch.quarantined = [*chunk.quarantined, *batch.quarantined]
        yield batch
    if ignored:
        shown = ", ".join(map(shown_name, list(ignored)[:SHOWN_NAMES])) + (
            ", ..." if len(ignored) > SHOWN_NAMES else ""
        )
        message = f"columns without a canonical name are ignored: {shown}"
        yield ParsedBatch(notes=[Note("unused_columns", message, count=len(ignored))])


def canonical_names(names: Iterable[str]) -> dict[str, str]:
    """The canonical name of each column that has one; the canonical spelling beats an alias."""
    plain = {name: name.strip().lower() for name in names}
    found: dict[str, str] = {}
    for name, lowered in plain.items():
        if lowered in KINDS and lowered not in found.values():
            found[name] = lowered
    for name, lowered in plain.items():
        alias = ALIASES.get(lowered)
        if alias and alias not in found.values():
            found[name] = alias
    return found


def _ambiguous(chunk: Chunk, values: Mapping[str, Values]) -> dict[int, tuple[str | None, Problem]]:
    """Rows whose input counts stand under a name that does not say whether cached tokens are inside."""
    refused: dict[int, tuple[str | None, Problem]] = {}
    for name, column in chunk.columns.items():
        clear = AMBIGUOUS.get(name.strip().lower())
        if clear is None:
            continue
        stated = python_values(values[clear]) if clear in values else [None] * len(chunk.rows)
        message = (
            f"{name} does not say whether cached tokens are inside; write {clear} and cache_read_tokens, "
            "or use mapped/ with input_includes_cached"
        )
        for index, (value, known) in enumerate(zip(python_values(column), stated, strict=True)):
            if is_missing(known) and not is_missing(value):
                refused.setdefault(index, (name, ("ambiguous_column", message)))
    return refused
