"""What may be changed from outside: a new budget, an alert that was seen; a rule of alerts is `alert_rules`.

Both go the way that a person would go: a row of `budgets.csv` that passes the checks of the file, an action in the
warehouse. Put here: both. Keep out: who may (`viewers`), HTTP.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from filelock import FileLock

from ingestion.config import Settings
from orchestration.home.clock import utc_now
from orchestration.home.organisation_rows import UnwritableFileError, add_row
from orchestration.serving.faults import AskedWrongly, NotAllowed, NotFound, NotNow
from orchestration.serving.questions import amount_of, one_of
from orchestration.serving.reading import Reading
from orchestration.serving.viewers import Right, Viewer

BUDGETS = "budgets"
PERIODS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter",
           "yearly": "year"}  # fmt: skip
COLUMNS = (
    "budget_id", "budget_name", "scope_type", "scope_id", "period", "amount_usd", "thresholds_pct", "counts", "owner",
    "valid_from", "valid_to",
)  # fmt: skip
DEFAULT_COUNTS = "llm"
WAIT_SECONDS = 3.0
_OF_A_TEAM = {"project": "dim_projects", "user": "dim_users"}


def create_budget(
    settings: Settings, reading: Reading, name: str, limit: str | int | float | Decimal, period: str,
    alert_thresholds: Sequence[str | int | float | Decimal] = (75, 90, 100), scope_type: str = "global",
    scope_id: str | None = None, counts: str = "llm", owner: str = "",
) -> dict[str, object]:  # fmt: skip
    """Add a row to `budgets.csv` of the organisation; it counts from the next run.

    Raises:
        NotAllowed: the viewer may not, or not for this scope.
        AskedWrongly: the row would not pass the checks of the file; with the field.
    """
    reading.viewer.needs(Right.CREATE_BUDGETS)
    _is_own(reading, scope_type, scope_id)
    amount = amount_of(limit, "limit")
    word = PERIODS.get(period, period)
    one_of(word, (*PERIODS.values(),), "period")
    marks = ";".join(format(amount_of(each, "alert_thresholds", most=1000), "f") for each in alert_thresholds)
    row = dict.fromkeys(COLUMNS, "") | {
        "budget_id": _id_of(name), "budget_name": line_of(name, "name"), "scope_type": scope_type,
        "scope_id": line_of(scope_id or "", "scope_id"), "period": word, "amount_usd": format(amount, "f"),
        "thresholds_pct": marks,
        "counts": "" if counts == DEFAULT_COUNTS else counts, "owner": line_of(owner, "owner"),
    }  # fmt: skip
    path = settings.org_dir / f"{BUDGETS}.csv"
    locks = settings.home / "access"
    for folder in (settings.org_dir, locks):
        folder.mkdir(parents=True, exist_ok=True)
    with FileLock(str(locks / "budgets.lock"), timeout=10):
        _check(settings.org_dir, row)
        try:
            add_row(path, row)
        except UnwritableFileError as error:
            raise NotNow(str(error), remedy="mend the file and ask again") from None
    return {name: value or None for name, value in row.items()}


def _is_own(reading: Reading, scope_type: str, scope_id: str | None) -> None:
    """A viewer of teams makes budgets of its teams, and of projects and users that are theirs."""
    viewer = reading.viewer
    if viewer.sees_all:
        return
    is_own = scope_type == "team" and scope_id in viewer.teams
    if mart := _OF_A_TEAM.get(scope_type):
        found = reading.rows(f"select 1 from {reading.need(mart)} where {scope_type}_id = ? limit 1", [scope_id])
        is_own = bool(found)
    if not is_own:
        raise NotAllowed(
            f"{viewer.principal_id} makes budgets of its own teams, their projects and users",
            remedy=f"scope_type team with scope_id {', '.join(sorted(viewer.teams))}, or ask somebody who sees all",
        )


def _check(folder: Path, row: Mapping[str, str]) -> None:
    """Read the folder as landing would, with the row in it, elsewhere."""
    from ingestion.sources.org.pipeline import SUFFIXES, read_folder

    with tempfile.TemporaryDirectory() as scratch:
        for path in folder.iterdir():
            if path.suffix.lower() in SUFFIXES and path.is_file() and path.stat().st_size < 64 << 20:
                shutil.copyfile(path, Path(scratch) / path.name)
        before = {each.values.get("budget_id") for each in read_folder(Path(scratch))[BUDGETS].rows}
        if row["budget_id"] in before:
            raise AskedWrongly(
                f"a budget {row['budget_id']} is there already", remedy="take another name", field="name"
            )
        try:
            add_row(Path(scratch) / f"{BUDGETS}.csv", row)
        except UnwritableFileError as error:
            raise NotNow(str(error).replace(scratch, str(folder)), remedy="mend the file and ask again") from None
        table = read_folder(Path(scratch))[BUDGETS]
    fresh = next((each for each in table.rows if each.values.get("budget_id") == row["budget_id"]), None)
    problem = fresh.problem if fresh else next(iter(table.problems), None)
    if fresh is None or problem is not None:
        message = problem.message if problem else "the row cannot be read"
        field = next((column for column in COLUMNS if problem and problem.message.find(column) >= 0), "name")
        field = {"amount_usd": "limit", "budget_name": "name", "thresholds_pct": "alert_thresholds"}.get(field, field)
        raise AskedWrongly(message, remedy="see docs/budgets.md for what a row must be", field=field)


def _id_of(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:80]
    if not plain:
        raise AskedWrongly("name has neither letter nor digit", remedy="write a name", field="name")
    return f"budget_{plain}"


def line_of(text: str, field: str) -> str:
    """A text of one line.

    Raises:
        AskedWrongly: it is no single line, or too long.
    """
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text) or len(text) > 200:
        raise AskedWrongly(f"{field} is no single line of up to 200 characters", remedy="shorten it", field=field)
    return text


def acknowledge(settings: Settings, reading: Reading, alert_id: str, reason: str = "") -> datetime:
    """Say that somebody has seen an alert; the first time counts. Returns when.

    Raises:
        NotFound: the viewer sees no such alert.
        NotNow: a run holds the warehouse.
    """
    from orchestration.alerting.actions import ACK, UnknownAlertError, act, find_alert
    from orchestration.home.lock import HomeIsBusyError, WarehouseIsLockedError, hold_home, wait_until_free
    from orchestration.warehouse.connection import opened
    from orchestration.warehouse.kept import ACTIONS, ALERTS, keep

    reading.viewer.needs(Right.ACKNOWLEDGE)
    known = reading.rows(f"select 1 from {reading.need('rpt_alerts')} where alert_id = ?", [alert_id])
    if not known or not settings.warehouse_path.exists():
        raise NotFound(f"there is no alert {alert_id[:60]!r}", remedy="GET /api/v1/cost/alerts lists them", field="id")
    now = utc_now()
    try:
        with hold_home(settings, wait_seconds=WAIT_SECONDS, command="costops serve"):
            wait_until_free(settings.warehouse_path, patience_seconds=0, tell=lambda _: None)
            with opened(settings.warehouse_path) as connection:
                found = find_alert(connection, alert_id)
                act(connection, ACK, found["alert_id"], by=reading.viewer.principal_id,
                    reason=line_of(reason, "reason"), now=now)  # fmt: skip
                keep(connection, settings, ALERTS, ACTIONS)
    except UnknownAlertError as error:
        raise NotFound(str(error), remedy="GET /api/v1/cost/alerts lists them", field="id") from None
    except (HomeIsBusyError, WarehouseIsLockedError) as error:
        raise NotNow(str(error), remedy="ask again when the run is over") from None
    return now


def needs_writes(viewer: Viewer, *, are_on: bool) -> None:
    """Pass where the server takes writes.

    Raises:
        NotAllowed: it does not.
    """
    if not are_on:
        raise NotAllowed(
            "this server takes no writes", remedy="start it with costops serve --allow-writes, or edit budgets.csv"
        )
