"""`costops close`, `reopen`, `verify-close` and `chargeback`.

Put here: arguments, questions, printed tables. Keep out: the acts (`orchestration.closing`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ingestion.config import Settings
from orchestration.closing.books import CloseRefusedError, Proposal, close_period, propose, reopen_period
from orchestration.closing.periods import PeriodError, name_of, parse_period
from orchestration.closing.readiness import UNFORCED
from orchestration.closing.statement import Statement, read_statement
from orchestration.commands.shared import HomeOption, console, errors, fail, settings_of
from orchestration.home.clock import utc_now
from orchestration.home.lock import HomeIsBusyError
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from ingestion.sources.ledger.records import Record

PeriodArgument = Annotated[str, typer.Argument(help="The month, for example 2026-10.")]
LEDGER_AND_AFTER = 'key:"raw_ledger/*"+'
LINES_SHOWN = 40


class Export(StrEnum):
    """What `costops chargeback` writes."""

    TABLE = "table"
    CSV = "csv"
    LINES = "lines"
    JOURNAL = "journal"
    XLSX = "xlsx"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(close)
    app.command()(reopen)
    app.command(name="verify-close")(verify_close)
    app.command()(chargeback)


def close(
    period: PeriodArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Close in spite of failed checks; needs --reason.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why it is closed nevertheless; kept in the ledger.")] = None,
    home: HomeOption = None,
) -> None:
    """Check a month, show its statement, and freeze it. Later changes become corrections in the next month."""
    settings, month, now = settings_of(home), _period(period), utc_now()
    if force and not (reason or "").strip():
        raise fail("--force needs --reason: the words are kept with the statement", 2)
    try:
        proposal = propose(settings, month, now)
        _print_checks(proposal)
        _print_statement(proposal.statement)
        if proposal.reasons and not force:
            errors.print(f"\n[red]{name_of(month)} is not ready to be closed:[/]")
            for line in proposal.reasons:
                errors.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
            errors.print(proposal.remedy, highlight=False, markup=False, soft_wrap=True)
            raise typer.Exit(1)
        if not yes and not typer.confirm(f"Freeze the statement of {name_of(month)}?"):
            raise typer.Exit(1)
        record = close_period(settings, month, now, reason=reason if force else None, shown=proposal)
    except (CloseRefusedError, HomeIsBusyError, _nothing_published()) as error:
        raise fail(str(error)) from None
    console.print(f"\n{name_of(month)} is closed: {plain(record.folder)}", highlight=False, soft_wrap=True)
    console.print(f"Hash of the record, worth keeping elsewhere: {record.manifest_sha256}", highlight=False)
    _refresh(settings)


def reopen(
    period: PeriodArgument,
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger.")],
    home: HomeOption = None,
) -> None:
    """Open the month that was closed last. Its frozen statement stays in the ledger."""
    settings, month = settings_of(home), _period(period)
    if not reason.strip():
        raise fail("--reason must say why", 2)
    try:
        record = reopen_period(settings, month, utc_now(), reason)
    except (CloseRefusedError, HomeIsBusyError) as error:
        raise fail(str(error)) from None
    console.print(f"{name_of(month)} is open again: {plain(record.folder)}", highlight=False, soft_wrap=True)
    _refresh(settings)


def verify_close(home: HomeOption = None) -> None:
    """Compute the hash chain of all closed months anew, and name what was changed."""
    from ingestion.sources.ledger.records import read_ledger

    settings = settings_of(home)
    ledger = read_ledger(settings.ledger_dir)
    if ledger.faults:
        errors.print(f"[red]The ledger in {plain(settings.ledger_dir)} does not verify:[/]", soft_wrap=True)
        for fault in ledger.faults:
            errors.print(f"  {fault}", highlight=False, markup=False, soft_wrap=True)
        errors.print(UNFORCED["ledger_verifies"].capitalize(), highlight=False, soft_wrap=True)
        raise typer.Exit(1)
    if not ledger.records:
        console.print(f"No month has been closed yet ({plain(settings.ledger_dir)}).", soft_wrap=True)
        return
    console.print(record_table(ledger.records))
    console.print(f"{len(ledger.records)} records verify. Newest hash: {ledger.head}", highlight=False, soft_wrap=True)


def record_table(records: Iterable[Record]) -> Table:
    """The records of a ledger, instants on one line also where 80 columns are all there is."""
    table = Table(show_edge=False, header_style="bold")
    for column in ("record", "month", "what", "statement USD", "at (UTC)", "reason"):
        is_whole = column in ("month", "statement USD", "at (UTC)")
        table.add_column(
            column, justify="right" if column == "statement USD" else "left", overflow="fold", no_wrap=is_whole
        )
    for record in records:
        facts = record.manifest
        table.add_row(
            f"{record.sequence:04}",
            plain(record.period),
            "closed" if record.action == "close" else "opened again",
            f"{Decimal(facts['totals']['statement_amount_usd']):,.2f}" if "totals" in facts else "",
            str(facts.get("closed_at_utc") or facts.get("reopened_at_utc") or "")[:16].replace("T", " "),
            plain(facts.get("forced_reason") or facts.get("reason") or ""),
        )
    return table


def chargeback(
    period: PeriodArgument,
    format_: Annotated[
        Export | None,
        typer.Option(
            "--format",
            help="table, csv (cost centers), lines, journal (both as CSV), xlsx. Default: as --out ends, else a table.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; CSV goes to the terminal without it.")] = None,
    expense_account: Annotated[str, typer.Option(help="Account of the expense in the journal.")] = "LLM-EXPENSE",
    clearing_account: Annotated[
        str, typer.Option(help="Account that the providers' invoices are booked against.")
    ] = "LLM-CLEARING",
    markup: Annotated[
        float, typer.Option("--markup-pct", min=0, max=1000, help="Charge so many percent more, as lines of their own.")
    ] = 0,
    markup_account: Annotated[
        str, typer.Option(help="Account that a mark-up is booked against in the journal.")
    ] = "LLM-MARKUP",
    home: HomeOption = None,
) -> None:
    """Show or export the statement of a month, open or closed."""
    from orchestration.closing import exports
    from orchestration.closing.markup import marked_up

    settings, month, export = settings_of(home), _period(period), _form(format_, out)
    try:
        statement = read_statement(settings, month)
    except _nothing_published() as error:
        raise fail(str(error)) from None
    if not statement.lines:
        raise fail(f"nothing is charged in {name_of(month)}")
    if markup:
        statement = marked_up(statement, Decimal(str(markup)))
    journal = exports.journal_lines(statement, expense_account, clearing_account, markup_account)
    if export is Export.TABLE:
        _print_statement(statement)
    elif export is Export.XLSX:
        path = out or Path(f"llm-cost-{name_of(month)}.xlsx")
        exports.write_workbook(path, statement, journal)
        console.print(f"{plain(path)} written", highlight=False, soft_wrap=True)
    else:
        rows, columns = {
            Export.CSV: (statement.cost_centers, exports.center_columns(statement)),
            Export.LINES: (statement.lines, exports.LINE_COLUMNS),
            Export.JOURNAL: (journal, exports.JOURNAL_COLUMNS),
        }[export]
        text = exports.as_csv(rows, columns)
        if out is None:
            sys.stdout.write(text)
        else:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(text, "utf-8")
            console.print(f"{plain(out)} written", highlight=False, soft_wrap=True)


def _form(format_: Export | None, out: Path | None) -> Export:
    """What is asked for, by its name or by the file's ending; the two must agree."""
    if out is None:
        return format_ or Export.TABLE
    fits = {".xlsx": (Export.XLSX,), ".csv": (Export.CSV, Export.LINES, Export.JOURNAL)}.get(out.suffix.lower(), ())
    if format_ is Export.TABLE or (fits and format_ not in (None, *fits)):
        raise fail(f"--format {format_} is not written to {out}: leave --format away, or end the file as it asks", 2)
    if format_ is None and not fits:
        raise fail(f"{out} says no format: end it with .xlsx or .csv, or say --format", 2)
    return format_ or fits[0]


