"""A provider's answers by dlt's state: the days that are due are asked for, days that changed are delivered.

The order of a run, what is due, what counts as lost, restated or missing are those of `ingestion.api`. The state holds
the ledger, so that a run asks for what no earlier one received, and the last answer of each list, because a name that
is no longer listed still has one.

Put here: running a provider without a spool of its own. Keep out: requests, fields.
"""

from __future__ import annotations

import json
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dlt.common import logger

from ingestion.api.client import ApiClient
from ingestion.api.model import ApiSource, Record
from ingestion.api.pulls import FILE_NAME, parse_ledger
from ingestion.api.source import PullRun
from ingestion.api.spool import SNAPSHOT, Spool, fingerprint
from ingestion.landing.model import Parser, SourceFile
from ingestion.landing.reading import FileResult
from ingestion.standalone.reading import deliver
from ingestion.standalone.tables import Delivered

State = dict[str, Any]
Fills = Callable[[str], tuple[str, ...]]
"""The data tables that an endpoint fills."""


class Received(Spool):
    """The answers of one run, on disk until they are delivered; days of earlier runs are known by their ledger."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.run: PullRun | None = None
        self.written: dict[Path, str] = {}

    def has(self, endpoint: str, day: date | None) -> bool:
        """Whether the day was ever received."""
        assert self.run is not None
        state = self.run.ledger.get(endpoint, day)
        return state is not None and state.fingerprint is not None

    def days(self, endpoint: str) -> set[date]:
        """The days of an endpoint that were ever received."""
        assert self.run is not None
        return {day for day in self.run.ledger.complete_days(endpoint) if self.has(endpoint, day)}

    def write(self, endpoint: str, day: date | None, records: list[Record]) -> tuple[str, bool]:
        """Keep a day that is not what the ledger knows."""
        assert self.run is not None
        before = self.run.ledger.get(endpoint, day)
        digest = fingerprint(records)
        if before is not None and before.fingerprint == digest:
            return digest, False
        written = super().write(endpoint, day, records)
        self.written[self.path(endpoint, day)] = digest
        return written


def received(
    source: ApiSource,
    client: ApiClient,
    state: State,
    fills: Fills,
    *,
    now: datetime,
    read_at: datetime,
    to_date: date | None = None,
    force: bool = False,
) -> Iterator[Delivered]:
    """The rows of days that are new or changed, and the ledger; `state` is brought up to date at the end.

    `now` is the clock by which days are due, `read_at` the time that rows carry.

    Raises an `ApiError` before anything is delivered: what one run received is loaded whole or not at all.
    """
    with tempfile.TemporaryDirectory(prefix="costops-received-") as place:
        spool = Received(Path(place))
        _restore(spool.folder, state)
        run = spool.run = PullRun(source, client, spool, now, logger.info, force)
        run.pull(None, to_date)
        for note in run.notes:
            logger.info(f"{source.name}: {note}")
        if run.errors:
            raise type(run.errors[0])(f"{source.name}: " + "; ".join(map(str, run.errors)))
        for path, digest in sorted(spool.written.items()):
            route = source.route(path.relative_to(spool.folder).as_posix())
            if isinstance(route, tuple):
                file = _source_file(spool.folder, path, digest, read_at)
                tables = (*fills(path.parent.name), "files", "quarantine")
                yield from _of_file(source, file, route[0], route[1], tables)
        ledger = _source_file(spool.folder, spool.folder / FILE_NAME, "", read_at)
        yield from _of_file(source, ledger, "pulls", parse_ledger, ("pulls", "files"))
        _keep(spool.folder, state)


def _of_file(
    source: ApiSource, file: SourceFile, source_format: str, parser: Parser, tables: tuple[str, ...]
) -> Iterator[Delivered]:
    yield from deliver(FileResult(file, source.name, source_format), parser, source.dataset, tables=tables)


def _source_file(folder: Path, path: Path, digest: str, now: datetime) -> SourceFile:
    stat = path.stat()
    modified = datetime.fromtimestamp(stat.st_mtime, UTC).replace(tzinfo=None)
    return SourceFile(path, path.relative_to(folder).as_posix(), stat.st_size, modified, digest, now)


def _restore(folder: Path, state: State) -> None:
    """The ledger and the last answers of lists as files."""
    folder.joinpath(FILE_NAME).write_text("".join(f"{line}\n" for line in state.get("pulls", [])), "utf-8")
    for endpoint, content in state.get("lists", {}).items():
        path = Spool(folder).path(endpoint, None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b64decode(content))


def _keep(folder: Path, state: State) -> None:
    newest: dict[tuple[Any, ...], str] = {}
    for line in folder.joinpath(FILE_NAME).read_text("utf-8").splitlines():
        read = json.loads(line)
        newest[read["endpoint"], read["usage_date"]] = line
    state["pulls"] = list(newest.values())
    lists = sorted(folder.glob(f"*/{SNAPSHOT}.jsonl.gz"))
    state["lists"] = {path.parent.name: b64encode(path.read_bytes()).decode() for path in lists}


def narrowed(source: ApiSource, tables: Iterable[str], fills: Fills) -> ApiSource:
    """The endpoints that fill some tables. Raises where an endpoint fills others too: its days would count as done."""
    wanted = set(tables)
    kept = []
    for endpoint in source.endpoints:
        filled = set(fills(endpoint.name))
        if filled & wanted and not filled <= wanted:
            raise ValueError(f"{endpoint.name} fills {', '.join(sorted(filled))}: select all of them or none")
        if filled & wanted:
            kept.append(endpoint)
    return replace(source, endpoints=tuple(kept))
