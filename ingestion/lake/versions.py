"""Which version of a lake is in force, who may write the next, and what may go.

A version is written in this order: its objects, its lists, `manifests/<number>.json` (which only one writer can make),
`manifest.json`. What a reader opens is one of two whole versions at any moment. Each writing has a token that the home
keeps; a manifest with another one was written by somebody else.

Put here: that order, whose lake it is, taking out what no version holds. Keep out: which objects there shall be.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ingestion.lake.manifest import (
    CURRENT,
    LISTS,
    VERSIONS,
    Manifest,
    TableEntry,
    TableList,
    entry_of,
    list_file,
    read_list,
    read_manifest,
)
from ingestion.lake.store import Store
from ingestion.lake.writer import Writer, WriterNote

KEPT_VERSIONS = 5
KEPT_HOURS = 24
"""The last versions, and those of as many hours, stay readable whole; what only older ones held is taken out."""
AT_ONCE = 8
"""Small files are sent and fetched so many at a time."""


class NotOursError(Exception):
    """Another home wrote the lake since this one did."""


class Lake:
    """A lake as one home knows it. `place` tells addresses apart without saying them."""

    def __init__(self, store: Store, home: Path, place: str) -> None:
        self.store = store
        self._writer = Writer(home, place)
        self._lists: dict[str, bytes | None] = {}
        self.was_unfinished = self.note.is_unfinished
        """Whether a writing before was interrupted, so that the store may have what no version names."""
        self.current: Manifest | None = None

    def open(self, *, for_writing: bool = False) -> Manifest | None:
        """The version in force; None for a lake that nobody wrote yet.

        Raises:
            NotOursError: it shall be written, and another home wrote it last.
        """
        self.current = read_manifest(self.store.read(CURRENT))
        if for_writing and self.current and self.current.token not in self._tokens:
            raise NotOursError(self.whose)
        return self.current

    @property
    def is_ours(self) -> bool:
        """Whether this home may write it."""
        return self.current is None or self.current.token in self._tokens

    @property
    def whose(self) -> str:
        """Who wrote it, in words."""
        if self.current is None:
            return "nobody wrote it yet"
        who = "a copy of this home" if self.current.writer == self.note.writer else "another home"
        return (
            f"version {self.current.version} was written by {who} at {self.current.written_at_utc} UTC. "
            "Two homes cannot write one lake: give this one an address of its own, or take it over (costops lake adopt)"
        )

    def adopt(self) -> None:
        """From now on this home writes it; the one that did is refused."""
        if self.current:
            self.remember(token=self.current.token, next_token="", removed_to=0, history={})

    def pass_over(self, tables: Iterable[str]) -> None:
        """Take these as tables that the version in force does not have: their lists are lost."""
        gone = set(tables)
        if self.current and gone:
            left = {table: entry for table, entry in self.current.tables.items() if table not in gone}
            self.current = replace(self.current, tables=left)

    def list_of(self, table: str) -> TableList | None:
        """The objects in force of `schema.table`; None where the version in force does not have it."""
        entry = self.entry_of(table)
        if entry is None:
            return None
        if entry.list not in self._lists:
            self._lists[entry.list] = self.store.read(entry.list) if entry.list else None
        return read_list(self._lists[entry.list], entry)

    def entry_of(self, table: str) -> TableEntry | None:
        """What the version in force says of `schema.table`."""
        return self.current.tables.get(table) if self.current else None

    def read_lists(self, tables: Iterable[str] | None = None) -> None:
        """Fetch the lists of tables (all of the version in force where none are named) at once."""
        named = (self.current.tables if self.current else ()) if tables is None else tables
        entries = [self.entry_of(table) for table in named]
        wanted = sorted({entry.list for entry in entries if entry and entry.list} - self._lists.keys())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._lists |= dict(zip(wanted, pool.map(self.store.read, wanted), strict=True))

    def begin(self) -> None:
        """From now on something may be in the store that no version names."""
        if not self.note.is_unfinished:
            self.remember(is_unfinished=True)

    def commit(self, changed: Mapping[str, TableList], now: datetime) -> Manifest:
        """Put a version in force in which these tables hold these objects; they are in the store already.

        Raises:
            NotOursError: somebody else writes at this moment.
        """
        self.begin()
        before = self.current
        tables = dict(before.tables) if before else {}
        dropped: set[str] = set()
        lists: dict[str, bytes] = {}
        for table, content in changed.items():
            old = self.list_of(table)
            name, data = list_file(table, content)
            if old is not None:
                dropped |= {each.path for each in old.objects} - {each.path for each in content.objects}
                dropped |= {tables[table].list} - {name, ""}
            if name:
                self._lists[name] = lists[name] = data
            tables[table] = entry_of(name, content)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.store.write, lists.keys(), lists.values()))
        token = secrets.token_hex(16)
        self.remember(next_token=token)
        fresh = Manifest(
            self._next_version(), self.note.writer, token, now.isoformat(sep=" ", timespec="seconds"),
            tables, tuple(sorted(dropped)),
        )  # fmt: skip
        if not self.store.create(_version_file(fresh.version), fresh.as_json()):
            raise NotOursError(f"version {fresh.version} is being written by somebody else at this moment")
        self.store.write(CURRENT, fresh.as_json())
        known = {**self.note.history, str(fresh.version): (fresh.written_at_utc, list(fresh.dropped))}
        self.remember(token=token, next_token="", history=known)
        self.current = fresh
        return fresh

    def _next_version(self) -> int:
        """One beyond the newest; a version that a killed run began without putting it in force is passed over.

        Raises:
            NotOursError: somebody else put one in force meanwhile, or is about to.
        """
        in_force = read_manifest(self.store.read(CURRENT))
        known = self.current.token if self.current else None
        if (in_force.token if in_force else None) != known:
            raise NotOursError("somebody else put a version in force while this one was written")
        number = self.current.version if self.current else 0
        while (begun := self.store.read(_version_file(number + 1))) is not None:
            number += 1
            version = read_manifest(begun)
            if version and version.writer != self.note.writer:
                raise NotOursError(f"version {number} is being written by another home at this moment")
        return number + 1

    def clean(self, now: datetime) -> int:
        """Take out what only versions held that are not kept any more; how many files."""
        if self.note.purge_due or self.was_unfinished:
            return self._sweep(now)
        if self.note.is_unfinished:
            self.remember(is_unfinished=False)
        oldest = self._oldest(now)
        if oldest <= self.note.removed_to + 1:
            return 0
        held = self._dropped_after(oldest)
        expired = [self._version(number) for number in range(self.note.removed_to + 1, oldest + 1)]
        gone = [name for version in expired if version for name in version[1] if name not in held]
        gone = [name for name in dict.fromkeys(gone) if not self._is_in_force(name)]
        gone += [_version_file(number) for number in range(max(1, self.note.removed_to), oldest)]
        self._remove(gone)
        self._forget_before(oldest)
        return len(gone)

    def _version(self, number: int) -> tuple[str, list[str]] | None:
        """When a version was written and what it dropped, as the home noted it, else as the store has it."""
        if str(number) in self.note.history:
            at, dropped = self.note.history[str(number)]
            return at, dropped
        version = read_manifest(self.store.read(_version_file(number)))
        return (version.written_at_utc, list(version.dropped)) if version else None

    def _oldest(self, now: datetime) -> int:
        """The number of the oldest version that stays readable."""
        if self.current is None:
            return 0
        oldest, count, since = self.current.version, 1, now - timedelta(hours=KEPT_HOURS)
        for number in range(self.current.version - 1, max(0, self.note.removed_to - 1), -1):
            version = self._version(number)
            if version is None:
                continue
            if count >= KEPT_VERSIONS and datetime.fromisoformat(version[0]) < since:
                break
            oldest, count = number, count + 1
        return oldest

    def _dropped_after(self, oldest: int) -> set[str]:
        """What versions that stay readable still need although the one in force does not."""
        newest = self.current.version if self.current else 0
        versions = [self._version(number) for number in range(oldest + 1, newest + 1)]
        return {name for version in versions if version for name in version[1]}

    def _forget_before(self, oldest: int) -> None:
        history = {number: known for number, known in self.note.history.items() if int(number) >= oldest}
        self.remember(removed_to=oldest, history=history)

    def _is_in_force(self, name: str) -> bool:
        """Whether the version in force has an object or list of this name."""
        for table, entry in self.current.tables.items() if self.current else ():
            if name == entry.list:
                return True
            if name.startswith((f"raw/{table.replace('.', '/')}/", f"state/{table.replace('.', '/')}/")):
                content = self.list_of(table)
                return content is not None and any(each.path == name for each in content.objects)
        return False

    def _sweep(self, now: datetime) -> int:
        """Look through the whole store: what no kept version names goes; when purging, all but the one in force."""
        held, oldest = self.in_force(), self.current.version if self.current else 0
        if not self.note.purge_due:
            oldest = self._oldest(now)
            held |= self._dropped_after(oldest)
        held |= {_version_file(number) for number in range(oldest, (self.current.version if self.current else 0) + 1)}
        unknown = [name for name in self.own_files() if name not in held]
        self._remove(unknown)
        self.was_unfinished = False
        self._forget_before(oldest)
        self.remember(is_unfinished=False, purge_due=False)
        return len(unknown)

    def _remove(self, names: Iterable[str]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.store.remove, names))

    def in_force(self) -> set[str]:
        """Every file that the version in force needs."""
        tables = self.current.tables if self.current else {}
        self.read_lists()
        lists = {entry.list for entry in tables.values() if entry.list}
        contents = (self.list_of(table) for table in tables)
        return lists | {each.path for content in contents if content for each in content.objects}

    def named(self) -> set[str]:
        """Every file that a version which still lies there names."""
        held = self.in_force()
        for name in self.store.sizes(VERSIONS):
            version = read_manifest(self.store.read(name), name)
            held |= {name, *version.dropped} if version else {name}
        return held

    def own_files(self) -> dict[str, int]:
        """Bytes of every file that a lake may have written; others in its folder are left alone."""
        folders = ("raw", "state", LISTS, VERSIONS)
        return {name: size for folder in folders for name, size in self.store.sizes(folder).items()}

    @property
    def note(self) -> WriterNote:
        """What the home knows of it."""
        return self._writer.note

    def remember(self, **changes: object) -> None:
        """Change what the home knows; on disk when this returns."""
        self._writer.remember(**changes)

    @property
    def _tokens(self) -> Iterable[str]:
        return [token for token in (self.note.token, self.note.next_token) if token]


def _version_file(number: int) -> str:
    return f"{VERSIONS}/{number:08}.json"
