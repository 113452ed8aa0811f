# ruff: noqa: DTZ001 - instants are naive UTC
"""Two vendors, three accounts and what they deliver: random sequences, with what each file is meant to be.

The oracle (`World.truth`) reads the intent of each delivery, which the code under test never sees: a snapshot states
its days anew, a delta adds rows, a broken delivery states nothing. Put here: deliveries and the oracle.
Keep out: assertions.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from ingestion.landing.model import stable_id
from ingestion.landing.registry import RegisteredFile
from ingestion.sources.billing.manifests import Listed, Manifest
from ingestion.sources.billing.scopes import SAMPLE, VERSION, Coverage, line_of

VENDORS = ("Vendor One", "Vendor Two")
ACCOUNTS = ("Our Company", "acct-2", "")
"""The first is the name of an account of both vendors; a bill of the last names no account."""
SUBS = ("s", "t")
BEGIN = datetime(2026, 6, 1)
Owner = tuple[str, str]
Cell = tuple[str, str, str, int]
"""Vendor, account, sub account and day of June; 0 for a correction of May."""


@dataclass(frozen=True)
class Row:
    """One charge. Day 0 is a correction of May."""

    sub: str
    day: int
    resource: str
    cost: int

    @property
    def identity(self) -> tuple[str, int, str]:
        return self.sub, self.day, self.resource


@dataclass(frozen=True)
class Sent:
    """One delivery: `intent` is snapshot, delta or broken, `files` are path and rows."""

    owner: Owner
    intent: str
    first: int
    last: int
    at: datetime
    files: tuple[tuple[str, tuple[Row, ...]], ...]
    listed: tuple[str, ...] = ()
    damage: str = ""

    @property
    def rows(self) -> list[Row]:
        return [row for _, rows in self.files for row in rows]

    @property
    def order(self) -> tuple[datetime, int, int]:
        """At equal times the later last day is the newer, then more rows (the specification's rule)."""
        return self.at, max((row.day for row in self.rows), default=0), len(self.rows)


@dataclass
class World:
    """What is true, and what was sent of it."""

    random: Random
    charges: dict[Owner, dict[tuple[str, int, str], int]] = field(default_factory=dict)
    last_day: dict[Owner, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    clock: int = 0
    has_lost_times: bool = False

    def __post_init__(self) -> None:
        for owner in ((vendor, account) for vendor in VENDORS for account in ACCOUNTS):
            self.charges[owner], self.last_day[owner] = {}, 0
            self._grow(owner)

    # what happens

    def step(self) -> None:
        """One random event."""
        owner = self.random.choice(list(self.charges))
        event = self.random.choice(EVENTS)
        self.clock += 1
        getattr(self, f"_{event}")(owner)

    def _grow(self, owner: Owner) -> None:
        first = self.last_day[owner] + 1
        self.last_day[owner] = min(first + self.random.randint(1, 6), 30)
        for day in range(first, self.last_day[owner] + 1):
            for sub in SUBS:
                for resource in ("r1", "r2"):
                    self.charges[owner][sub, day, resource] = self.random.randint(1, 99)

    def _restate(self, owner: Owner) -> None:
        charges = self.charges[owner]
        for key in self.random.sample(sorted(charges), k=min(len(charges), 6)):
            charges[key] += self.random.randint(1, 99)
        if self.random.random() < 0.2 and charges:
            del charges[self.random.choice(sorted(charges))]

    def _full(self, owner: Owner) -> None:
        """A complete month to date with a manifest, in one to three parts."""
        self._with_manifest(owner, "full", 1, self.last_day[owner], keep_all=True)

    def _month_to_date(self, owner: Owner) -> None:
        self._plain(owner, f"mtd/{self._run_day()}/bill.csv", 1, self.last_day[owner])

    def _parts(self, owner: Owner) -> None:
        """`part-i-of-n`, cut anywhere."""
        rows, n = self._rows(owner, 1, self.last_day[owner]), self.random.randint(1, 3)
        folder = self._folder(owner, f"parts/{self._run_day()}")
        files = tuple((f"{folder}/part-{i + 1}-of-{n}.csv", cut) for i, cut in enumerate(_cut(rows, n)))
        self._send(owner, "snapshot", 1, self.last_day[owner], files)

    def _narrow(self, owner: Owner) -> None:
        """A one-off export of some days: with a manifest, in a folder that names them, or bare."""
        first = self.random.randint(1, self.last_day[owner])
        last = self.random.randint(first, self.last_day[owner])
        kind = self.random.choice(("manifest", "folder", "bare"))
        if kind == "manifest":
            self._with_manifest(owner, f"once{self.clock}", first, last, keep_all=True)
        elif kind == "folder":
            self._plain(owner, f"span/202606{first:02}-202606{last:02}/{self._run_time()}/part_0_0001.csv", first, last)
        else:
            self._plain(owner, f"once-{self.clock}.csv", first, last)

    def _partial(self, owner: Owner) -> None:
        """Not complete: a listed part is missing, a part of n is missing, or the file breaks off."""
        last, rows = self.last_day[owner], self._rows(owner, 1, self.last_day[owner])
        kind = self.random.choice(("manifest", "of n", "damage"))
        if kind == "manifest":
            self._with_manifest(owner, "full", 1, last, keep_all=False)
        elif kind == "of n":
            folder = self._folder(owner, f"parts/{self._run_day()}")
            files = tuple((f"{folder}/part-{i + 1}-of-3.csv", cut) for i, cut in enumerate(_cut(rows, 3)))
            missing = self.random.randrange(3)
            self._send(owner, "broken", 1, last, files[:missing] + files[missing + 1 :])
        else:
            path = self._folder(owner, f"mtd/{self._run_day()}/bill.csv")
            self._send(owner, "broken", 1, last, ((path, rows[: len(rows) * 2 // 3]),), damage="it breaks off")

    def _append(self, owner: Owner) -> None:
        """Only rows that are new: of new days, late ones of old days, or corrections of the month before."""
        kind = self.random.choice(("days", "late", "corrections"))
        before = set(self.charges[owner])
        if kind == "days":
            self._grow(owner)
        elif kind == "late":
            for day in self.random.sample(range(1, self.last_day[owner] + 1), k=min(3, self.last_day[owner])):
                self.charges[owner]["s", day, f"late{self.clock}"] = self.random.randint(1, 99)
        else:
            self.charges[owner]["t", 0, f"correction{self.clock}"] = -self.random.randint(1, 99)
        rows = [row for row in self._rows(owner, 0, 30) if row.identity not in before]
        path = self._folder(owner, f"append-{self.clock}.csv")
        if rows:
            self._send(owner, "delta", 0, 0, ((path, tuple(rows)),))

    def _rename(self, owner: Owner) -> None:
        plain = [sent for sent in self._of(owner) if not sent.listed and len(sent.files) == 1]
        if plain:
            sent = self.random.choice(plain)
            folder = f"focus/{folder_of(owner)}" + (f"/renamed/{self.clock:03}" if owner[1] else "")
            name = sent.files[0][0].rpartition("/")[2]
            if not name.startswith("part"):
                is_same_name = owner[1] and self.random.random() < 0.5
                path = f"{folder}/{name}" if is_same_name else f"{folder}/{self.clock} {name}"
                self.sent[self.sent.index(sent)] = replace(sent, files=((path, sent.files[0][1]),))

    def _withdraw(self, owner: Owner) -> None:
        """A delivery is removed, or one of its parts, which leaves it broken."""
        mine = self._of(owner)
        if not mine:
            return
        sent = self.random.choice(mine)
        if len(sent.files) > 1 and self.random.random() < 0.5:
            left = list(sent.files)
            del left[self.random.randrange(len(left))]
            self.sent[self.sent.index(sent)] = replace(sent, intent="broken", files=tuple(left))
        else:
            self.sent.remove(sent)

    def _lose_times(self, owner: Owner) -> None:
        """The vendor's folder is copied without times: files whose path tells no time look equally old."""
        moment = BEGIN + timedelta(days=100 + self.clock)
        for index, sent in enumerate(self.sent):
            if sent.owner[0] == owner[0] and not any(
                str(2026) in part and len(part) == 12 for path, _ in sent.files for part in path.split("/")
            ):
                self.sent[index] = replace(sent, at=moment)
        self.has_lost_times = True

    # how it is sent

    def _plain(self, owner: Owner, name: str, first: int, last: int) -> None:
        self._send(owner, "snapshot", first, last, ((self._folder(owner, name), self._rows(owner, first, last)),))

    def _with_manifest(self, owner: Owner, stream: str, first: int, last: int, *, keep_all: bool) -> None:
        rows, n = self._rows(owner, first, last), self.random.randint(1 if keep_all else 2, 3)
        folder = self._folder(owner, f"{stream}/{self._run_time()}")
        files = [(f"{folder}/part_{i}_0001.csv", cut) for i, cut in enumerate(_cut(rows, n))]
        listed = tuple(path for path, _ in files)
        if not keep_all:
            del files[self.random.randrange(n)]
        self._send(owner, "snapshot" if keep_all else "broken", first, last, tuple(files), listed)

    def _send(
        self, owner: Owner, intent: str, first: int, last: int,
        files: tuple[tuple[str, tuple[Row, ...]], ...], listed: tuple[str, ...] = (), damage: str = "",
    ) -> None:  # fmt: skip
        if any(rows for _, rows in files):
            at = BEGIN + timedelta(days=self.clock)
            self.sent.append(Sent(owner, intent, first, last, at, files, listed, damage))

    def _rows(self, owner: Owner, first: int, last: int) -> tuple[Row, ...]:
        found = [Row(*key, cost) for key, cost in self.charges[owner].items() if first <= key[1] <= last]
        return tuple(sorted(found, key=lambda row: (row.day, row.sub, row.resource)))

    def _of(self, owner: Owner) -> list[Sent]:
        return [sent for sent in self.sent if sent.owner == owner]

    def _folder(self, owner: Owner, name: str) -> str:
        if not owner[1]:  # the folder is the account, so all of it lies in one
            name = name.partition("/")[2] or name
        return f"focus/{folder_of(owner)}/{name}"

    def _run_day(self) -> str:
        return f"{BEGIN + timedelta(days=self.clock):%Y-%m-%d}"

    def _run_time(self) -> str:
        return f"{BEGIN + timedelta(days=self.clock):%Y%m%d%H%M}"

    # the oracle

    def truth(self) -> dict[Cell, int]:
        """What counts by the intent of the deliveries that are there."""
        counted: dict[Owner, dict[tuple[str, int, str], int]] = defaultdict(dict)
        for sent in sorted(self.sent, key=lambda each: each.order):
            now = counted[sent.owner]
            if sent.intent == "snapshot":
                for key in [key for key in now if sent.first <= key[1] <= sent.last]:
                    del now[key]
            if sent.intent != "broken":
                for row in sent.rows:
                    now.setdefault(row.identity, row.cost)
        cells: dict[Cell, int] = defaultdict(int)
        for owner, rows in counted.items():
            for (sub, day, _), cost in rows.items():
                cells[*owner, sub, day] += cost
        return cells

    def bounds(self, cell: Cell) -> tuple[int, int]:
        """The least and the most that a cell can hold if nothing was deleted and nothing doubled."""
        owner, sub, day = cell[:2], *cell[2:]
        stated, added, removable = [], 0, 0
        smallest: list[int] = []
        for sent in self._of(owner):
            cost = sum(row.cost for row in sent.rows if (row.sub, row.day) == (sub, day))
            if cost:
                smallest.append(cost)
            if sent.intent == "delta":
                added, removable = added + max(cost, 0), removable + min(cost, 0)
            elif sent.intent == "broken" or sent.first <= day <= sent.last:
                stated.append((cost, sent.intent))
        gone = any(not cost for cost, _ in stated)
        least = 0 if gone else min(smallest, default=0)
        return min(least, removable), max((cost for cost, _ in stated), default=0) + added


EVENTS = (
    "grow", "restate", "restate", "full", "full", "full", "month_to_date", "month_to_date", "parts", "narrow", "narrow",
    "partial", "append", "rename", "withdraw", "lose_times",
)  # fmt: skip


def folder_of(owner: Owner) -> str:
    """The folder that holds what one vendor delivers of one account."""
    return f"{owner[0]}/{owner[1] or 'nameless'}".replace(" ", "_").lower()


def landed(world: World) -> tuple[list[RegisteredFile], list[Manifest]]:
    """The folder as landing registers it."""
    files, manifests = [], []
    for sent in world.sent:
        for path, rows in sent.files:
            lines = _lines(sent, rows)
            content = f"{zlib.crc32(repr((sent.owner, rows)).encode()):08x}"
            files.append(
                RegisteredFile(stable_id(path), path, "focus", 1, sent.at, content, len(rows), 0, lines, False, sent.at)
            )
        if sent.listed:
            folder = sent.listed[0].rpartition("/")[0]
            told = tuple(Listed(path) for path in sent.listed)
            first, last = (datetime(2026, 6, day).date() for day in (sent.first, sent.last))
            manifests.append(
                Manifest(f"{folder}/manifest.json", None, sent.listed, told, first_day=first, last_day=last)
            )
    return files, manifests


def scope_of(owner: Owner, row: Row) -> str:
    """A row's scope, spelled by hand."""
    return f"focus|{owner[0]}|{owner[0]}|{owner[1]}|{row.sub if owner[1] else ''}|USD|2026-06{'' if row.day else '+'}"


def _lines(sent: Sent, rows: tuple[Row, ...]) -> str:
    by_scope: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_scope[scope_of(sent.owner, row)].append(row)
    lines = [f"{VERSION}|!|{sent.damage}"] if sent.damage else []
    for scope, found in by_scope.items():
        days: dict[int, int] = defaultdict(int)
        for row in found:
            days[row.day] += 1
        hashes = sorted({zlib.crc32(repr(row.identity).encode()) for row in found})
        seconds = [int((BEGIN + timedelta(days=row.day - 1)).timestamp()) for row in found]
        total = Decimal(sum(row.cost for row in found))
        coverage = Coverage(
            scope, dict(days), total, min(seconds), max(seconds), frozenset(hashes[:SAMPLE]), len(hashes) <= SAMPLE
        )
        lines.append(line_of(coverage))
    return "\n".join(lines or [f"{VERSION}|empty"])


def _cut(rows: tuple[Row, ...], n: int) -> list[tuple[Row, ...]]:
    size = -(-len(rows) // n)
    return [rows[at * size : (at + 1) * size] for at in range(n)]
