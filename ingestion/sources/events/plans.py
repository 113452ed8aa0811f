"""Calls that a flat subscription covers: no provider bills them, so they are list value and no spend.

Put here: marking rows. Keep out: how a format tells a plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, Parser, SourceFile
from ingestion.sources.events.usage_shapes.batches import Row
from ingestion.sources.events.usage_shapes.values import tags

PLAN_TAG = {"plan": "subscription"}


def cover(row: Row) -> Row:
    """The row as one that a plan covers."""
    return {**row, "is_billable": False, "tags": tags(row.get("tags"), PLAN_TAG)}


def is_covered(tag_text: str | None) -> bool:
    """Whether the tags of a row say that a plan covers it."""
    return bool(tag_text) and json.loads(tag_text or "{}").get("plan") == PLAN_TAG["plan"]


def is_declared(relative_path: str, plan_covered: tuple[str, ...]) -> bool:
    """Whether `COSTOPS_PLAN_COVERED` names the file's folder or one above it."""
    return any(relative_path.startswith(f"{path}/") for path in plan_covered)


def covering(parser: Parser) -> Parser:
    """A parser whose rows are all covered by a plan."""

    def parse(file: SourceFile) -> Iterator[ParsedBatch]:
        for batch in parser(file):
            yield batch if batch.table is None else replace(batch, table=_covered(batch.table))

    return parse


def _covered(table: pa.Table) -> pa.Table:
    marked = pa.array([tags(each, PLAN_TAG) for each in table["tags"].to_pylist()], table.schema.field("tags").type)
    billable = pa.repeat(pa.scalar(False), table.num_rows)
    for name, column in (("tags", marked), ("is_billable", billable)):
        table = table.set_column(table.column_names.index(name), name, column)
    return table
