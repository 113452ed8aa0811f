"""What a repricing changes: usage priced anew against what is booked, and the adjustments that make up the difference.

Put here: the request, comparing, booking. Keep out: pricing (`dbt_project`), locks and processes (`repricing`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb

from orchestration.warehouse.adjustments import ADJUSTMENT_TABLES, USAGE_DIMENSIONS

_IDENTITY = (
    *("usage_hour_utc", "usage_date", *(name for name in USAGE_DIMENSIONS if name not in ("provider_id", "model_id"))),
    *("raw_provider", "raw_model", "service_tier", "is_batch", "speed", "region", "event_source"),
    *("is_billable", "has_reported_usage", "unknown_usage_reason", "is_unseen", "recorded_cost_kind", "meter"),
)
"""What a usage row is whatever it costs; provider and model may be resolved differently."""


class RepricingError(RuntimeError):
    """The usage cannot be repriced; the message says why."""


@dataclass(frozen=True)
class Repricing:
    """What to reprice: UTC days `first` to `last` inclusive, with what was known at `as_known_at` (naive UTC)."""

    first: date
    last: date
    as_known_at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class PreviewLine:
    """Contracted cost in USD of one provider, model and month; `booked` includes earlier adjustments."""

    provider_id: str | None
    model_id: str | None
    month: date
    booked_usd: Decimal
    repriced_usd: Decimal
    difference_usd: Decimal
    list_difference_usd: Decimal


@dataclass(frozen=True)
class Preview:
    """The effect before anything is booked: lines that change, and what all lines of the window come to."""

    lines: tuple[PreviewLine, ...]
    booked_usd: Decimal
    repriced_usd: Decimal
    difference_usd: Decimal
    list_difference_usd: Decimal
    adjustment_count: int
    unpriced_then_count: int
    """Hourly usage rows without a price as known then: they keep what is booked."""


def compare(connection: duckdb.DuckDBPyConnection, request: Repricing) -> None:
    """Make the temporary tables `compared` (one row per usage identity) and `due` (one row per adjustment to book)."""
    window: dict[str, object] = {"first": request.first, "last": request.last}
    warehouse = connection.execute("select current_database()").fetchall()[0][0]
    both = ", ".join(
        f"coalesce(booked.{name}, anew.{name}) as {name}" for name in (*_IDENTITY, "provider_id", "model_id")
    )
    matched = " and ".join(f"booked.{name} is not distinct from anew.{name}" for name in _IDENTITY)
    target = (
        "case when not anew.{0}_is_unknown{1} then anew.{0}_cost_usd else booked.{0}_cost_usd end as {0}_target_usd"
    )
    keeps_recorded = " and not coalesce(booked.is_recorded, false)"
    recorded = f"usage_row_id in (select usage_row_id from {warehouse}.intermediate.int_usage_recorded_spend)"
    connection.execute(
        f"""
        create temp table compared as
        select
            {both}, booked.list_cost_usd, booked.contracted_cost_usd,
            {target.format("list", "")}, {target.format("contracted", keeps_recorded)},
            case when anew.contracted_is_unknown and not booked.contracted_is_unknown then booked.row_count else 0 end
                as unpriced_then_count,
            coalesce(booked.quantity, 0) <> coalesce(anew.quantity, 0) as differs
        from ({_usage(warehouse, recorded)}) as booked
        full outer join ({_usage("repricing", "false")}) as anew on {matched}
        """,
        window,
    )
    if connection.execute("select count(*) from compared where differs").fetchall()[0][0]:
        raise RepricingError("usage was landed that is not built yet, or built that is gone. Run `costops run` first.")
    by = ", ".join(("usage_date", *USAGE_DIMENSIONS, "meter"))
    sums = ", ".join(
        f"coalesce(sum({kind}_cost_usd), 0) as {kind}_booked_usd, "
        f"coalesce(sum({kind}_target_usd), 0) as {kind}_target_usd, cast(0 as decimal(38, 12)) as {kind}_adjusted_usd"
        for kind in ("list", "contracted")
    )
    adjusted = ", ".join(f"0, 0, {kind}_difference_usd" for kind in ("list", "contracted"))
    totals = ", ".join(
        f"cast(sum({kind}_booked_usd) + sum({kind}_adjusted_usd) as decimal(38, 12)) as {kind}_before_usd, "
        f"cast(sum({kind}_target_usd) as decimal(38, 12)) as {kind}_after_usd, "
        f"cast(sum({kind}_target_usd) - sum({kind}_booked_usd) - sum({kind}_adjusted_usd) as decimal(38, 12)) "
        f"as {kind}_difference_usd"
        for kind in ("list", "contracted")
    )
    connection.execute(
        f"""
        create temp table due as
        select {by}, {totals}
        from (
            select {by}, {sums} from compared group by {by}
            union all
            select {by}, {adjusted} from adjustments.price_adjustments where usage_date between $first and $last
        )
        group by {by}
        """,
        window,
    )


def preview_of(connection: duckdb.DuckDBPyConnection) -> Preview:
    """The effect of what `compare` found."""
    sums = (
        "coalesce(sum(contracted_before_usd), 0), coalesce(sum(contracted_after_usd), 0), "
        "coalesce(sum(contracted_difference_usd), 0), coalesce(sum(list_difference_usd), 0)"
    )
    changed = "list_difference_usd <> 0 or contracted_difference_usd <> 0"
    lines = connection.execute(
        f"select provider_id, model_id, cast(date_trunc('month', usage_date) as date), {sums} from due "
        f"group by 1, 2, 3 having bool_or({changed}) order by 3, 1, 2"
    ).fetchall()
    booked, repriced, difference, list_difference, count, unpriced = connection.execute(
        f"select {sums}, count(*) filter ({changed}), "
        "(select coalesce(sum(unpriced_then_count), 0) from compared) from due"
    ).fetchall()[0]
    return Preview(
        tuple(PreviewLine(*line) for line in lines),
        booked,
        repriced,
        difference,
        list_difference,
        adjustment_count=int(count),
        unpriced_then_count=int(unpriced),
    )


def book(connection: duckdb.DuckDBPyConnection, request: Repricing, now: datetime) -> int:
    """Write the adjustments in one transaction and return their number."""
    identity = "\x1f".join(str(part) for part in (now, request.as_known_at, request.first, request.last))
    repricing_id = hashlib.sha256(identity.encode()).hexdigest()[:16]
    by = ("usage_date", *USAGE_DIMENSIONS, "meter")
    key = " || chr(31) || ".join(["$repricing_id", *(f"coalesce(cast({name} as varchar), chr(30))" for name in by)])
    names = ", ".join(ADJUSTMENT_TABLES["price_adjustments"])
    inserted = connection.execute(
        f"""
        insert into adjustments.price_adjustments ({names})
        select
            md5({key}), $repricing_id, $now, $known_at, $first, $last, $reason,
            {", ".join(by)}, list_difference_usd, contracted_difference_usd
        from due
        where list_difference_usd <> 0 or contracted_difference_usd <> 0
        """,
        {
            "repricing_id": repricing_id,
            "now": now,
            "known_at": request.as_known_at,
            "first": request.first,
            "last": request.last,
            "reason": request.reason,
        },
    ).fetchall()
    return int(inserted[0][0])


def _usage(database: str, recorded: str) -> str:
    """Query of the window's usage, one row per identity; surcharges lie inside output and count there.

    `recorded` says of a row that its spend is what was recorded, which no price changes.
    """
    keys = [name for name in _IDENTITY if name != "meter"]
    surcharge = "meter in ('reasoning_surcharge', 'citation_surcharge')"
    return f"""
        select
            {", ".join(keys)}, case when {surcharge} then 'output' else meter end as meter,
            min(provider_id) as provider_id, min(model_id) as model_id,
            sum(case when {surcharge} then 0 else quantity end) as quantity, count(*) as row_count,
            sum(list_cost_usd) as list_cost_usd, bool_or(list_cost_usd is null) as list_is_unknown,
            sum(contracted_cost_usd) as contracted_cost_usd,
            bool_or(contracted_cost_usd is null) as contracted_is_unknown, bool_or({recorded}) as is_recorded
        from {database}.marts.fct_llm_usage_hourly
        where usage_date between $first and $last
        group by all
    """
