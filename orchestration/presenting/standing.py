"""What published figures rest on: how new they are, what of them is unknown, what is missing or held back.

Put here: reading it and saying it in words. Keep out: figures themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb

from ingestion.landing.counting import counted
from orchestration.home.clock import utc_now
from orchestration.presenting.formats import Unit, shown
from orchestration.presenting.periods import Period

NEVER_BILLED = {"user": "user_id", "customer": "customer_id", "feature": "feature"}
"""What no bill names, by its column: what one covers is nobody's spend, so that usage at contract prices tells who used
LLMs."""
NAMES_TOLD = 4
_PUBLISHED = "select max(published_at_utc) from rpt_mart_status"
_HELD_BACK = "select mart, reason from rpt_mart_status where status <> 'current' order by mart"
_NEWEST = """
select max(usage_date) filter (where spend_usd is not null), max(usage_date),
    max(usage_date) filter (where cost_kind = 'llm')
from rpt_cost_daily"""
_UNKNOWN = """
select coalesce(sum(unknown_cost_item_count), 0),
    sum(spend_usd) filter (where cost_basis in ('billed', 'recorded', 'mixed')), sum(spend_usd)
from rpt_spend_basis_daily where usage_date between ? and ?"""
_TOKENS = "select sum(unpriced_tokens), sum(total_tokens) from rpt_cost_daily where usage_date between ? and ?"
_MISSING = """
select source, count(distinct usage_date) from rpt_source_completeness
where status = 'missing' and usage_date between ? and ? and usage_date >= (
    select min(complete.usage_date) from rpt_source_completeness as complete
    where complete.source = rpt_source_completeness.source and complete.endpoint = rpt_source_completeness.endpoint
        and complete.status in ('complete', 'restated')
)
group by source order by source"""
_ERRORS = "select count(*) from rpt_landing_notes where severity = 'error'"


@dataclass(frozen=True)
class Standing:
    """What the figures of a period rest on."""

    period: Period
    published_at_utc: datetime | None
    through_date: date | None
    """The newest day that has spend, over or not."""
    today: date
    unknown_cost_item_count: int
    unpriced_tokens: int | None
    total_tokens: int | None
    billed_spend_usd: Decimal | None
    spend_usd: Decimal | None
    missing_days_by_source: Sequence[tuple[str, int]] = ()
    held_back: Sequence[tuple[str, str]] = ()
    error_count: int = 0
    newest_date: date | None = None
    """The newest day of which anything has arrived, its cost known or not."""
    newest_llm_date: date | None = None
    """The newest of which anything of LLMs has."""

    @property
    def is_period_over(self) -> bool:
        """Whether no day of the period is still to come or in progress."""
        return self.period.last < self.today

    @property
    def progress(self) -> str:
        """Whether figures of the period still move, in a word or two; empty where it is over."""
        if self.is_period_over:
            return ""
        return "in progress" if self.period.first <= self.today else "not begun"

    @property
    def faults(self) -> tuple[str, ...]:
        """Why its figures are incomplete, a sentence each with its remedy; none where they are not."""
        said = []
        for newest, what in ((self.newest_date, "usage and no bill"), (self.newest_llm_date, "usage of LLMs")):
            if newest and newest < self.period.first <= self.today:
                said.append(
                    f"no {what} of {self.period.label} has arrived: the newest is of {newest:%Y-%m-%d} "
                    "(costops run reads what is new)"
                )
                break
        if self.unknown_cost_item_count:
            unpriced = f", {shown(self.unpriced_tokens, Unit.COUNT)} tokens of it" if self.unpriced_tokens else ""
            items = counted(self.unknown_cost_item_count, "item of this period has", "items of this period have")
            said.append(
                f"{items} no known cost{unpriced}: totals are at least "
                "what they say (fct_unpriced_usage_daily and rpt_missing_fx_rates name it)"
            )
        if self.missing_days_by_source:
            days = ", ".join(f"{source} {counted(days, 'day', 'days')}" for source, days in self.missing_days_by_source)
            said.append(f"reports are missing: {days} (costops backfill pulls them)")
        if self.held_back:
            names = [mart for mart, _ in self.held_back[:NAMES_TOLD]]
            more = len(self.held_back) - len(names)
            listed = ", ".join(names) + (f" and {more} more" if more else "")
            said.append(f"held back since something they read is wrong: {listed} (costops doctor says why)")
        if self.error_count:
            said.append(f"{counted(self.error_count, 'landing', 'landings')} failed (costops doctor names them)")
        return tuple(said)

    @property
    def is_at_least(self) -> bool:
        """Whether totals lack what is not known yet."""
        has_llm = not self.newest_llm_date or self.newest_llm_date >= self.period.first
        return bool(self.unknown_cost_item_count) or not has_llm

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be wrong or missing."""
        return not self.faults

    @property
    def billed_ratio(self) -> Decimal | None:
        """The part of spend that bills or charges on calls say; the rest is priced, declared or rated."""
        if not self.spend_usd or self.billed_spend_usd is None:
            return None
        return (self.billed_spend_usd / self.spend_usd).quantize(Decimal("0.0001"))

    @property
    def footer(self) -> str:
        """Period, freshness and coverage in one line."""
        parts = [f"{self.period.label}, {self.progress}" if self.progress else self.period.label]
        if self.through_date:
            parts.append(f"data through {self.through_date:%Y-%m-%d}")
        if self.published_at_utc:
            parts.append(f"published {self.published_at_utc:%Y-%m-%d %H:%M} UTC")
        if self.total_tokens:
            priced = self.total_tokens - (self.unpriced_tokens or 0)
            parts.append(f"{shown(Decimal(priced) / self.total_tokens, Unit.RATIO)} of tokens priced")
        if self.billed_ratio is not None:
            parts.append(f"{shown(self.billed_ratio, Unit.RATIO)} of spend billed")
        return " · ".join(parts)


