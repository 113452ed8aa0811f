"""`costops reprice`: apply what is known of prices to past usage, deliberately.

Put here: its options, the preview, the question. Keep out: pricing (`orchestration.pricing.repricing`), booking.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration.commands.shared import HomeOption, console, fail, parse_window, settings_of
from orchestration.home.clock import utc_now
from orchestration.home.lock import HomeIsBusyError
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from orchestration.pricing.price_adjustments import Preview


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command(name="reprice")(reprice_usage)


def reprice_usage(
    from_: Annotated[str, typer.Option("--from", help="First day of usage (UTC).")],
    to: Annotated[str, typer.Option("--to", help="Last day of usage (UTC), inclusive.")],
    as_known_at: Annotated[
        str,
        typer.Option("--as-known-at", help="'now', or an instant (UTC) like 2026-11-01T06:00; a date is its start."),
    ],
    reason: Annotated[str | None, typer.Option(help="Why, kept with the adjustments.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Book without asking.")] = False,
    home: HomeOption = None,
) -> None:
    """Reprice past usage as prices were known at an instant: preview, then adjustments; booked figures stay."""
    from orchestration.home.dbt_project import DbtError
    from orchestration.home.lock import WarehouseIsLockedError
    from orchestration.pricing.price_adjustments import Repricing, RepricingError
    from orchestration.pricing.repricing import reprice

    first, last = parse_window(from_, to)
    if first is None or last is None:
        raise fail("--from and --to are needed", 2)
    now = utc_now()
    request = Repricing(first, last, _instant(as_known_at, now), reason)

    def confirm(preview: Preview) -> bool:
        _print_preview(preview, request.as_known_at)
        return yes or typer.confirm("Book these adjustments?", default=False)

    try:
        booked = reprice(settings_of(home), request, now=now, tell=console.print, confirm=confirm)
    except (RepricingError, HomeIsBusyError, WarehouseIsLockedError, DbtError) as error:
        raise fail(str(error)) from None
    if booked is None:
        console.print("Nothing was booked.")
        raise typer.Exit(1)
    if booked == 0:
        console.print("Nothing to adjust: what is booked already is what these prices give.")
    else:
        console.print(f"Booked {booked:,} adjustments. The marts have them after the next [bold]costops run[/].")


def _instant(text: str, now: datetime) -> datetime:
    if text == "now":
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise fail(f"--as-known-at {text!r} is neither 'now' nor an instant; write it as 2026-01-31T06:00", 2) from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _print_preview(preview: Preview, as_known_at: datetime) -> None:
    table = Table(title=f"Prices as known at {as_known_at} UTC", title_justify="left", show_edge=False)
    for name in ("provider", "model", "month"):
        table.add_column(name)
    for name in ("booked USD", "repriced USD", "difference USD"):
        table.add_column(name, justify="right")
    for line in preview.lines:
        amounts = (_words(line.booked_usd), _words(line.repriced_usd), _words(line.difference_usd))
        table.add_row(plain(line.provider_id or "–"), plain(line.model_id or "–"), f"{line.month:%Y-%m}", *amounts)
    table.add_section()
    amounts = (_words(preview.booked_usd), _words(preview.repriced_usd), _words(preview.difference_usd))
    table.add_row("all usage of these days", "", "", *amounts, style="bold")
    console.print(table)
    console.print(
        f"{preview.adjustment_count:,} adjustments; list cost changes by {_words(preview.list_difference_usd)} USD. "
        "Amounts are contracted cost; where a bill covers the day, spend stays what was billed.",
        highlight=False,
        soft_wrap=True,
    )
    if preview.unpriced_then_count:
        console.print(
            f"{preview.unpriced_then_count:,} hourly usage rows have no price as known then and keep what is booked.",
            highlight=False,
            soft_wrap=True,
        )


def _words(amount: Decimal) -> str:
    return f"{amount:,.6f}"
