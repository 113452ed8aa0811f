"""Deliveries of bills: when one ran, what it covers, and whether it is complete.

`docs/sources/billing.md` states the rules with examples. Put here: what one delivery is, proof of completeness.
Keep out: which files are one (`grouping`), what replaces what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ingestion.landing.counting import counted
from ingestion.sources.billing.manifests import Listed, Manifest
from ingestion.sources.billing.paths import PartName, date_of, period_of, type_of, version_of
from ingestion.sources.billing.scopes import CORRECTION, Coverage, coverages, damage_of

if TYPE_CHECKING:
    from ingestion.landing.registry import RegisteredFile

ALL_DAYS = (1 << 63) - 1
SPANS_TOLD = 3
Bucket = tuple[str, str, str]
"""Format, account and billing period: within one, deliveries can restate one another."""


class Proof(Enum):
    """Whether a delivery is complete."""

    COMPLETE = "complete"
    UNPROVEN = "unproven"
    INCOMPLETE = "incomplete"


@dataclass(eq=False)
class Delivery:
    """The files of one run and what they cover."""

    source_format: str
    key: str
    stream: str
    delivered_at_utc: datetime
    files: list[RegisteredFile] = field(default_factory=list)
    parts: list[PartName] = field(default_factory=list)
    manifest: Manifest | None = None
    listed: dict[str, str] = field(default_factory=dict)
    """Path to the name that the manifest has for it."""
    coverage: dict[str, Coverage] = field(default_factory=dict)
    live: dict[str, int] = field(default_factory=dict)
    """By scope, the days of which its rows count."""
    stands_for: dict[str, str] = field(default_factory=dict)
    """Scopes of older deliveries that it names otherwise, and its own scope of the same charges."""

    @property
    def paths(self) -> list[str]:
        """Its files, as rules name them."""
        return sorted(file.path for file in self.files)

    @property
    def name(self) -> str:
        """How a person is told of it."""
        paths = self.paths
        return (
            paths[0]
            if len(paths) == 1
            else f"{paths[0]} (and {counted(len(paths) - 1, 'more file', 'more files')} of that delivery)"
        )

    @cached_property
    def dataset_type(self) -> str:
        """Focus, actual, amortized, usage, or '' where nothing says so."""
        told = self.manifest.dataset_type if self.manifest else ""
        return "focus" if self.source_format == "focus" else told or type_of(self.key)

    @cached_property
    def order(self) -> tuple[object, ...]:
        """The later one restates: by time, then the day in its name, its version there, the last charge, the number of
        rows. Never by another path."""
        last = max((each.last_second for each in self.coverage.values()), default=0)
        rows = sum(each.rows for each in self.coverage.values())
        return self.delivered_at_utc, self.named_on or date.min, version_of(self.files[0].path)[2], last, rows

    @cached_property
    def named_on(self) -> date | None:
        """The day in its name, or its folder's."""
        return date_of(self.files[0].path)

    @cached_property
    def buckets(self) -> dict[Bucket, list[str]]:
        """Its scopes by format, account and period; a bill without account ids belongs to its folder."""
        found: dict[Bucket, list[str]] = defaultdict(list)
        folder = self.folder
        for scope, coverage in self.coverage.items():
            parts = coverage.folded
            account = parts["parent"] or ("" if parts["account"] else f"folder {folder}")
            found[self.source_format, account, parts["period"].rstrip(CORRECTION)].append(scope)
        return found

    @cached_property
    def by_account(self) -> dict[Bucket, dict[tuple[str, str], list[str]]]:
        """Within a bucket, the scopes of one sub account and currency: those that can match one another."""
        found: dict[Bucket, dict[tuple[str, str], list[str]]] = {}
        for bucket, scopes in self.buckets.items():
            index: dict[tuple[str, str], list[str]] = defaultdict(list)
            for scope in scopes:
                parts = self.coverage[scope].folded
                index[parts["account"], parts["currency"]].append(scope)
            found[bucket] = index
        return found

    @cached_property
    def times(self) -> dict[Bucket, tuple[int, int, bool]]:
        """The first and last second charged in each bucket, and whether it has corrections."""
        found = {}
        for bucket, scopes in self.buckets.items():
            plain = [self.coverage[scope] for scope in scopes if not scope.endswith(CORRECTION)]
            first = min((each.first_second for each in plain), default=0)
            last = max((each.until_second for each in plain), default=0)
            found[bucket] = (first, last, len(plain) < len(scopes))
        return found

    @cached_property
    def vendors(self) -> dict[Bucket, set[tuple[str, str]]]:
        """The providers and issuers of each bucket, without case."""
        return {
            bucket: {(parts["provider"], parts["issuer"]) for parts in (self.coverage[each].folded for each in scopes)}
            for bucket, scopes in self.buckets.items()
        }

    @property
    def folder(self) -> str:
        """Its folder above those of periods and runs: what stands for the account where a bill names none."""
        names = self.stream.split("/")[:-1]
        while names and names[-1] == "*":
            names.pop()
        return "/".join(names) or "."

    @cached_property
    def has_no_account(self) -> bool:
        """Whether some of its rows name no account."""
        return any(account.startswith("folder ") for _, account, _ in self.buckets)

    @cached_property
    def proof(self) -> tuple[Proof, str]:
        """Whether it is complete, and what is missing or how it was seen."""
        return _proof(self)

    def claims(self, period: str) -> int:
        """The days of a period, as bits, that a complete delivery speaks of even where it has no row."""
        if self.manifest and self.manifest.is_whole_period:
            return ALL_DAYS
        if self.manifest and self.manifest.first_day and self.manifest.last_day:
            return days_within(period, self.manifest.first_day, self.manifest.last_day)
        return 0

    def stated_days(self, period: str) -> int:
        """The days of a period that its folder names, if it charges every one of them."""
        span = period_of(self.key + "/")
        if span is None:
            return 0
        stated = days_within(period, *span)
        charged = 0
        for coverage in self.coverage.values():
            if coverage.parts["period"] == period:
                charged |= coverage.mask
        return stated if stated and stated == charged else 0


