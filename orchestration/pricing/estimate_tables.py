"""An estimate as a table for a terminal and as a record for programs.

Put here: columns and words. Keep out: rates and arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from ml.tco.estimate import Estimate
from orchestration.pricing.quote_words import cents, print_notes
from orchestration.text.figures import plain
from orchestration.text.terminal import plain as printable


def print_estimate(console: Console, found: Estimate, at: datetime, notes: Sequence[str]) -> None:
    """A row per line with quantity, rate and cost, the total, and where rates are from."""
    days = found.hours_a_month / 24
    console.print(
        f"A month of {plain(found.hours_a_month)} hours ({plain(days)} days), rates of {at:%Y-%m-%d}",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(show_edge=False, header_style="bold", box=None, pad_edge=False)
    table.add_column("line", overflow="fold")
    for name in ("quantity", "rate USD", "× factor", "USD a month"):
        table.add_column(name, justify="right")
    for line in found.lines:
        table.add_row(
            printable(line.name),
            f"{line.quantity.normalize():,f} {line.unit}",
            plain(round(line.usd_per_unit, 6)),
            "" if line.factor == 1 else plain(line.factor),
            cents(line.cost_usd),
        )
    table.add_row("[bold]total[/]", "", "", "", f"[bold]{cents(found.total_usd)}[/]")
    table.add_row("[dim]a year[/]", "", "", "", f"[dim]{cents(found.total_usd * 12)}[/]")
    console.print(table, highlight=False)
    if found.cost_per_used_hour_usd is not None:
        console.print(
            f"an hour in which it works costs {cents(found.cost_per_used_hour_usd)} USD",
            highlight=False,
            soft_wrap=True,
        )
    for line in found.lines:
        style = "yellow" if line.is_assumption else "dim"
        console.print(f"[{style}]{printable(line.name)}: {printable(line.basis)}[/]", highlight=False, soft_wrap=True)
    print_notes(console, list(notes))


def estimate_record(found: Estimate, at: datetime, notes: Sequence[str]) -> dict[str, Any]:
    """The estimate with decimals as text."""
    return {
        "rates_of": at.isoformat(),
        "hours_a_month": str(found.hours_a_month),
        "lines": [
            {
                "name": line.name,
                "quantity": str(line.quantity),
                "unit": line.unit,
                "usd_per_unit": str(line.usd_per_unit),
                "factor": str(line.factor),
                "cost_usd": str(line.cost_usd),
                "basis": line.basis,
                "is_assumption": line.is_assumption,
            }
            for line in found.lines
        ],
        "total_usd": str(found.total_usd),
        "annual_usd": str(found.total_usd * 12),
        "cost_per_used_hour_usd": None if found.cost_per_used_hour_usd is None else str(found.cost_per_used_hour_usd),
        "notes": list(notes),
    }