def standing_of(connection: duckdb.DuckDBPyConnection, period: Period, today: date) -> Standing:
    """The standing of a period in a published copy whose marts are the default schema.

    A mart that is not published, or is older than the code and lacks a column, counts as one that says nothing wrong.
    """
    span = period.first, min(period.last, today)
    unknown = _row(connection, _UNKNOWN, *span)
    tokens = _row(connection, _TOKENS, *span)
    yesterday = min(period.last, today - timedelta(days=1))
    missing = _rows(connection, _MISSING, period.first, yesterday)
    through, newest, newest_llm, *_ = _row(connection, _NEWEST)
    return Standing(
        period=period,
        published_at_utc=_row(connection, _PUBLISHED)[0],
        through_date=through,
        newest_date=newest,
        newest_llm_date=newest_llm,
        today=today,
        unknown_cost_item_count=int(unknown[0] or 0),
        billed_spend_usd=unknown[1],
        spend_usd=unknown[2],
        unpriced_tokens=None if tokens[0] is None else int(tokens[0]),
        total_tokens=None if tokens[1] is None else int(tokens[1]),
        missing_days_by_source=[(str(source), int(days)) for source, days in missing],
        held_back=[(str(mart), str(reason)) for mart, reason in _rows(connection, _HELD_BACK)],
        error_count=int(_row(connection, _ERRORS)[0] or 0),
    )


def published_today(connection: duckdb.DuckDBPyConnection) -> date:
    """The day on which the copy was published: what `month` and `30d` are seen from, so that a page or report of
    the same copy says the same on any day."""
    published = _row(connection, _PUBLISHED)[0]
    if isinstance(published, datetime):
        return published.date()
    newest = _row(connection, _NEWEST)[0]
    return newest if isinstance(newest, date) else utc_now().date()


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, *values: object) -> list[tuple]:
    try:
        return connection.execute(sql, list(values)).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []


def _row(connection: duckdb.DuckDBPyConnection, sql: str, *values: object) -> tuple:
    return (*(_rows(connection, sql, *values) or [()])[0], None, None, None)
