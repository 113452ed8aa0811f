"""Refuses a run whose clock is behind what was landed already: it would take good rows for future ones.

Put here: that comparison, and remembering that a person said to go on. Keep out: the clock (`clock`).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from ingestion.config import Settings
from ingestion.whole_files import replace_file
from orchestration.warehouse.connection import connect

TOLERANCE = timedelta(hours=26)
"""Clocks of two machines, and one that was set by the wrong time zone."""


class ClockIsBehindError(RuntimeError):
    """The clock is earlier than the newest landing; the message says both and the remedy."""


def check_clock(settings: Settings, now: datetime, *, accept: bool = False) -> str | None:
    """Refuse a clock that is behind; with `accept`, remember which landings were ahead, and say so.

    Raises:
        ClockIsBehindError: the clock is behind the newest landing that nobody accepted yet.
    """
    newest = newest_landing(settings)
    if newest is None or newest <= now + TOLERANCE or newest <= _accepted(settings):
        return None
    if not accept:
        raise ClockIsBehindError(
            f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, but {settings.warehouse_path.name} has what was "
            f"landed at {newest:%Y-%m-%d %H:%M} UTC. Set the clock right if it is wrong now. If it was wrong then: "
            "costops repair --rebuild lands everything again, costops run --accept-clock goes on as it is."
        )
    replace_file(_path(settings), json.dumps({"accepted_through": newest.isoformat()}))
    return f"what was landed by a clock that was ahead (until {newest:%Y-%m-%d %H:%M} UTC) counts from now on"


def newest_landing(settings: Settings) -> datetime | None:
    """When the newest file was landed, by the clock of its run."""
    if not settings.warehouse_path.exists():
        return None
    with connect(settings.warehouse_path) as db:
        schemas = db.execute(
            "select schema_name from duckdb_columns() where table_name = 'files' and column_name = 'landed_at_utc' "
            "and starts_with(schema_name, 'raw_')"
        ).fetchall()
        if not schemas:
            return None
        every = " union all ".join(
            f'select max(landed_at_utc) as newest from "{schema}".files' for (schema,) in schemas
        )
        found = db.execute(f"select max(newest) from ({every})").fetchall()[0][0]
    return found if isinstance(found, datetime) else None


def _accepted(settings: Settings) -> datetime:
    try:
        return datetime.fromisoformat(json.loads(_path(settings).read_text(encoding="utf-8"))["accepted_through"])
    except (OSError, ValueError, KeyError, TypeError):
        return datetime.min  # noqa: DTZ901 - naive UTC, as in the warehouse


def _path(settings: Settings) -> Path:
    return settings.home / "clock.json"
