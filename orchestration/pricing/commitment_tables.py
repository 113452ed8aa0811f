"""Commitments and advice on screen and as a record.

Put here: columns and words. Keep out: reading and arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from orchestration.pricing.commitment_book import Judged
from orchestration.pricing.quote_words import cents, print_notes
from orchestration.text.terminal import plain as printable


def print_commitments(
    console: Console, months: Sequence[dict[str, Any]], judged: Sequence[Judged], notes: Sequence[str]
) -> None:
    """What is held with its use, then what to do, a paragraph each."""
    if months:
        table = Table(show_edge=False, header_style="bold", box=None, pad_edge=False)
        table.add_column("commitment", overflow="fold")
        for name in ("month", "used %", "spilled", "amortised", "cash", "stranded"):
            table.add_column(name, justify="right")
        for row in months:
            table.add_row(
                printable(row["commitment_name"] or row["commitment_id"]),
                f"{row['month_start_date']:%Y-%m}",
                "unknown" if row["utilization_pct"] is None else f"{row['utilization_pct']:,.1f}",
                f"{row['spill_over_unit_hours']:,.1f} h",
                cents(row["amortized_cost_usd"]),
                cents(row["cash_cost_usd"]),
                cents(row["stranded_cost_usd"]),
            )
        console.print(table, highlight=False)
        for row in months:
            if row["stranded_team"]:
                _say(console, f"stranded cost of {row['commitment_id']} stays with {row['stranded_team']}")
            if row["spend_source"] == "nowhere":
                _say(
                    console,
                    f"{row['commitment_id']} is in no total: no bill and no item of that id carries it; "
                    "add it to tco_items.csv",
                    "yellow",
                )
    for each in judged:
        _advice(console, each)
    if not months and not judged:
        console.print("No commitment is declared (commitments.csv) and no GPU runs on demand.", highlight=False)
    print_notes(console, list(notes))


def _advice(console: Console, each: Judged) -> None:
    advice = each.advice
    if advice is None:
        _say(console, f"{each.subject}: no advice; {each.reason or 'nothing is offered'}", "dim")
        return
    if advice.action in ("renew", "buy", "shrink"):
        what = f"{advice.action}: {advice.units} {each.unit} instead of {each.held}, {advice.offer.name}"
    else:
        what = f"{advice.action}, {advice.offer.name}"
    console.print(f"[bold]{printable(each.subject)}[/]: {printable(what)}", highlight=False, soft_wrap=True)
    _say(
        console,
        f"  {advice.reason}; it pays from {advice.break_even_ratio:.0%} of the time, "
        f"{advice.utilization_ratio:.0%} used; "
        f"USD {cents_of(advice.monthly_cost_usd)} a month instead of {cents_of(advice.on_demand_cost_usd)}",
    )
    if advice.upfront_usd:
        months = "never" if advice.break_even_months is None else f"after {advice.break_even_months:,.1f} months"
        _say(console, f"  USD {cents_of(advice.upfront_usd)} at once, back {months}")
    if each.backtest_regret_ratio is not None:
        _say(
            console,
            f"  backtest: the first half's advice cost {each.backtest_regret_ratio:.1%} more than the best in "
            "the second half",
        )
    if advice.offer.is_assumption:
        _say(console, "  the rate is an assumption: write yours in infrastructure_rates.csv", "yellow")


def commitments_record(
    months: Sequence[dict[str, Any]], judged: Sequence[Judged], notes: Sequence[str]
) -> dict[str, Any]:
    """All of it; decimals as text."""
    return {
        "commitments": [{name: None if value is None else str(value) for name, value in row.items()} for row in months],
        "advice": [
            {
                "subject": each.subject,
                "unit": each.unit,
                "held_units": each.held,
                "demand_hours": each.hours,
                "backtest_regret_ratio": each.backtest_regret_ratio,
                "reason": each.reason if each.advice is None else each.advice.reason,
                "action": None if each.advice is None else each.advice.action,
                **(
                    {}
                    if each.advice is None
                    else {
                        name: value
                        for name, value in vars(each.advice).items()
                        if name not in ("offer", "reason", "held")
                    }
                    | {"offer": vars(each.advice.offer)}
                ),
            }
            for each in judged
        ],
        "notes": list(notes),
    }


def cents_of(value: float) -> str:
    """Dollars of an estimate."""
    return f"{value:,.2f}"


def _say(console: Console, text: str, style: str = "") -> None:
    words = printable(text)
    console.print(f"[{style}]{words}[/]" if style else words, highlight=False, soft_wrap=True)
