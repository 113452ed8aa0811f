"""Data flow: spooled day files of Toy -> `raw_toy.activity`. Put here: what its fields mean. Keep out: fetching."""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.reading.spooled import Fields, Line, Refused, Row, parse_lines


def activity(file: SourceFile) -> Iterator[ParsedBatch]:
    """Usage and charge per UTC day and model."""
    yield from parse_lines(file, "raw_toy", _row)


def _row(line: Line) -> Iterator[Row]:
    item = Fields(line.content)
    date, cost = item.instant("date"), item.money("cost")
    if date is None:
        raise Refused("date", "missing_value", "the item has no date")
    yield (
        "activity",
        {
            "usage_date": date.date(),
            "model": item.text("model"),
            "requests": item.count("requests"),
            "input_tokens": item.count("input_tokens"),
            "output_tokens": item.count("output_tokens"),
            "cost": cost.value if cost else None,
            "cost_text": cost.text if cost else None,
        },
    )