def _period(text: str) -> date:
    try:
        return parse_period(text)
    except PeriodError as error:
        raise fail(str(error), 2) from None


def _nothing_published() -> type[Exception]:
    from orchestration.publishing.query import NothingPublishedError

    return NothingPublishedError


def _refresh(settings: Settings) -> None:
    """Bring the statement marts up to date with the ledger, and publish."""
    from orchestration.home.lock import WarehouseIsLockedError
    from orchestration.running.main_job import Wish, run_main_job

    try:
        result = run_main_job(settings, console, Wish(select=LEDGER_AND_AFTER, due_only=True))
    except (HomeIsBusyError, WarehouseIsLockedError) as error:
        errors.print(f"The ledger is written; the marts follow with the next run: {plain(error)}", soft_wrap=True)
        return
    if not result.succeeded:
        errors.print("The ledger is written; bringing the marts up to date failed:")
        for words in result.errors[:5]:
            errors.print(words[:1000], highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1)


def _print_checks(proposal: Proposal) -> None:
    for check in proposal.checks:
        state = (
            "[green]passed[/]" if check.is_passed else ("[red]failed[/]" if check.is_blocking else "[yellow]note[/]")
        )
        console.print(f"  {state:>16}  ", end="")
        console.print(check.words, highlight=False, markup=False, soft_wrap=True)


def _print_statement(statement: Statement) -> None:
    table = Table(
        title=f"\n{name_of(statement.period)} ({statement.status}), US dollars",
        title_justify="left",
        title_style="bold",
        show_edge=False,
        show_footer=True,
    )
    table.add_column("cost center", "total", overflow="fold")
    columns = ["direct", "shared", "overhead", "correction", "statement_amount"]
    if statement.cost_centers and "charged_usd" in statement.cost_centers[0]:
        columns = ["statement_amount", "markup", "charged"]
    for column in columns:
        total = sum((row[f"{column}_usd"] or Decimal(0) for row in statement.cost_centers), Decimal(0))
        table.add_column(column.replace("_amount", ""), f"{total:,.2f}", justify="right")
    table.add_column("unknown items", f"{statement.unknown_cost_item_count:,}", justify="right")
    for row in statement.cost_centers[:LINES_SHOWN]:
        name = row["cost_center_name"] or row["cost_center_id"]
        figures = (f"{row[f'{column}_usd'] or Decimal(0):,.2f}" for column in columns)
        table.add_row(plain(name), *figures, f"{row['unknown_cost_item_count']:,}")
    console.print(table)
    if len(statement.cost_centers) > LINES_SHOWN:
        console.print(f"[dim]{len(statement.cost_centers) - LINES_SHOWN} more; --format csv has all[/]")
