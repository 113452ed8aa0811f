# ruff: noqa: DTZ001 - instants are naive UTC
"""Registered files for tests of deliveries, without reading any file.

`a>s|2025-09|1-30x2` means: billing account a, sub account s, two rows on each of the 30 days. Put here: building files
and spelling what must go. Keep out: assertions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from ingestion.landing.delivery_rules import DeliveryRules, Rule
from ingestion.landing.model import stable_id
from ingestion.landing.registry import RegisteredFile
from ingestion.sources.billing.manifests import Manifests
from ingestion.sources.billing.restatements import Restatements
from ingestion.sources.billing.scopes import VERSION


def registered(
    path: str,
    day: int,
    *scopes: str,
    source_format: str = "focus",
    provider: str = "",
    issuer: str = "",
    currency: str = "USD",
    sample: Iterable[int] = (),
    seconds: tuple[int, int] | None = None,
    amount: str | None = None,
    damage: str = "",
    content: str = "h",
    lines: str | None = "",
    reach: int = 0,
) -> RegisteredFile:
    """A file of day `day` of October; each row costs 1 unless `amount` is given."""
    keys, rows = [f"{VERSION}|!|{damage}"] if damage else [], 0
    for scope in scopes:
        accounts, period, text = scope.split("|")
        parent, _, account = accounts.partition(">")
        span, _, count = text.partition("x")
        first, last = map(int, span.split("-"))
        here = (last - first + 1) * int(count or 1)
        rows += here
        times = seconds or tuple(_second(period, each) for each in (first, last))
        hashes = "".join(f"{each:08x}" for each in sorted(sample))
        keys.append(
            f"{VERSION}|{source_format}|{provider}|{issuer}|{parent}|{account}|{currency}|{period}|{first}-{last}"
            f"x{count or 1}|{amount or here}|{times[0]}~{times[1]}~{reach}|{hashes}"
        )
    if not scopes:
        keys.append(f"{VERSION}|empty")
    return RegisteredFile(
        stable_id(path), path, source_format, 1, datetime(2025, 10, day), content, rows, 0,
        None if lines is None else "\n".join(keys), False, datetime(2025, 10, 30),
    )  # fmt: skip


def _second(period: str, day: int) -> int:
    begin = date.fromisoformat(f"{period[:7]}-01") + timedelta(days=day - 1)
    return int(datetime(begin.year, begin.month, begin.day, tzinfo=UTC).timestamp())


def gone(
    files: list[RegisteredFile], manifests: Manifests | None = None, rules: list[Rule] | None = None
) -> set[tuple[str, str, str, str]]:
    """Path, sub account, period and days of what does not count."""
    paths = {file.file_id: file.path for file in files}
    found = Restatements(manifests or Manifests(), DeliveryRules(rules or [])).find(files)
    return {
        (paths[file_id], scope.split("|")[4], scope.split("|")[6], _spelled(days)) for file_id, scope, days in found
    }


def asked(
    files: list[RegisteredFile], manifests: Manifests | None = None, rules: list[Rule] | None = None
) -> list[str]:
    """What the run asks."""
    restatements = Restatements(manifests or Manifests(), DeliveryRules(rules or []))
    restatements.find(files)
    return [str(note) for note in restatements.notes if note.kind.startswith("delivery_")]


def _spelled(mask: int) -> str:
    days = [day for day in range(63) if mask >> day & 1]
    return f"{days[0]}" if len(days) == 1 else f"{days[0]}-{days[-1]}"
