"""What the ledger of an API source says about its days, in a few figures.

Put here: reading `pulls`. Keep out: judging single days (`rpt_source_completeness`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

STATUSES = ("complete", "partial", "missing")


@dataclass(frozen=True)
class Completeness:
    """Endpoint-days by status, restatements seen, and the last day up to which every endpoint is complete."""

    days_by_status: dict[str, int]
    restatements: int
    complete_through: date | None


@dataclass(frozen=True)
class EndpointDays:
    """The days of one endpoint; `note` is the reason of its newest day that is not complete."""

    endpoint: str
    days_by_status: dict[str, int]
    first: date | None
    last: date | None
    note: str | None


def completeness_of(connection: duckdb.DuckDBPyConnection, dataset: str) -> Completeness:
    """The figures of a source as landed."""
    found: dict[str, int] = dict(
        connection.execute(
            f"select status, count(*) from {dataset}.pulls where usage_date is not null group by 1"
        ).fetchall()
    )
    restated, through = connection.execute(
        f"""
        with ends as (
            select
                max(usage_date) as newest_date,
                min(usage_date) filter (where status <> 'complete') as first_open_date
            from {dataset}.pulls where usage_date is not null group by endpoint
        )
        select
            (select coalesce(sum(restatement_count), 0) from {dataset}.pulls),
            min(coalesce(first_open_date - 1, newest_date))
        from ends
        """
    ).fetchone() or (0, None)
    return Completeness({status: found.get(status, 0) for status in STATUSES}, int(restated), through)


def days_by_endpoint(warehouse: Path, dataset: str, first: date | None, last: date | None) -> list[EndpointDays]:
    """Each endpoint's days between two days (both included, None: no limit)."""
    connection = duckdb.connect(str(warehouse), read_only=True)
    try:
        rows = connection.execute(
            f"""
            select
                endpoint,
                count(*) filter (where status = 'complete' and usage_date is not null),
                count(*) filter (where status = 'partial'),
                count(*) filter (where status = 'missing' and usage_date is not null),
                min(usage_date),
                max(usage_date),
                max_by(reason, coalesce(usage_date, date '1900-01-01')) filter (where status <> 'complete')
            from {dataset}.pulls
            where usage_date is null
                or (usage_date >= coalesce($first, usage_date) and usage_date <= coalesce($last, usage_date))
            group by 1 order by 1
            """,
            {"first": first, "last": last},
        ).fetchall()
    finally:
        connection.close()
    return [EndpointDays(row[0], dict(zip(STATUSES, row[1:4], strict=True)), *row[4:]) for row in rows]
