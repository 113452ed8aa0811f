"""Reports that are due, made and handed to their channels, each once.

Killed between sending and noting, the next call sends again under the same id, by which the other side can tell.

Put here: what is due, making, handing over. Keep out: schedules, channels, rendering.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ml.identity import stable_id
from orchestration.alerting.delivery import ConnectedChannel, DeliveryParams, hand_over
from orchestration.presenting.periods import Period, parse_period
from orchestration.reports.building import Asked, ReportError, build_report
from orchestration.reports.channels import report_channels
from orchestration.reports.channels.model import Attached, Parcel
from orchestration.reports.content import KeyFigures, Report, Words
from orchestration.reports.deliveries import Deliveries
from orchestration.reports.files import file_name, write
from orchestration.reports.schedules import Schedule
from orchestration.reports.template import Template
from orchestration.text.spreadsheets import csv_cell

LATEST = timedelta(days=3)
"""What was due longer ago is no longer sent by itself: nobody wants last week's daily summaries in one morning."""
SENTENCES_TOLD = 4
_DAYS = ("usage_date", "charge_date", "forecast_date")


@dataclass(frozen=True)
class Sent:
    """What became of one delivery: `problem` is None where it arrived; `was_sent` where it had before."""

    schedule: str
    channel: str
    due_at_utc: datetime
    problem: str | None = None
    was_sent: bool = False
    path: Path | None = None


def send_due(
    connection: duckdb.DuckDBPyConnection,
    schedules: Sequence[Schedule],
    templates: Mapping[str, Template],
    variables: Mapping[str, str],
    folder: Path,
    deliveries: Deliveries,
    now: datetime,
    *,
    is_forced: bool = False,
    params: DeliveryParams | None = None,
) -> list[Sent]:
    """Send what is due of `schedules` and has not arrived. The failure of one costs the others nothing.

    `is_forced`: also what is paused or was due long ago; what has arrived is not sent again.
    """
    done: list[Sent] = []
    with deliveries.held():
        arrived = deliveries.delivered()
        for schedule in schedules:
            due = schedule.newest_due(now)
            if not is_forced and (schedule.is_paused or now - due > LATEST):
                continue
            waiting = [place for place in range(len(schedule.deliveries)) if _id(schedule, due, place) not in arrived]
            done += [
                Sent(schedule.name, each.channel, due, was_sent=True)
                for place, each in enumerate(schedule.deliveries)
                if place not in waiting
            ]
            if waiting:
                done += _send(
                    connection,
                    schedule,
                    templates[schedule.template],
                    variables,
                    folder,
                    deliveries,
                    due,
                    now,
                    waiting,
                    params,
                )
    return done


def _send(
    connection: duckdb.DuckDBPyConnection,
    schedule: Schedule,
    template: Template,
    variables: Mapping[str, str],
    folder: Path,
    deliveries: Deliveries,
    due: datetime,
    now: datetime,
    waiting: Sequence[int],
    params: DeliveryParams | None,
) -> list[Sent]:
    try:
        period = period_of(schedule, due)
        report = build_report(
            connection, template, Asked(period.name, schedule.team, schedule.customer, schedule.provider), now
        )
        path = write(report, schedule.form, folder / file_name(report, schedule.form))
        files = [
            Attached(path.name, path.read_bytes()),
            *(exported(connection, mart, report) for mart in schedule.attachments),
        ]
    except (ReportError, duckdb.Error, OSError) as error:
        problem = f"the report could not be made: {str(error).splitlines()[0]}"
        for place in waiting:
            each = schedule.deliveries[place]
            deliveries.note(_id(schedule, due, place), schedule.name, each.channel, due, now, problem)
        return [Sent(schedule.name, schedule.deliveries[place].channel, due, problem) for place in waiting]
    done = []
    for place in waiting:
        delivery = schedule.deliveries[place]
        parcel = replace(_parcel(report, files, path), parcel_id=_id(schedule, due, place), options=delivery.options)
        outcome = _hand_over(delivery.channel, parcel, variables, params)
        deliveries.note(parcel.parcel_id, schedule.name, delivery.channel, due, now, outcome)
        done.append(Sent(schedule.name, delivery.channel, due, outcome, path=path))
    return done


def _hand_over(name: str, parcel: Parcel, variables: Mapping[str, str], params: DeliveryParams | None) -> str | None:
    """What went wrong; a channel that is not configured says which variable it needs."""
    channel = next(each for each in report_channels() if each.name == name)
    send = channel.connect(variables)
    if send is None:
        return f"{name} is not configured: set {channel.variables[0]}"
    secrets = tuple(variables[each] for each in channel.variables if variables.get(each))
    return hand_over(ConnectedChannel(name, send, secrets), parcel, params)[1]


def period_of(schedule: Schedule, due: datetime) -> Period:
    """The days that a report is about which was due at that time, by name: sent late, it is about the same."""
    found = parse_period(schedule.period, due.date())
    return replace(
        found, name=f"{found.first.isoformat()}..{found.last.isoformat()}" if found.grain == "days" else _name(found)
    )


def _name(period: Period) -> str:
    match period.grain:
        case "day":
            return period.first.isoformat()
        case "week":
            year, week, _ = period.first.isocalendar()
            return f"{year}-W{week:02d}"
        case "month":
            return f"{period.first:%Y-%m}"
        case "quarter":
            return f"{period.first.year}-Q{(period.first.month + 2) // 3}"
        case _:
            return f"{period.first.year}"


def exported(connection: duckdb.DuckDBPyConnection, mart: str, report: Report) -> Attached:
    """A mart as CSV: the rows of the report's days where it has days, no cell of it a formula.

    Raises:
        duckdb.Error: it is not published.
    """
    columns = [str(name) for name, *_ in connection.execute(f'describe "{mart}"').fetchall()]
    day = next((each for each in _DAYS if each in columns), None)
    where = f' where "{day}" between ? and ?' if day else ""
    values = [report.period.first, report.period.last] if day else []
    cursor = connection.execute(f'select * from "{mart}"{where}', values)
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(columns)
    while rows := cursor.fetchmany(10_000):
        writer.writerows([csv_cell(_whole(value)) for value in row] for row in rows)
    return Attached(f"{mart}.csv", held.getvalue().encode())


def _whole(value: Any) -> Any:
    """Decimals with all their digits, never with an exponent."""
    return format(value, "f") if isinstance(value, Decimal) else value


def _parcel(report: Report, files: Sequence[Attached], path: Path) -> Parcel:
    blocks = [block for section in report.sections for block in section.blocks]
    figures = [each for block in blocks if isinstance(block, KeyFigures) for each in block.figures]
    sentences = [each for block in blocks if isinstance(block, Words) and block.label for each in block.sentences]
    return Parcel(
        parcel_id="",
        report_id=stable_id("report", report.name, report.subject, report.period.first, report.period.last),
        template=report.name,
        title=report.title,
        subtitle=report.subtitle,
        period=report.period.label,
        first=report.period.first,
        last=report.period.last,
        stamp=report.stamp,
        summary=[(each.label, each.words, each.change) for each in figures],
        said=sentences[:SENTENCES_TOLD],
        files=files,
        path=str(path),
        options={},
    )


def _id(schedule: Schedule, due: datetime, place: int) -> str:
    delivery = schedule.deliveries[place]
    return stable_id(
        "report_delivery", schedule.name, due, delivery.channel, *sorted(map(str, delivery.options.items()))
    )
