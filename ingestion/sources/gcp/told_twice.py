"""Files that hold the same days of one billing account under other columns: their rows have other ids, and count twice.

A table exported once with and once without some columns (as CSV, say, without the time of export) is such a pair. Both
count, because nothing says that they are one, and the run asks. Put here: finding them. Keep out: rows that are equal
in all columns (`row_ids`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import duckdb

from ingestion.config import Settings
from ingestion.landing.counting import counted
from ingestion.landing.database import connect
from ingestion.landing.notes import Note
from ingestion.sources.billing.deliveries import spelled
from ingestion.sources.gcp.export import DATASET, TABLE

ALIKE_DAYS = f"""
    with days as (
        select _source_file_id, billing_account_id, currency, usage_start_time_utc::date as usage_day,
            coalesce(project_id, '') as project, coalesce(sku_id, sku_description, '') as sku, export_kind,
            count(*) as row_count, sum(cost) as cost
        from {DATASET}.{TABLE} where cost <> 0 group by all
    )
    select one.path, other.path, upper(a.currency), a.usage_day, sum(a.row_count), sum(a.cost)
    from days as a
    join days as b using (billing_account_id, currency, usage_day, project, sku, export_kind, row_count, cost)
    join {DATASET}.files as one on one.file_id = a._source_file_id
    join {DATASET}.files as other on other.file_id = b._source_file_id
    where cost <> 0 and (one.modified_at_utc, one.path) > (other.modified_at_utc, other.path)
    group by all
    order by 1, 2, 3, 4
"""
"""Days on which two files have as many charges of a SKU and project that cost the same, the newer file first."""


def told_twice(settings: Settings) -> list[Note]:
    """One note for two files of which the same days have as many charges and the same cost."""
    with connect(settings.warehouse_path) as db:
        try:
            rows = db.execute(ALIKE_DAYS).fetchall()
        except duckdb.CatalogException:
            return []
    found: dict[tuple[str, str, str], list[tuple[date, int, Decimal]]] = defaultdict(list)
    for newer, older, currency, *day in rows:
        found[newer, older, currency].append((day[0], day[1], day[2]))
    return [_note(*files, days) for files, days in found.items()]


def _note(newer: str, older: str, currency: str, days: list[tuple[date, int, Decimal]]) -> Note:
    amount = sum((cost for _, _, cost in days), Decimal(0))
    masks: dict[str, int] = defaultdict(int)
    for day, _, _ in days:
        masks[f"{day:%Y-%m}"] |= 1 << day.day
    message = (
        f"{newer} holds as many charges as {older} on {spelled(masks)}, and they cost the same: "
        f"{counted(sum(count for _, count, _ in days), 'row', 'rows')} with {amount.normalize():f} {currency}. "
        "No row is told twice in the same columns, so both files count"
    )
    return Note("rows_alike", message, newer, count=len(days), amount=amount, currency=currency)
