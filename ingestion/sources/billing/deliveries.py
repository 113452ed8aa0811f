"""Which delivery of a bill counts: the newest for its account and month.

A delivery is a run: the parts of one file stem in one folder, or what one manifest lists. `docs/sources/billing.md`
states the rule with examples. Put here: deliveries and scopes. Keep out: reading rows, deleting rows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sources.billing.manifests import Manifests
from ingestion.sources.billing.model import BillingFormat

if TYPE_CHECKING:
    from ingestion.landing.registry import RegisteredFile

_TABLE_SUFFIX = re.compile(r"(\.(csv|tsv|txt|parquet|snappy|gzip|gz))+$", re.IGNORECASE)
_DATE_AT_END = re.compile(r"(19|20)\d{2}[-_.]?(0[1-9]|1[0-2])([-_.]?(0[1-9]|[12]\d|3[01]))?$")
_PART_AT_END = re.compile(r"([-_.](part[-_]?)?\d{1,5})+$|[-_.]?part[-_.]?\d+([-_.]\d+)*$", re.IGNORECASE)
_PERIOD_FOLDER = re.compile(
    r"((19|20)\d{6}-(19|20)\d{6}|(19|20)\d{2}-?(0[1-9]|1[0-2])(-?(0[1-9]|[12]\d|3[01]))?"
    r"|(billing_?period|period|year|month|day|date)=.*)",
    re.IGNORECASE,
)
_RUN_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_RUN_TIME = re.compile(
    r"(?:(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})?Z?"
    r"|(\d{4})-(\d{2})-(\d{2})T(\d{2})[:-]?(\d{2})[:-]?(\d{2})?(?:[.,]\d+)?Z?)"
    rf"(?:-{_RUN_ID.pattern})?",
    re.IGNORECASE,
)
"""Such as `202410030200`, or `2026-08-03T10:20:30.123Z-<execution id>` of AWS Data Exports."""


@dataclass(frozen=True)
class Coverage:
    """One scope of one file: format, parent account, account, month, and the first and last day charged."""

    row_scope: str
    parent: str
    account: str
    month: str
    first_day: int
    last_day: int
    """0 for a scope that holds only corrections of other months."""

    def joined(self, other: Coverage | None) -> Coverage:
        """Both ranges of days in one."""
        days = [day for each in (self, other) if each and each.last_day for day in (each.first_day, each.last_day)]
        return replace(self, first_day=min(days, default=0), last_day=max(days, default=0))


@dataclass
class Delivery:
    """The files of one run and what they cover."""

    source_format: str
    key: str
    stream: str
    delivered_at_utc: datetime
    files: list[RegisteredFile] = field(default_factory=list)
    coverage: dict[str, Coverage] = field(default_factory=dict)

    def days(self, month: str) -> tuple[int, int] | None:
        """First and last day charged in a month; (0, 0) where it only corrects other months."""
        found = [c for c in self.coverage.values() if c.month == month]
        inside = [c for c in found if c.last_day]
        if not found:
            return None
        return min((c.first_day for c in inside), default=0), max((c.last_day for c in inside), default=0)


@dataclass(frozen=True)
class Superseded:
    """Rows of `scope` in a file that a newer delivery restates."""

    file_id: int
    scope: str
    by: str
    """Key of the newer delivery."""


def stem_of(path: str) -> str:
    """Folder and file stem without the part number: what the parts of one delivery share.

    `run/part_0_0001.csv` gives `run/part`, `cur-00002.csv.gz` gives `cur`; a date at the end is no part number.
    """
    folder, _, name = path.rpartition("/")
    stem = _TABLE_SUFFIX.sub("", name)
    if not _DATE_AT_END.search(stem):
        stem = _PART_AT_END.sub("", stem) or "part"
    return f"{folder}/{stem}" if folder else stem


def stream_of(key: str) -> str:
    """A delivery's key without what changes from run to run: periods, run times, run ids below them, dates.

    A GUID or a number elsewhere may be an account, so it stays.
    """
    *folders, stem = key.split("/")
    names: list[str] = []
    for folder in folders:
        is_run = bool(_PERIOD_FOLDER.fullmatch(folder)) or run_time_of(f"{folder}/") is not None
        is_run = is_run or bool(names and names[-1] == "*" and _RUN_ID.fullmatch(folder))
        names.append("*" if is_run else folder)
    return "/".join([*names, _DATE_AT_END.sub("*", stem)])


def run_time_of(path: str) -> datetime | None:
    """The time a run folder such as `202410030200` names, UTC."""
    for folder in reversed(path.split("/")[:-1]):
        match = _RUN_TIME.fullmatch(folder)
        if match:
            year, month, day, hour, minute, second = (
                int(part or 0) for part in (match.groups()[:6] if match[1] else match.groups()[6:12])
            )
            if 2000 <= year < 2100:
                with suppress(ValueError):
                    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - naive UTC
    return None


def coverages(file: RegisteredFile) -> list[Coverage]:
    """The scopes of a registered file, one per row scope."""
    found: dict[str, Coverage] = {}
    for text in sorted(file.scopes):
        row_scope, _, days = text.rpartition("|")
        _, accounts, month = row_scope.split("|")
        parent, _, account = accounts.partition(">")
        first, _, last = days.partition("-")
        part = Coverage(row_scope, parent, account, month, int(first), int(last))
        found[row_scope] = part.joined(found.get(row_scope))
    return list(found.values())


def group(files: Iterable[RegisteredFile], manifests: Manifests) -> list[Delivery]:
    """Files that restate periods, by delivery."""
    deliveries: dict[tuple[str, str], Delivery] = {}
    for file in sorted(files, key=lambda each: each.path):
        if not file.scopes:
            continue
        manifest = manifests.listing(file.path)
        key = manifest.path if manifest else stem_of(file.path)
        told = (manifest.submitted_at_utc if manifest else None) or run_time_of(file.path)
        when = told or file.modified_at_utc
        delivery = deliveries.setdefault(
            (file.source_format, key), Delivery(file.source_format, key, stream_of(key), when)
        )
        delivery.delivered_at_utc = max(delivery.delivered_at_utc, when)
        delivery.files.append(file)
        for part in coverages(file):
            delivery.coverage[part.row_scope] = part.joined(delivery.coverage.get(part.row_scope))
    return sorted(deliveries.values(), key=lambda each: (each.delivered_at_utc, each.key))


def superseded(deliveries: Sequence[Delivery]) -> list[Superseded]:
    """What newer deliveries restate. `deliveries` are in order of time.

    A newer delivery restates a scope when it covers the same account and month, and, in the same stream of
    deliveries, the same parent account and month. Two deliveries whose charged days do not meet (one file per
    day) add up instead.
    """
    by_month: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        for month in {c.month for c in delivery.coverage.values()}:
            by_month[delivery.source_format, month].append(delivery)
    found: list[Superseded] = []
    for (_, month), rivals in by_month.items():
        for position, older in enumerate(rivals):
            gone = _restated(older, rivals[position + 1 :], month)
            for file in older.files:
                found += [
                    Superseded(file.file_id, c.row_scope, gone[c.row_scope])
                    for c in coverages(file)
                    if c.row_scope in gone
                ]
    return found


def _restated(older: Delivery, newer: Sequence[Delivery], month: str) -> dict[str, str]:
    """Row scope to the key of the newest delivery that restates it."""
    days = older.days(month)
    assert days is not None
    mine = [c for c in older.coverage.values() if c.month == month]
    gone: dict[str, str] = {}
    for delivery in newer:
        theirs = delivery.days(month)
        if theirs is None or theirs[0] > days[1] or days[0] > theirs[1]:
            continue
        covered = [c for c in delivery.coverage.values() if c.month == month]
        accounts = {(c.parent, c.account) for c in covered}
        parents = {c.parent for c in covered} if delivery.stream == older.stream else set()
        for c in mine:
            if (c.parent, c.account) in accounts or c.parent in parents:
                gone[c.row_scope] = delivery.key
    return gone


def vanished_parts(deliveries: Iterable[Delivery], is_present: Callable[[str], bool]) -> list[Superseded]:
    """Parts that are gone from the folder while their delivery was written anew with fewer parts."""
    found = []
    for delivery in deliveries:
        present = [file for file in delivery.files if is_present(file.path)]
        covered = {c.row_scope for file in present for c in coverages(file)}
        newest = max((file.modified_at_utc for file in present), default=None)
        for file in delivery.files:
            if newest is not None and file not in present and file.modified_at_utc < newest:
                found += [
                    Superseded(file.file_id, c.row_scope, delivery.key)
                    for c in coverages(file)
                    if c.row_scope in covered
                ]
    return found


def _clean(column: str) -> str:
    return f"replace(replace(coalesce({column}, ''), '|', '/'), '>', '/')"


def scope_sql(billing_format: BillingFormat) -> str:
    """The SQL that gives a raw row's scope."""
    rule = billing_format.scope
    assert rule is not None
    month = f"strftime(coalesce({rule.period_start}, {rule.charge_start}), '{rule.period}')"
    parent, account = _clean(rule.parent), _clean(rule.account)
    return f"concat('{billing_format.name}|', {parent}, '>', {account}, '|', {month})"


