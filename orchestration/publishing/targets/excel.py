"""The standard workbook in a folder or bucket, anew whenever its figures changed.

Put here: the target and its variable. Keep out: sheets (`workbook`), places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from orchestration.publishing.distribution import Delivery, PublicationTarget, Publish, PublishedVersion
from orchestration.publishing.exporting import Export, export
from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.publishing.workbook.sheets import STANDARD
from orchestration.warehouse.connection import connect as connect_database

VARIABLE = "COSTOPS_PUBLISH_EXCEL_DIR"
FILE = "costs.xlsx"


def connect(variables: Mapping[str, str]) -> Publish | None:
    """Writes into the configured folder or bucket; None without one."""
    address = variables.get(VARIABLE)
    return partial(write, address=address) if address else None


def write(
    marts_changed: Sequence[str], marts_gone: Sequence[str], version: PublishedVersion, *, address: str
) -> Delivery:
    """Write the workbook where a mart that it shows changed."""
    shown = {mart for sheet in STANDARD for mart in sheet.marts}
    if not shown & {*marts_changed, *marts_gone}:
        return Delivery((), {"rows_written": 0})
    connection = connect_database(version.database, read_only=True)
    try:
        connection.execute(f"use {MART_SCHEMA}")
        done = export(connection, Export("excel", f"{address.rstrip('/')}/{FILE}", variable=VARIABLE, is_shared=True))
    finally:
        connection.close()
    return Delivery(tuple(done.notes), {"rows_written": done.row_count})


TARGET = PublicationTarget("excel", connect, (VARIABLE,))
