"""Oracle Cloud cost reports → `raw_billing.oci_cost_lines`.

Files add up: a correction is a row of its own (`lineItem/isCorrection`), so no file ever restates another.
Put here: OCI names. Keep out: netting corrections, which is dbt's.
"""

from __future__ import annotations

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.tabular.values import pack_json
from ingestion.sources.billing.model import BillingFormat, Cells, RowRule, has_headers, squash
from ingestion.vocabulary.raw_types import PROVENANCE

OCI_COST_LINES = RAW_SCHEMAS["raw_billing"]["oci_cost_lines"]

_DERIVED = {"my_cost_text", "extra_columns", "tags"}
_ALIASES = {
    **{squash(name): name for name in OCI_COST_LINES if name not in _DERIVED and name not in PROVENANCE},
    "intervalusagestart": "interval_usage_start_utc",
    "intervalusageend": "interval_usage_end_utc",
    "description": "product_description",
}
_GROUPS = ("lineItem/", "product/", "usage/", "cost/")
_TAG_PREFIX = "tags/"


def canonical(header: str) -> tuple[str, int] | None:
    """The raw column of an OCI header such as `cost/myCost`."""
    if not header.startswith(_GROUPS):
        return None
    column = _ALIASES.get(squash(header.split("/", 1)[1]))
    return (column, 0) if column else None


def adapt(cells: Cells) -> None:
    """One JSON object out of the `tags/…` columns."""
    tags = {
        header.removeprefix(_TAG_PREFIX): cells.extra.pop(header)
        for header in list(cells.extra)
        if header.startswith(_TAG_PREFIX)
    }
    packed = pack_json(tags)
    if packed is not None:
        cells.known["tags"] = packed


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
)