def days_within(period: str, first: date, last: date) -> int:
    """The days between two dates as bits counted from the first day of a billing period."""
    begin = date.fromisoformat(period if len(period) > 7 else f"{period}-01")
    low, high = max((first - begin).days + 1, 1), min((last - begin).days + 1, 62)
    return sum(1 << day for day in range(low, high + 1))


def spelled(masks: Mapping[str, int]) -> str:
    """The days of billing periods as a person reads them, such as `2026-06-01 to 2026-06-20`, neighbours together."""
    runs: list[list[date]] = []
    for day in sorted({day for period, mask in masks.items() for day in _days(period, mask)}):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    if not runs:
        return f"corrections billed in {', '.join(masks)}"
    told = [f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs[:SPANS_TOLD]]
    more = len(runs) - SPANS_TOLD
    return ", ".join(told) + (f" and {counted(more, 'more span', 'more spans')}" if more > 0 else "")


def _days(period: str, mask: int) -> list[date]:
    begin = date.fromisoformat(period if len(period) > 7 else f"{period}-01")
    return [begin + timedelta(days=day - 1) for day in range(1, 63) if mask >> day & 1]


@lru_cache(maxsize=20_000)
def _coverages(period_key: str) -> tuple[Coverage, ...]:
    return tuple(coverages(period_key.split("\n")))


def scopes_of(file: RegisteredFile) -> tuple[Coverage, ...]:
    """What a file covers."""
    return _coverages(file.period_key or "")


def _proof(delivery: Delivery) -> tuple[Proof, str]:
    for file in sorted(delivery.files, key=lambda each: each.path):
        damage = damage_of(file.scopes)
        if damage:
            return Proof.INCOMPLETE, f"{file.path} is damaged: {damage}"
    if delivery.manifest is not None:
        return _proof_by_manifest(delivery, delivery.manifest)
    missing = _missing_parts(delivery.parts)
    if missing:
        return Proof.INCOMPLETE, f"{delivery.key}: {missing} is missing"
    if any(part.of for part in delivery.parts):
        return Proof.COMPLETE, "all its parts are there"
    return Proof.UNPROVEN, "nothing says that it is complete"


def _proof_by_manifest(delivery: Delivery, manifest: Manifest) -> tuple[Proof, str]:
    there = set(delivery.listed.values())
    missing = sorted(name for name in manifest.listed if name not in there and is_table(name))
    if missing:
        return Proof.INCOMPLETE, f"{', '.join(missing[:3])} is listed in {manifest.path} and missing"
    rows = 0
    for file in delivery.files:
        told = manifest.count_of(delivery.listed[file.path])
        landed = _rows(file)
        rows += landed
        problem = _unlike(told, file, landed)
        if problem:
            return Proof.INCOMPLETE, f"{file.path} {problem} in {manifest.path}"
    if manifest.row_count and manifest.row_count != rows:
        return Proof.INCOMPLETE, f"{manifest.path} says {manifest.row_count} rows where {rows} arrived"
    return Proof.COMPLETE, f"{manifest.path} lists it whole"


def _unlike(told: Listed, file: RegisteredFile, rows: int) -> str:
    if told.row_count and told.row_count != rows:
        return f"has {rows} rows and {told.row_count}"
    if told.byte_count and told.byte_count != file.size_bytes and told.name.endswith(file.path.rpartition(".")[2]):
        return f"has {file.size_bytes} bytes and {told.byte_count}"
    return ""


def is_table(name: str) -> bool:
    """Whether a listed name is one of a table of charges."""
    return not name.lower().endswith((".json", ".txt", ".sql", ".md", "/"))


def _rows(file: RegisteredFile) -> int:
    return sum(each.rows for each in scopes_of(file)) + file.quarantined_row_count


def _missing_parts(parts: list[PartName]) -> str:
    """The first part that is missing by the numbers of the others; '' when there is none."""
    numbers = [part.numbers for part in parts if part.numbers and part.is_strict]
    if not numbers or len({len(each) for each in numbers}) > 1:
        return ""
    of = max((part.of or 0 for part in parts), default=0)
    varying = [position for position in range(len(numbers[0])) if len({each[position] for each in numbers}) > 1]
    if len(varying) > 1:
        return ""
    position = varying[0] if varying else 0
    seen = {each[position] for each in numbers}
    first = 0 if 0 in seen else 1
    wanted = set(range(first, first + of)) if of else set(range(first, max(seen) + 1))
    gaps = sorted(wanted - seen)
    return f"part {gaps[0]}{f' of {of}' if of else ''}" if gaps else ""
