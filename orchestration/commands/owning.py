"""`costops tco`: what it all costs, what one costs, whether it pays, where it goes, and what if.

Put here: arguments, errors in words. Keep out: reading and printing (`orchestration.pricing`), arithmetic (`ml.tco`).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.shared import (
    Format,
    FormatOption,
    HomeOption,
    console,
    fail,
    print_json,
    published,
    settings_of,
)

if TYPE_CHECKING:
    from ml.tco.projection import Change, CostLine, Outcome
    from ml.tco.returns import ReturnOnOwnership
    from orchestration.pricing.ownership import Ownership


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(tco)


def tco(
    month: Annotated[str | None, typer.Option("--month", help="As 2026-10. Default: the newest whole one.")] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option("--scenario", help="A what-if of tco_scenarios.csv beside the baseline, or all. Repeat."),
    ] = None,
    months: Annotated[int, typer.Option("--months", min=0, max=120, help="Months ahead.")] = 12,
    growth: Annotated[str, typer.Option("--growth", help="Growth of usage, % a year.")] = "10",
    efficiency: Annotated[str, typer.Option("--efficiency", help="What gets cheaper of it, % a year.")] = "2",
    investment: Annotated[str, typer.Option("--investment", help="USD spent before, which has to pay back.")] = "0",
    revenue: Annotated[
        str | None, typer.Option("--revenue", help="USD a month. Default: business_metrics.csv, then projects.csv.")
    ] = None,
    revenue_growth: Annotated[str, typer.Option("--revenue-growth", help="Growth of revenue, % a year.")] = "5",
    chart: Annotated[Path | None, typer.Option("--chart", help="Also draw it: .png, .svg, .pdf or .html.")] = None,
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show what it all costs in a month: groups, categories, units, return, the months ahead, and what-ifs.

    Everything is of the published months; variable cost grows and gets cheaper, fixed cost stays, one-time items go on
    until they are amortised.
    """
    from ml.tco.projection import outcome
    from orchestration.pricing.ownership import NoOwnershipError, read_ownership
    from orchestration.pricing.ownership_tables import ownership_record, print_ownership, print_scenarios

    rates = {
        "growth": _percent(growth, "--growth", -99),
        "efficiency": _percent(efficiency, "--efficiency", -1000, 99),
        "revenue_growth": _percent(revenue_growth, "--revenue-growth", -99),
    }
    wanted = None if month is None else _month(month)
    with published(home) as connection:
        try:
            found = read_ownership(connection, wanted)
        except NoOwnershipError as error:
            raise fail(str(error)) from None
    ahead = {"growth": rates["growth"], "efficiency": rates["efficiency"]}
    base = outcome("baseline", found.lines, (), months, growth=rates["growth"], efficiency=rates["efficiency"])
    outcomes = [base, *_what_ifs(home, scenario or [], found.lines, months, ahead, base)]
    paid = _paid(found, revenue, _amount(investment, "--investment"), rates)
    if chart is not None:
        _draw(chart, found, months, ahead)
    if format_ is Format.JSON:
        said = {name: str(rate) for name, rate in rates.items()}
        print_json(ownership_record(found, paid, outcomes, said))
    elif scenario:
        print_scenarios(console, found, outcomes, months)
    else:
        print_ownership(console, found, paid, base)
        if chart is not None:
            console.print(f"drawn: {chart}", highlight=False, soft_wrap=True, markup=False)


def _what_ifs(
    home: Path | None,
    wanted: list[str],
    lines: list[CostLine],
    months: int,
    ahead: dict[str, Decimal],
    base: Outcome,
) -> list[Outcome]:
    from ml.tco.projection import outcome
    from orchestration.pricing.ownership import known_names, read_scenarios
    from orchestration.text.terminal import plain

    if not wanted:
        return []
    known, problems = read_scenarios(settings_of(home))
    for problem in problems:
        console.print(f"[yellow]left out: {plain(problem)}[/]", highlight=False, soft_wrap=True)
    names = list(known) if wanted == ["all"] else wanted
    if unknown := [name for name in names if name not in known]:
        raise fail(f"unknown scenario {', '.join(unknown)}; known are {known_names(known)}", 2)
    if not names:
        raise fail(f"no scenario is known; {known_names(known)}", 2)
    growth, efficiency = ahead["growth"], ahead["efficiency"]
    return [
        outcome(*_named(known, name, lines), months, growth=growth, efficiency=efficiency, baseline=base)
        for name in names
    ]


def _named(
    known: dict[str, tuple[str, list[Change]]], name: str, lines: list[CostLine]
) -> tuple[str, list[CostLine], list[Change]]:
    return known[name][0], lines, known[name][1]


def _paid(
    found: Ownership, revenue: str | None, investment: Decimal, rates: dict[str, Decimal]
) -> ReturnOnOwnership | None:
    from ml.tco.projection import project
    from ml.tco.returns import returns

    earned = found.revenue_usd
    if revenue is not None:
        earned, found.revenue_source = _amount(revenue, "--revenue"), "as given"
    if earned is None:
        return None
    queries = found.unit("query")
    return returns(
        found.total_usd,
        earned,
        project(found.lines, 36, growth=rates["growth"], efficiency=rates["efficiency"]),
        investment_usd=investment,
        queries=None if queries is None else queries["quantity"],
        revenue_growth=rates["revenue_growth"],
    )


def _draw(path: Path, found: Ownership, months: int, ahead: dict[str, Decimal]) -> None:
    from orchestration.charts.basic import over_time
    from orchestration.charts.rendering import write
    from orchestration.pricing.ownership import GROUPS, months_by_group

    if path.suffix.lower() not in (".png", ".svg", ".pdf", ".html"):
        raise fail(f"--chart {path}: give a .png, .svg, .pdf or .html file", 2)
    rows = months_by_group(found, found.lines, months, ahead["growth"], ahead["efficiency"])
    names = {group: group.replace("_", " ") for group in GROUPS}
    shown = [{**row, "group": names.get(row["group"], row["group"])} for row in rows]
    spec = over_time(
        shown, "month", "usd", "group", mark="bar", x_format="%b %Y", domain=list(names.values()), colors=COLORS
    )
    spec["title"] = {
        "text": "Total cost of ownership by month (USD)",
        "subtitle": f"to {found.month:%b %Y} as it was, then projected",
    }
    write(spec, path)


COLORS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2", "#9d9d9d")


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        raise fail(f"--month {text!r} is no month; write it as 2026-10", 2) from None


def _percent(text: str, option: str, least: int, most: int = 1000) -> Decimal:
    value = _amount(text, option, least)
    if value > most:
        raise fail(f"{option} {text} is not between {least} and {most}", 2)
    return value / 100


def _amount(text: str, option: str, least: int = 0) -> Decimal:
    try:
        value = Decimal(text.rstrip("%"))
    except InvalidOperation:
        raise fail(f"{option} {text!r} is no number", 2) from None
    if not value.is_finite() or value < least or value > 10**12:
        raise fail(f"{option} {text} is not between {least} and 10^12", 2)
    return value
