"""Keeps a home's raw tables, and what else models read and nobody builds, in its lake.

Put here: which tables, faults in words, what a run remembers of it. Keep out: writing (`ingestion.lake`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime

import duckdb

from ingestion.config import Settings
from ingestion.lake.manifest import Manifest, UnreadableLakeError
from ingestion.lake.syncing import EmptyWarehouseError, SyncReport, sync
from ingestion.lake.tables import LakeTable, described, raw_tables
from ingestion.lake.versions import Lake, NotOursError
from ingestion.vocabulary.settings import without_credentials
from ingestion.whole_files import replace_file
from ml.identity import stable_id
from orchestration.publishing.distribution import TargetError
from orchestration.publishing.places import place_at
from orchestration.warehouse.kept import FORECASTS

VARIABLE = "COSTOPS_LAKE_URL"
LAST = "lake/last.json"
"""In the home: how the last writing ended."""
STATE_SCHEMAS = ("adjustments", "alerts", "identity", "ml")
"""Tables that models read, that no source delivers and no model makes."""
LAKE_FAULTS = (TargetError, NotOursError, EmptyWarehouseError, UnreadableLakeError)
"""What is said in words and costs a run nothing else."""
_GATE = 'count(*), count(distinct "forecast_run_id"), sum(epoch_us("scored_at_utc")::hugeint)'
"""A forecast that is made again is scored at another time."""

Tell = Callable[[str], None]


class NoLakeError(Exception):
    """No lake is configured, or nothing is there."""


@dataclass(frozen=True)
class LastWriting:
    """How the last writing ended; `failure` is None where it ended well."""

    at_utc: str
    version: int
    failure: str | None = None


def lake_of(settings: Settings) -> Lake:
    """The lake of a home.

    Raises:
        NoLakeError: none is configured.
        TargetError: the address is none.
    """
    if not settings.lake_url:
        raise NoLakeError(f"{VARIABLE} is not set: give it a folder, or an address such as s3://bucket/lake")
    place = place_at(settings.lake_url, VARIABLE, is_shared=False)
    return Lake(place, settings.home, place_of(settings))


def opened_lake(settings: Settings) -> tuple[Lake, Manifest]:
    """The lake of a home with the version in force.

    Raises:
        NoLakeError: none is configured, or nothing is there.
        TargetError: the address is none, or cannot be read.
    """
    lake = lake_of(settings)
    manifest = lake.open()
    if manifest is None:
        raise NoLakeError(f"there is no lake at {address_of(settings)} yet: the next costops run writes one")
    return lake, manifest


def place_of(settings: Settings) -> str:
    """Tells one lake from another without saying where it is."""
    return stable_id(settings.lake_url or "")


def address_of(settings: Settings) -> str:
    """Where the lake is, without what may be a secret."""
    url = settings.lake_url or ""
    return without_credentials(url) if "://" in url else url


def lake_tables(connection: duckdb.DuckDBPyConnection, schemas: Collection[str] | None = None) -> list[LakeTable]:
    """Every table that the lake keeps; of `schemas` alone where they are given."""
    raw = [] if schemas else raw_tables(connection)
    rows = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() "
        "and list_contains(?, schema_name) order by all",
        [list(STATE_SCHEMAS)],
    ).fetchall()
    by_run = {each.name for each in FORECASTS}
    state = [
        LakeTable(schema, table, "forecast_run_id", gate=_GATE)
        if f"{schema}.{table}" in by_run
        else LakeTable(schema, table)
        for schema, table in rows
    ]
    return [*raw, *described(connection, state)]


def keep_in_lake(
    settings: Settings, connection: duckdb.DuckDBPyConnection, now: datetime, say: Tell,
    schemas: Collection[str] | None = None,
) -> tuple[SyncReport, str | None]:  # fmt: skip
    """Bring the lake up to date within a run; why it could not be, in words, where it could not."""
    try:
        report = sync(connection, lake_of(settings), lake_tables(connection, schemas), now, say=say)
    except LAKE_FAULTS as error:
        remember(settings, LastWriting(time_text(now), 0, str(error)))
        return SyncReport(), str(error)
    remember(settings, LastWriting(time_text(now), report.version))
    return report, None


def remember(settings: Settings, last: LastWriting) -> None:
    """Note how a writing ended."""
    replace_file(settings.home / LAST, json.dumps(asdict(last)))


def last_writing(settings: Settings) -> LastWriting | None:
    """How the last writing ended; None where there was none."""
    try:
        return LastWriting(**json.loads((settings.home / LAST).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def time_text(now: datetime) -> str:
    """An instant as files of the lake say it."""
    return now.isoformat(sep=" ", timespec="seconds")
