"""Oracle Cloud cost reports → `raw_billing.oci_cost_lines`.

Files add up: a correction is a row of its own (`lineItem/isCorrection`), so no file ever restates another. A line that
two files hold (a copy) counts once.
Put here: OCI names. Keep out: netting corrections, which is dbt's.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import SourceFile
from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.sources.billing.model import BillingFormat, Cells, RowRule, has_headers, squash
from ingestion.vocabulary.raw_types import PROVENANCE

OCI_COST_LINES = RAW_SCHEMAS["raw_billing"]["oci_cost_lines"]

_DERIVED = {"my_cost_text", "extra_columns", "tags", "row_id"}
_ALIASES = {
    **{squash(name): name for name in OCI_COST_LINES if name not in _DERIVED and name not in PROVENANCE},
    "intervalusagestart": "interval_usage_start_utc",
    "intervalusageend": "interval_usage_end_utc",
    "description": "product_description",
}
_GROUP = re.compile(r"(?:lineitem|line_item|product|usage|cost)[/_.](?=.)", re.IGNORECASE)


def canonical(header: str) -> tuple[str, int] | None:
    """The raw column of an OCI header such as `cost/myCost`."""
    group = _GROUP.match(header)
    column = _ALIASES.get(squash(header[group.end() :])) if group else None
    return (column, 0) if column else None


def adapt(cells: Cells) -> None:
    """One JSON object out of the `tags/…` columns."""
    cells.gather("tags", ("tags/", "tags."))


FORMAT = BillingFormat(
    name="oci",
    table="oci_cost_lines",
    canonical=canonical,
    recognises=has_headers("costmycost", "lineitemintervalusagestart"),
    expected_headers="at least cost/myCost and lineItem/intervalUsageStart",
    required=(
        RowRule("my_cost", "missing_cost", "a cost line needs its cost (0 if it is free); deliver the row again"),
        RowRule("interval_usage_start_utc", "missing_time", "a cost line needs the start of its interval"),
    ),
    text_copies={"my_cost": "my_cost_text"},
    adapt=adapt,
    day_first_columns=("interval_usage_start_utc", "interval_usage_end_utc"),
)


def of_one_file(table: pa.Table, file: SourceFile) -> pa.Array | None:
    """Lines without a reference number are of their file alone: equal ones elsewhere may be other usage."""
    if "reference_no" not in table.column_names:
        return pa.array([file.relative_path] * table.num_rows, pa.string())
    return pc.if_else(pc.is_null(table["reference_no"]), file.relative_path, pa.scalar(None, pa.string()))
