"""`costops alerts`: what is open, who has seen it, what is to be silent, whether channels work, which rules hold.

Put here: arguments, printed tables. Keep out: deciding and sending (`orchestration.alerting`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from getpass import getuser
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.shared import (
    Format,
    FormatOption,
    HomeOption,
    console,
    fail,
    parse_date,
    print_json,
    settings_of,
)
from orchestration.home.clock import utc_now
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

WAIT_SECONDS = 60.0
STYLES = {"critical": "red", "warning": "yellow", "info": "cyan"}
ByOption = Annotated[str | None, typer.Option("--by", help="Who says so. Default: the user of this system.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with it.")]
TargetArgument = Annotated[str, typer.Argument(help="Beginning of an alert's id, or rule:NAME for a whole rule.")]


def register(app: typer.Typer) -> None:
    """Add the group to `costops`."""
    group = typer.Typer(no_args_is_help=True, help="Alerts: list, acknowledge, mute, send what waits, try, show rules.")
    group.command(name="list")(list_alerts)
    group.command(name="test")(try_channels)
    for command in (ack, mute, unmute, rules, send):
        group.command()(command)
    app.add_typer(group, name="alerts")


def list_alerts(
    all_: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """List alerts: severity, since when, who owns and has seen them, whether they are muted."""
    from rich.table import Table

    from orchestration.alerting.actions import mutes_of, read_actions
    from orchestration.alerting.store import read_alerts

    with _warehouse(home) as connection:
        alerts = [row for row in read_alerts(connection) if all_ or row["resolved_at_utc"] is None]
        mutes, now = mutes_of(read_actions(connection)), utc_now()
    records = [row | {"muted_until_utc": mutes.until(row, now)} for row in alerts]
    if format_ is Format.JSON:
        print_json(records)
        return
    if not records:
        console.print("no alert" if all_ else "no open alert")
        return
    table = Table("id", "severity", "since (UTC)", "owner", "alert", "state")
    for row in records:
        style = STYLES.get(row["severity"], "white")
        table.add_row(
            row["alert_id"][:12], f"[{style}]{plain(row['severity'])}[/]", f"{row['first_seen_at_utc']:%Y-%m-%d %H:%M}",
            plain(row["owner"] or ""), plain(row["title"]), plain(_state(row)),
        )  # fmt: skip
    console.print(table)


def ack(
    alert: Annotated[str, typer.Argument(help="Beginning of an alert's id, or incident: and that of an incident's.")],
    reason: ReasonOption = "",
    by: ByOption = None,
    home: HomeOption = None,
) -> None:
    """Say that somebody has seen an alert or an incident and looks after it; an alert's incidents are meant too."""
    from orchestration.alerting.actions import ACK

    _act(home, ACK, alert, reason=reason, by=by)


def mute(
    target: TargetArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with it and shown to others.")],
    until: Annotated[str | None, typer.Option("--until", help="Last day of silence (UTC), as 2026-01-31.")] = None,
    hours: Annotated[float | None, typer.Option("--hours", min=0.1, max=87_600, help="Or for so many hours.")] = None,
    by: ByOption = None,
    home: HomeOption = None,
) -> None:
    """Silence an alert or a rule for a while; what still holds then is told then."""
    from orchestration.alerting.actions import MUTE

    if (until is None) == (hours is None):
        raise fail("say how long: either --until 2026-01-31 or --hours 24", 2)
    day = parse_date(until, "--until")
    end = datetime(day.year, day.month, day.day) + timedelta(days=1) if day else None  # noqa: DTZ001
    end = end or utc_now() + timedelta(hours=hours or 0)
    if end <= utc_now():
        raise fail(f"--until {until} is over already", 2)
    _act(home, MUTE, target, reason=reason, by=by, until=end)


def unmute(target: TargetArgument, reason: ReasonOption = "", by: ByOption = None, home: HomeOption = None) -> None:
    """End a silence."""
    from orchestration.alerting.actions import UNMUTE

    _act(home, UNMUTE, target, reason=reason, by=by)


def try_channels(
    channel: Annotated[str | None, typer.Option("--channel", help="This one only, as slack@research.")] = None,
    home: HomeOption = None,
) -> None:
    """Send a trial message to every configured channel and say which arrived."""
    from orchestration.alerting.channels import connected_channels
    from orchestration.alerting.delivery import DeliveryParams, hand_over
    from orchestration.alerting.notices import OPEN, Notice

    now = utc_now()
    trial: dict[str, Any] = {
        "alert_id": f"trial-{now:%Y%m%dT%H%M%S%f}", "rule": "trial", "severity": "info", "subject_type": "total",
        "subject_id": "all", "owner": None, "title": "Trial of costops alerts", "message": "This channel works.",
        "evidence": '{"what_to_do": "Nothing: it is a trial."}', "first_seen_at_utc": now, "resolved_at_utc": None,
        "resolution": None,
    }  # fmt: skip
    connected = connected_channels(settings_of(home).alert_variables)
    wanted = [each for each in connected if channel in (None, each.name)]
    if not wanted:
        raise fail(f"no channel {channel}; configured: {', '.join(each.name for each in connected)}", 2)
    failed = 0
    for each in wanted:
        _, problem = hand_over(each, Notice(trial, OPEN), DeliveryParams(attempts=1))
        failed += problem is not None
        console.print(f"{each.name}: {plain(problem) if problem else 'arrived'}", highlight=False)
    if failed:
        raise typer.Exit(1)


