"""dlt resources of a source: one per raw table, all fed by one reading of what changed.

`received` (for a provider) or `changed_files` (for a folder) is the only resource that reads and that has a state; the
resource of each table passes on its rows. A run that selects some tables reads what these need.

Put here: dlt. Keep out: what is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import dlt
import pyarrow as pa
from dlt.common import logger

from ingestion.api.client import ApiClient
from ingestion.api.model import ApiSource
from ingestion.config import ApiSettings, Settings
from ingestion.landing.loading import in_few_tables
from ingestion.landing.source import DropFolderSource
from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.standalone.folder import changed_files
from ingestion.standalone.provider import Fills, narrowed, received
from ingestion.standalone.tables import Delivered, hints, schema_of
from ingestion.vocabulary.spec import SHARED_TABLES, SourceSpec

Write = Literal["merge", "append"]
"""`merge` for destinations that delete and insert (DuckDB, PostgreSQL); `append` for files and lakes, which
keep every reading of a file (see `tables.current_rows_sql`)."""


Options = dict[str, Any]
"""Settings of all provider APIs, by their names in `ingestion.config`."""


@dataclass(frozen=True)
class Pulled:
    """What a run asks of a provider."""

    source: ApiSource
    client: Callable[[], ApiClient | None]
    fills: Fills
    to_date: date | None = None
    force: bool = False
    as_of: datetime | None = None


def settings_of(options: Options | None = None, **api: object) -> Settings:
    """Settings of a source alone: nothing is read from the environment; None counts as not given."""
    given = {name: value for name, value in api.items() if value is not None}
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return replace(Settings.from_env({}, Path()), api=ApiSettings(**(given | lists | (options or {}))))


def provider_resources(spec: SourceSpec, pulled: Pulled, write: Write) -> list[Any]:
    """The resources of a provider."""

    def read(tables: set[str]) -> Iterator[Delivered]:
        client = pulled.client()
        if client is None:
            raise ValueError(f"{spec.name}: the credential or address is missing")
        kept = dlt.current.source_state()
        now = _clock(kept)
        kept["read_at_utc"] = now.isoformat()
        yield from received(
            narrowed(pulled.source, tables, pulled.fills),
            client,
            kept.setdefault("received", {}),
            pulled.fills,
            now=pulled.as_of or now,
            read_at=now,
            to_date=pulled.to_date,
            force=pulled.force,
        )

    return _resources(spec, "received", read, write)


def folder_resources(
    spec: SourceSpec, folder: str, source: Callable[[Path], DropFolderSource], write: Write
) -> list[Any]:
    """The resources of a folder; a remote one is mirrored into the pipeline's working folder first."""

    def read(tables: set[str]) -> Iterator[Delivered]:
        kept = dlt.current.source_state()
        now = _clock(kept)
        for part in changed_files(source(_place(spec, folder)), kept.setdefault("files", {}), tables, now):
            kept["read_at_utc"] = now.isoformat()
            yield part

    return _resources(spec, "changed_files", read, write)


def _place(spec: SourceSpec, folder: str) -> Path:
    if "://" not in str(folder):
        return Path(folder).expanduser().resolve()
    from ingestion.sources.billing.remote import mirror

    place = Path(dlt.current.pipeline().working_dir) / "mirror" / spec.name
    for note in mirror(folder, place):
        logger.info(f"{spec.name}: {note}")
    return place


def _resources(spec: SourceSpec, name: str, read: Callable[[set[str]], Iterator[Delivered]], write: Write) -> list[Any]:
    tables = RAW_SCHEMAS[spec.dataset]

    def deliveries() -> Iterator[Delivered]:
        selected = set(dlt.current.source().selected_resources) & set(tables)
        kept = dlt.current.source_state()
        for table in sorted(selected - set(kept.get("made", []))):
            yield Delivered(table, schema_of(spec.dataset, table).empty_table())
        parts = ((part.table_name, part.rows) for part in read(selected) if part.table_name in selected)
        yield from (Delivered(name, rows) for name, rows in in_few_tables(parts))
        kept["made"] = sorted(selected | set(kept.get("made", [])))

    parent = dlt.resource(deliveries, name=name, selected=False)
    return [_of_table(spec, table, parent, write) for table in tables]


def _of_table(spec: SourceSpec, table: str, parent: Any, write: Write) -> Any:
    def rows(part: Delivered) -> pa.Table | None:
        return part.rows if part.table_name == table else None

    resource = dlt.transformer(
        rows, data_from=parent, name=table, **hints(spec.dataset, table, appends=write == "append")
    )
    described: Mapping[str, str] = {name: each.sentence for name, each in spec.tables.items()} | SHARED_TABLES
    resource.apply_hints(additional_table_hints={"description": described[table]})
    return resource


def _clock(state: dict[str, Any]) -> datetime:
    """The time of a run (naive UTC), later than that of every run before: it tells readings of a file apart."""
    now = datetime.now(UTC).replace(tzinfo=None)
    before = state.get("read_at_utc")
    if before and now <= datetime.fromisoformat(before):
        now = datetime.fromisoformat(before) + timedelta(microseconds=1)
    return now
