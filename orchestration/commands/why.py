"""`costops why`: any change of spend explained, in words, a table and a picture.

Put here: options, reading the published rows, printing. Keep out: the comparison (`ml.anomalies.compare`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import duckdb
import typer

from orchestration.charts.rendering import FILES, write
from orchestration.commands.shared import HomeOption, console, fail, parse_date, parse_window, published
from orchestration.publishing.spend_changes import BILLED, METERED, changed_rows, what_there_is
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from ml.anomalies.compare import Explanation, Period

ROWS_TOLD = 8
WIDTH = 80


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(why)


def why(
    from_: Annotated[str, typer.Option("--from", help="First day to explain.")],
    to: Annotated[str | None, typer.Option("--to", help="Last day to explain. Default: the first.")] = None,
    team: Annotated[str | None, typer.Option(help="Only this team.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only this provider.")] = None,
    model: Annotated[str | None, typer.Option(help="Only this model.")] = None,
    project: Annotated[str | None, typer.Option(help="Only this project.")] = None,
    key: Annotated[str | None, typer.Option(help="Only this API key.")] = None,
    feature: Annotated[str | None, typer.Option(help="Only this feature.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only usage for this customer.")] = None,
    service: Annotated[str | None, typer.Option(help="Only this service of a bill; implies --billed.")] = None,
    sub_account: Annotated[str | None, typer.Option(help="Only this sub-account of a bill; implies --billed.")] = None,
    billed: Annotated[bool, typer.Option("--billed", help="Explain what was billed rather than metered.")] = False,
    against_from: Annotated[
        str | None, typer.Option(help="First day to compare with. Default: the same weekdays of the weeks before.")
    ] = None,
    against_to: Annotated[str | None, typer.Option(help="Last day to compare with.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Also draw it: a .png, .svg or .html file.")] = None,
    home: HomeOption = None,
) -> None:
    """Explain why spend changed: by volume, price, model mix, tokens, cache and tier, and where."""
    asked = {
        "team": team,
        "provider": provider,
        "model": model,
        "project": project,
        "key": key,
        "feature": feature,
        "customer": customer,
        "service": service,
        "sub-account": sub_account,
    }
    chosen = {name: value for name, value in asked.items() if value is not None}
    dimensions = BILLED if billed or service or sub_account else METERED
    if unknown := sorted(set(chosen) - set(dimensions)):
        kind = "bills have no" if dimensions is BILLED else "metered usage has no"
        raise fail(f"{kind} {' or '.join(unknown)}; see: costops why --help", 2)
    after, before = _periods(from_, to, against_from, against_to)
    if picture is not None and picture.suffix.lower() not in FILES:
        raise fail(f"--picture {picture.name} ends in none of {', '.join(FILES)}", 2)
    found = _explain(home, chosen, dimensions, after, before)
    subject = " and ".join(f"{name} {value}" for name, value in chosen.items()) or "All together"
    _print(found, subject)
    if picture is not None:
        _draw(found, subject, picture)
        console.print(f"Drawn: {plain(str(picture))}", soft_wrap=True)


def _periods(
    from_: str, to: str | None, against_from: str | None, against_to: str | None
) -> tuple[Period, Period | None]:
    from ml.anomalies.compare import Period

    first, last = parse_window(from_, to)
    if first is None:
        raise fail("--from is needed", 2)
    start, end = parse_date(against_from, "--against-from"), parse_date(against_to, "--against-to")
    if (start is None) != (end is None):
        raise fail("--against-from and --against-to go together", 2)
    if start is not None and end is not None and start > end:
        raise fail(f"--against-from {start} lies after --against-to {end}", 2)
    return Period(first, last or first), Period(start, end) if start and end else None


def _explain(
    home: Path | None, chosen: dict[str, str], dimensions: dict[str, str], after: Period, before: Period | None
) -> Explanation:
    from ml.anomalies.compare import explain_change, period_before

    against = before or period_before(after)
    first, last = min(against.first, after.first), max(against.last, after.last)
    try:
        with published(home) as connection:
            rows = changed_rows(connection, chosen, dimensions, first, last)
            days = rows["usage_date"]
            if rows.empty or not (after.holds(days) | against.holds(days)).any():
                raise fail(what_there_is(connection, chosen, dimensions, after), 1)
    except duckdb.CatalogException as error:
        raise fail(
            f"{str(error).splitlines()[0]}\nWhat is published is older than this command; run: costops run"
        ) from None
    return explain_change(rows, after, before, {name: dimensions[name] for name in dimensions if name not in chosen})


def _print(found: Explanation, subject: str) -> None:
    from rich.table import Table

    from ml.anomalies.compare import driver_rows, sentences
    from ml.anomalies.words import amount, signed

    width = min(console.width, WIDTH)
    for sentence in sentences(found, subject):
        console.print(plain(sentence), width=width, highlight=False)
    console.print()
    table = Table(show_edge=False, header_style="bold", width=width)
    table.add_column("Cause", ratio=1)
    table.add_column("USD", justify="right")
    table.add_column("of change", justify="right")
    change = found.change_usd
    for name, usd in driver_rows(found):
        table.add_row(name, signed(usd), f"{float(usd / change):.0%}" if change else "")
    table.add_row("[bold]change[/]", f"[bold]{signed(change)}[/]", "100%" if change else "")
    console.print(table)
    moved = found.slices[found.slices["change_usd"] != 0]
    if moved.empty:
        return
    console.print()
    slices = Table(show_edge=False, header_style="bold", width=width)
    slices.add_column("Slice", no_wrap=True)
    slices.add_column("Value", ratio=1, no_wrap=True, overflow="ellipsis")
    for name in ("Expected", "Actual", "Change"):
        slices.add_column(name, justify="right", no_wrap=True)
    for row in moved.head(ROWS_TOLD).to_dict("records"):
        money = (amount(row["before_usd"]), amount(row["after_usd"]), signed(row["change_usd"]))
        slices.add_row(row["slice"], plain(row["value"]), *money)
    console.print(slices)


def _draw(found: Explanation, subject: str, path: Path) -> None:
    from orchestration.charts.change import change_spec

    try:
        write(change_spec(found, subject), path)
    except OSError as error:
        raise fail(f"{path} cannot be written: {error.strerror}") from None