def batch_scopes(billing_format: BillingFormat, table: pa.Table) -> frozenset[str]:
    """The scopes of typed rows, each with the first and last day it charges in its month."""
    rule = billing_format.scope
    if rule is None or not table.num_rows:
        return frozenset()
    charged = table[rule.charge_start]
    period = pc.coalesce(table[rule.period_start], charged) if rule.period_start in table.column_names else charged
    frame = pa.table(
        {
            "parent": _text(table, rule.parent),
            "account": _text(table, rule.account),
            "month": pc.strftime(period, format=rule.period),
            "charged_month": pc.strftime(charged, format=rule.period),
            "day": pc.day(charged),
        }
    )
    days = frame.group_by(["parent", "account", "month", "charged_month"]).aggregate([("day", "min"), ("day", "max")])
    return frozenset(_joined(billing_format.name, days.to_pylist()))


def _text(table: pa.Table, column: str) -> pa.ChunkedArray | pa.Array:
    if column not in table.column_names:
        return pa.repeat(pa.scalar("", pa.string()), table.num_rows)
    text = pc.fill_null(table[column], "")
    return pc.replace_substring(pc.replace_substring(text, "|", "/"), ">", "/")


def _joined(format_name: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    """A charge outside its billing month (a correction) is in scope but covers no day: 0-0."""
    for row in rows:
        is_inside = row["charged_month"] == row["month"]
        days = f"{row['day_min']}-{row['day_max']}" if is_inside else "0-0"
        yield f"{format_name}|{row['parent']}>{row['account']}|{row['month']}|{days}"
