"""Total cost of ownership on screen and as a record: groups, categories, units, returns, months ahead, what-ifs.

Put here: columns and words. Keep out: reading and arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from ml.tco.projection import Outcome, breakdown
from ml.tco.returns import ReturnOnOwnership
from orchestration.pricing.ownership import GROUPS, Ownership, later
from orchestration.pricing.quote_words import cents, print_notes
from orchestration.text.terminal import plain as printable

MOST_MEMBERS = 12


def print_ownership(console: Console, found: Ownership, paid: ReturnOnOwnership | None, outcome: Outcome) -> None:
    """The month by group, category and provider, what one costs, what it brings, and the months ahead."""
    total = found.total_usd
    state = "" if found.is_whole else ", days so far"
    console.print(f"[bold]Total cost of ownership, {found.month:%B %Y}{state}[/]  USD {cents(total)}", highlight=False)
    against = _against(found.summary)
    if against:
        console.print(against, highlight=False, soft_wrap=True)
    sums = breakdown(found.lines, "cost_group")
    _shares(console, "group", {name: sums.get(name, Decimal(0)) for name in GROUPS}, total)
    _shares(console, "category", breakdown(found.lines, "category"), total)
    _shares(console, "provider", breakdown(found.lines, "provider"), total)
    _shares(console, "behaviour", breakdown(found.lines, "component"), total)
    _units(console, found)
    if paid is not None:
        _returns(console, found, paid)
    _ahead(console, found, outcome)
    if found.summary.get("highlights"):
        console.print(printable(found.summary["highlights"]), highlight=False, soft_wrap=True)
    print_notes(console, [note for note in found.notes if "no known cost" not in note])


def print_scenarios(console: Console, found: Ownership, outcomes: Sequence[Outcome], months: int) -> None:
    """Every what-if beside the baseline: month, year, difference, the months ahead, by group."""
    table = _table("scenario", "USD a month", "USD a year", "against baseline", "%", f"USD in {months} months")
    for each in outcomes:
        is_baseline = each is outcomes[0]
        table.add_row(
            printable(each.name),
            cents(each.monthly_usd),
            cents(each.annual_usd),
            "" if is_baseline else f"{each.difference_usd:+,.2f}",
            "" if each.difference_pct is None or is_baseline else f"{each.difference_pct:+,.1f}",
            cents(each.projected_usd),
        )
    console.print(f"[bold]What if, from {found.month:%B %Y}[/]", highlight=False)
    console.print(table, highlight=False)
    for by, title in (("by_group", "group"), ("by_category", "category"), ("by_provider", "provider")):
        members = list(dict.fromkeys(name for each in outcomes for name in getattr(each, by)))[:MOST_MEMBERS]
        grid = _table(title, *(printable(each.name) for each in outcomes))
        for name in members:
            grid.add_row(name.replace("_", " "), *(cents(getattr(each, by).get(name, Decimal(0))) for each in outcomes))
        console.print(grid, highlight=False)
    for each in outcomes[1:]:
        if not each.touched_count and each.difference_usd == 0:
            console.print(
                f"[yellow]{printable(each.name)}: nothing of the month answers to it[/]",
                highlight=False,
                soft_wrap=True,
            )
    print_notes(console, found.notes)


def ownership_record(
    found: Ownership, paid: ReturnOnOwnership | None, outcomes: Sequence[Outcome], assumptions: Mapping[str, str]
) -> dict[str, Any]:
    """All of it with decimals as text and what is unknown as null."""
    return {
        "month": f"{found.month:%Y-%m}",
        "is_whole_month": found.is_whole,
        "total_usd": str(found.total_usd),
        "annual_usd": str(found.total_usd * 12),
        "unknown_cost_item_count": found.unknown_count,
        **{
            by: {name: str(usd) for name, usd in breakdown(found.lines, column).items()}
            for by, column in (
                ("by_group", "cost_group"),
                ("by_category", "category"),
                ("by_provider", "provider"),
                ("by_behaviour", "component"),
            )
        },
        "summary": {name: None if value is None else str(value) for name, value in found.summary.items()},
        "units": [
            {name: None if value is None else str(value) for name, value in row.items() if not name.endswith("_key")}
            for row in found.units
            if row["subject_id"] is None
        ],
        "revenue_source": found.revenue_source,
        "return": None
        if paid is None
        else {name: None if value is None else str(value) for name, value in vars(paid).items()},
        "assumptions": dict(assumptions),
        "scenarios": [
            {
                "name": each.name,
                "monthly_usd": str(each.monthly_usd),
                "annual_usd": str(each.annual_usd),
                "difference_usd": str(each.difference_usd),
                "difference_pct": None if each.difference_pct is None else str(each.difference_pct),
                "by_category": {name: str(usd) for name, usd in each.by_category.items()},
                "by_provider": {name: str(usd) for name, usd in each.by_provider.items()},
                "months": [
                    {
                        "month": f"{later(found.month, month.number):%Y-%m}",
                        "fixed_usd": str(month.fixed_usd),
                        "variable_usd": str(month.variable_usd),
                        "one_time_usd": str(month.one_time_usd),
                        "total_usd": str(month.total_usd),
                        "growth_factor": str(month.growth_factor),
                        "efficiency_factor": str(month.efficiency_factor),
                    }
                    for month in each.months
                ],
            }
            for each in outcomes
        ],
        "notes": found.notes,
    }


def _against(summary: Mapping[str, Any]) -> str:
    parts = []
    if summary.get("change_pct") is not None:
        parts.append(f"{summary['change_pct']:+,.1f} % against the month before")
    if summary.get("budget_usd") is not None:
        parts.append(f"{summary['budget_pct']:,.1f} % of the budget of {cents(summary['budget_usd'])}")
    if summary.get("previous_projection_accuracy_pct") is not None:
        parts.append(f"last month's projection was {summary['previous_projection_accuracy_pct']:,.1f} % right")
    return ", ".join(parts)


def _shares(console: Console, title: str, sums: Mapping[str, Decimal], total: Decimal) -> None:
    table = _table(f"by {title}", "USD a month", "USD a year", "%")
    for name, usd in list(sums.items())[:MOST_MEMBERS]:
        share = f"{usd * 100 / total:,.1f}" if total else ""
        table.add_row(printable(name.replace("_", " ")), cents(usd), cents(usd * 12), share)
    if len(sums) > MOST_MEMBERS:
        rest = sum(list(sums.values())[MOST_MEMBERS:], Decimal(0))
        table.add_row(f"{len(sums) - MOST_MEMBERS} more", cents(rest), cents(rest * 12), "")
    console.print(table, highlight=False)


def _units(console: Console, found: Ownership) -> None:
    table = _table("one", "how many", "costs USD", "of it LLM USD")
    for row in found.units:
        if row["subject_id"] is not None:
            continue
        table.add_row(
            printable(row["unit"].replace("_", " ")),
            _many(row["quantity"]),
            _each(row["cost_per_unit_usd"]),
            _each(row["llm_cost_per_unit_usd"]),
        )
    if table.row_count:
        console.print(table, highlight=False)


def _many(value: Decimal | None) -> str:
    return "unknown" if value is None else f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.3f}"


def _each(value: Decimal | None) -> str:
    return "unknown" if value is None else f"{value:,.6f}" if value < 1 else f"{value:,.2f}"


def _returns(console: Console, found: Ownership, paid: ReturnOnOwnership) -> None:
    table = _table("does it pay", "")
    even = "unknown" if paid.break_even_queries is None else f"{paid.break_even_queries:,.0f}"
    pays = "never" if paid.payback_months is None else f"{paid.payback_months:,.1f} months"
    if paid.payback_months == 0:
        pays = "nothing invested (--investment)"
    rows = [
        ("revenue a month", cents(paid.monthly_revenue_usd)),
        ("profit a month", cents(paid.monthly_profit_usd)),
        ("pays back in", pays),
        ("annual return", "unknown" if paid.annual_return_pct is None else f"{paid.annual_return_pct:,.1f} %"),
        ("three years: revenue", cents(paid.three_year_revenue_usd)),
        ("three years: cost", cents(paid.three_year_cost_usd)),
        ("three years: profit", cents(paid.three_year_profit_usd)),
        (
            "three years: return",
            "unknown" if paid.three_year_return_pct is None else f"{paid.three_year_return_pct:,.1f} %",
        ),
        ("break-even, queries a month", even),
    ]
    for name, value in rows:
        table.add_row(name, value)
    console.print(table, highlight=False)
    console.print(f"[dim]revenue: {printable(found.revenue_source)}[/]", highlight=False, soft_wrap=True)


def _ahead(console: Console, found: Ownership, outcome: Outcome) -> None:
    table = _table("month", "fixed", "variable", "one-time", "total", "growth", "efficiency")
    for month in outcome.months:
        table.add_row(
            f"{later(found.month, month.number):%Y-%m}",
            cents(month.fixed_usd),
            cents(month.variable_usd),
            cents(month.one_time_usd),
            cents(month.total_usd),
            f"{month.growth_factor:.4f}",
            f"{month.efficiency_factor:.4f}",
        )
    if table.row_count:
        console.print(table, highlight=False)


def _table(first: str, *others: str) -> Table:
    table = Table(show_edge=False, header_style="bold", box=None, pad_edge=False)
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right")
    return table