def send(home: HomeOption = None) -> None:
    """Tell what waits and is due by now: after quiet hours, at the time of a digest, when a channel is up again."""
    from orchestration.alerting.actions import mutes_of, read_actions
    from orchestration.alerting.channels import connected_channels
    from orchestration.alerting.delivery import deliver_pending
    from orchestration.alerting.outbox import Manners
    from orchestration.alerting.rulebook import read_rulebook
    from orchestration.alerting.rules import rule_names
    from orchestration.warehouse.kept import ACTIONS, ALERTS, DELIVERIES, OUTBOX, keep

    settings, now = settings_of(home), utc_now()
    with _warehouse(home) as connection:
        manners = Manners(read_rulebook(settings.home, rule_names()), mutes_of(read_actions(connection)), now)
        report = deliver_pending(connection, connected_channels(settings.alert_variables), now=now, manners=manners)
        keep(connection, settings, ALERTS, DELIVERIES, OUTBOX, ACTIONS)
    console.print(f"told: {report.delivered}; failed: {report.failed}; wait for their time: {report.held}")
    for error in report.errors:
        console.print(f"[red]{plain(error)}[/]", highlight=False, soft_wrap=True)
    if report.errors:
        raise typer.Exit(1)


def rules(home: HomeOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Show every rule, whether it is on, and what alerts/alert_rules.csv of the home changes."""
    from rich.table import Table

    from orchestration.alerting.rulebook import FILE, read_rulebook
    from orchestration.alerting.rules import alert_rules, rule_names

    settings = settings_of(home)
    book = read_rulebook(settings.home, rule_names())
    records: list[dict[str, Any]] = []
    for rule in sorted(alert_rules(), key=lambda each: each.name):
        lines = [line.number for line in book.lines if line.rule in ("*", rule.name)]
        defaults = {name: None if value is None else str(value) for name, value in rule.defaults.items()}
        records.append({"rule": rule.name, "enabled": book.is_enabled(rule.name), "defaults": defaults, "rows": lines})
    if format_ is Format.JSON:
        print_json({"rules": records, "problems": list(book.problems)})
    else:
        table = Table("rule", "on", "defaults", f"rows of {FILE}")
        for row in records:
            said = ", ".join(f"{name} {value}" for name, value in row["defaults"].items() if value is not None)
            on = "yes" if row["enabled"] else "no"
            table.add_row(row["rule"], on, plain(said), ", ".join(map(str, row["rows"])))
        console.print(table)
        for problem in book.problems:
            console.print(f"[yellow]{plain(problem)}[/]", highlight=False, soft_wrap=True)
    if book.problems:
        raise typer.Exit(1)


def _act(
    home: Path | None, action: str, target: str, *, reason: str, by: str | None, until: datetime | None = None
) -> None:
    from orchestration.alerting.actions import (
        INCIDENT_PREFIX,
        RULE_PREFIX,
        UNMUTE,
        UnknownAlertError,
        act,
        find_alert,
        find_incident,
        mutes_of,
        read_actions,
    )
    from orchestration.alerting.rules import rule_names
    from orchestration.warehouse.kept import ACTIONS, ALERTS, keep

    settings = settings_of(home)
    with _warehouse(home) as connection:
        if target.startswith(RULE_PREFIX) and action != "ack":
            if (name := target.removeprefix(RULE_PREFIX)) not in rule_names():
                raise fail(f"{name!r} is no rule; costops alerts rules shows them", 2)
            title = target
        else:
            try:
                if target.startswith(INCIDENT_PREFIX) and action == "ack":
                    found = find_incident(connection, target.removeprefix(INCIDENT_PREFIX))
                    target, title = INCIDENT_PREFIX + found["incident_id"], found["reason"]
                else:
                    found = find_alert(connection, target)
                    target, title = found["alert_id"], found["title"]
            except UnknownAlertError as error:
                raise fail(str(error), 2) from None
        muted_until = mutes_of(read_actions(connection)).until_of(target, utc_now())
        if action == UNMUTE and muted_until is None:
            raise fail(f"{target} is not muted; costops alerts list shows what is", 2)
        who = by or getuser()
        act(connection, action, target, by=who, reason=reason, now=utc_now(), until=until)
        keep(connection, settings, ALERTS, ACTIONS)
    end = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
    console.print(f"{action}{end}: {plain(title)}", highlight=False, soft_wrap=True)


@contextmanager
def _warehouse(home: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a home, held for this command."""
    from orchestration.home.lock import HomeIsBusyError, WarehouseIsLockedError, hold_home, wait_until_free
    from orchestration.warehouse.connection import opened

    settings = settings_of(home)
    if not settings.warehouse_path.exists():
        raise fail("there is no warehouse yet; costops run makes it")
    try:
        with hold_home(settings, wait_seconds=WAIT_SECONDS):
            wait_until_free(settings.warehouse_path, patience_seconds=0, tell=lambda _: None)
            with opened(settings.warehouse_path) as connection:
                yield connection
    except (HomeIsBusyError, WarehouseIsLockedError) as error:
        raise fail(str(error)) from None


def _state(row: dict[str, Any]) -> str:
    if row["resolved_at_utc"]:
        return f"over {row['resolved_at_utc']:%Y-%m-%d}: {row['resolution']}"
    said = []
    if row["muted_until_utc"]:
        said.append(f"muted until {row['muted_until_utc']:%Y-%m-%d %H:%M}")
    if row["acknowledged_at_utc"]:
        said.append("seen")
    return ", ".join(said) or ("told" if row["delivered_at_utc"] else "not told yet")
