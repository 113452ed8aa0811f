"""Total cost of ownership as it stands and as it could be: published months, what-ifs of the organisation.

`tco_scenarios.csv` is read where it lies, so a change of it shows without a run. Put here: reading both. Keep out:
arithmetic (`ml.tco`), printing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from ingestion.config import Settings
from ml.tco.projection import Change, CostLine, breakdown, project

GROUPS = ("infrastructure", "llm_api", "personnel", "overhead", "other")
HISTORY_MONTHS = 12


class NoOwnershipError(LookupError):
    """There is nothing to stand on, in words."""


@dataclass
class Ownership:
    """A month's lines, the months before it by group, and quantities of the month."""

    month: date
    is_whole: bool
    lines: list[CostLine]
    history: list[dict[str, Any]]
    summary: dict[str, Any]
    units: list[dict[str, Any]]
    unknown_count: int
    revenue_usd: Decimal | None
    revenue_source: str
    notes: list[str] = field(default_factory=list)

    @property
    def total_usd(self) -> Decimal:
        """All lines."""
        return sum((line.usd for line in self.lines), Decimal(0))

    def unit(self, name: str) -> dict[str, Any] | None:
        """What one of something costs."""
        return next((row for row in self.units if row["unit"] == name and row["subject_id"] is None), None)


def read_ownership(connection: duckdb.DuckDBPyConnection, month: date | None) -> Ownership:
    """The month asked for, else the newest whole one, else the newest.

    Raises:
        NoOwnershipError: nothing is published, or not this month.
    """
    try:
        months = _rows(
            connection,
            "select month_start_date, max(day_count) as day_count from fct_tco_monthly group by 1 order by 1 desc",
        )
    except duckdb.CatalogException:
        raise NoOwnershipError("no total cost of ownership is published yet; costops run builds it") from None
    if not months:
        raise NoOwnershipError("there is no cost yet: land bills, usage or own costs, then costops run")
    whole = [row["month_start_date"] for row in months if row["day_count"] >= _days_in(row["month_start_date"])]
    chosen = month or (whole[0] if whole else months[0]["month_start_date"])
    if chosen not in {row["month_start_date"] for row in months}:
        known = ", ".join(f"{row['month_start_date']:%Y-%m}" for row in months[:6])
        raise NoOwnershipError(f"{chosen:%Y-%m} has no cost; the newest months are {known}")
    rows = _rows(connection, "from fct_tco_monthly where month_start_date = ? order by all", chosen)
    lines = [_line(row, chosen) for row in rows if row["cost_usd"] is not None]
    revenue, source = _revenue(connection, chosen)
    [summary] = _rows(connection, "from rpt_tco_summary_monthly where month_start_date = ?", chosen)
    found = Ownership(
        month=chosen,
        is_whole=chosen in whole,
        lines=lines,
        history=_rows(
            connection,
            "select month_start_date, cost_group, sum(cost_usd) as cost_usd from fct_tco_monthly "
            "where month_start_date <= ? and cost_usd is not null group by all order by all",
            chosen,
        ),
        summary=summary,
        units=_rows(connection, "from rpt_unit_economics_monthly where month_start_date = ? order by unit", chosen),
        unknown_count=sum(row["unknown_cost_item_count"] for row in rows),
        revenue_usd=revenue,
        revenue_source=source,
    )
    if not found.is_whole:
        found.notes.append(f"{chosen:%Y-%m} is not whole yet: its cost is of the days so far, and so is what follows")
    if found.unknown_count:
        found.notes.append(f"{found.unknown_count} items of the month have no known cost: all figures are at least")
    return found


def read_scenarios(settings: Settings) -> tuple[dict[str, tuple[str, list[Change]]], list[str]]:
    """Scenario to its name and changes, and what is wrong with the file, in words."""
    from ingestion.sources.org.pipeline import read_folder

    table = read_folder(settings.org_dir)["tco_scenarios"]
    problems = [*table.problems, *(row.problem for row in table.rows if row.problem is not None)]
    found: dict[str, tuple[str, list[Change]]] = {}
    for row in table.good:
        values = row.values
        change = Change(
            cost_group=values["cost_group"],
            category=values["category"],
            item_id=values["item_id"],
            provider=(values["provider_name"] or "").lower() or None,
            change=_share(values["change_pct"]),
            monthly_usd=values["monthly_usd"],
            one_time_usd=values["one_time_usd"],
            amortization_months=int(values["amortization_months"] or 36),
            growth=_share(values["growth_pct"]),
            efficiency=_share(values["efficiency_pct"]),
        )
        found.setdefault(values["scenario_id"], (values["scenario_name"], []))[1].append(change)
    return found, [problem.message for problem in problems]


def months_by_group(
    found: Ownership, lines: Sequence[CostLine], months: int, growth: Decimal, efficiency: Decimal
) -> list[dict[str, Any]]:
    """The last months as they were and the months ahead, by group: what a picture shows."""
    past = found.history[-HISTORY_MONTHS * len(GROUPS) :]
    rows = [{"month": row["month_start_date"], "group": row["cost_group"], "usd": row["cost_usd"]} for row in past]
    for group in breakdown(lines, "cost_group"):
        own = [line for line in lines if line.cost_group == group]
        for month in project(own, months, growth=growth, efficiency=efficiency):
            rows.append({"month": later(found.month, month.number), "group": group, "usd": month.total_usd})
    return rows


def later(month: date, months: int) -> date:
    """The first of the month so many months later."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _line(row: dict[str, Any], month: date) -> CostLine:
    end = row["ends_before_date"]
    left = None
    if end is not None:
        last = date.fromordinal(end.toordinal() - 1)
        left = max(0, (last.year - month.year) * 12 + last.month - month.month)
    return CostLine(
        row["item_id"],
        row["cost_group"],
        row["category"],
        row["provider_id"] or "other",
        row["cost_component"],
        row["cost_usd"],
        left,
    )


def _revenue(connection: duckdb.DuckDBPyConnection, month: date) -> tuple[Decimal | None, str]:
    """Stated for the whole, else what projects state; None where neither is."""
    stated = _rows(
        connection,
        "select max(revenue_usd) as usd from rpt_unit_economics_monthly "
        "where month_start_date = ? and subject_id is null",
        month,
    )
    if stated and stated[0]["usd"] is not None:
        return stated[0]["usd"], "revenue_usd of business_metrics.csv"
    projects = _rows(
        connection,
        "select sum(monthly_revenue_usd) as usd from rpt_project_margin_monthly where month_start_date = ?",
        month,
    )
    usd = projects[0]["usd"] if projects else None
    return usd, "projects.csv, projects with spend" if usd is not None else "stated nowhere"


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: object) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, list(parameters))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent / 100


def _days_in(month: date) -> int:
    return monthrange(month.year, month.month)[1]


def known_names(scenarios: Iterable[str]) -> str:
    """Names for a sentence."""
    return ", ".join(sorted(scenarios)) or "none: write some in tco_scenarios.csv"
