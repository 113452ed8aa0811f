"""What providers charge, in FOCUS 1.4, for other tools: a file per billing month in a folder or bucket.

Put here: the target and its variables. Keep out: FOCUS (`dbt_project/models/marts/focus`), formats, places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from orchestration.home.clock import utc_now
from orchestration.publishing.distribution import Delivery, PublicationTarget, Publish, PublishedVersion
from orchestration.publishing.file_sets import FileSet, formats_of, write_files
from orchestration.publishing.places import place_at
from orchestration.publishing.writing import CSV, CSV_GZ, PARQUET

VARIABLE = "COSTOPS_PUBLISH_FOCUS_DIR"
FORMAT_VARIABLE = "COSTOPS_PUBLISH_FOCUS_FORMAT"
FORMATS = {each.name: each for each in (PARQUET, CSV, CSV_GZ)}
CHARGES = "focus_cost_and_usage"
DATASETS = (CHARGES, "focus_billing_period", "focus_invoice_detail")
BILLING_MONTH = "BillingPeriodStart"


def connect(variables: Mapping[str, str]) -> Publish | None:
    """Writes into the configured folder or bucket; None without one."""
    address = variables.get(VARIABLE)
    formats = variables.get(FORMAT_VARIABLE) or PARQUET.name
    return partial(write, address=address, formats=formats) if address else None


def write(
    marts_changed: Sequence[str], marts_gone: Sequence[str], version: PublishedVersion, *, address: str, formats: str
) -> Delivery:
    """Write the billing months whose charges changed, and the other two datasets where they did."""
    chosen = formats_of(formats, FORMATS, FORMAT_VARIABLE)
    files = FileSet(DATASETS, chosen, "billing_month", {CHARGES: BILLING_MONTH})
    return write_files(place_at(address, VARIABLE), files, version, utc_now())


TARGET = PublicationTarget("focus", connect, (VARIABLE, FORMAT_VARIABLE), plain=(FORMAT_VARIABLE,))
