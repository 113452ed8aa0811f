"""Numbers in answers of Prometheus, and rows of their tables.

Put here: what both parsers share. Keep out: labels, what is done with numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.spooled import Line, Refused
from ingestion.reading.spooled.fields import count_of

MOST_STEP = 3600


def number_of(text: Any) -> Decimal | None:
    """The number in quotes; None for NaN and infinities."""
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def step_of(line: Line) -> int:
    """The step that was asked for: seconds that divide an hour."""
    step = line.params.get("step")
    seconds = None if step is None else count_of(step, "step")
    if not seconds or seconds > MOST_STEP or MOST_STEP % seconds:
        raise Refused(
            "step", "invalid_step", f"the step is {step}; PROMETHEUS_STEP_SECONDS must be seconds that divide an hour"
        )
    return seconds


def parsed(
    rows: list[dict[str, Any]],
    schema: pa.Schema,
    table: str,
    bad: list[QuarantinedRow],
    notes: Sequence[Note] = (),
) -> ParsedBatch:
    """A batch of rows."""
    found = (
        pa.Table.from_arrays(
            [pa.array([row.get(each.name) for row in rows], each.type) for each in schema], schema=schema
        )
        if rows
        else None
    )
    return ParsedBatch(found, table, bad, notes=list(notes))
