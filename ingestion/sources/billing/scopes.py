"""What a file charges: per provider, issuer, account, currency and billing period, the days with their rows.

Corrections of earlier periods have a scope of their own (`2026-06+`) and cover no day. The registry keeps a file's
scopes as lines of text. Put here: scopes, those lines, and the SQL that gives a raw row's scope (`file_scopes` says
the same of rows that are being read). Keep out: what replaces what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from ingestion.sources.billing.model import BillingFormat, ScopeRule
from ingestion.vocabulary.vendors import one_vendor

VERSION = "2"
CORRECTION = "+"
LAST_DAY = 62
"""Bits of a signed 64-bit number less one; days past the billing period's second month count as its corrections do."""
ZONE_HOURS = 14
"""So far from midnight UTC a month begins in some time zone. A billing period that begins so near a month's first is
that month's, and its charges' days are those of its zone: a bill is the same bill in whichever zone it is told."""
SAMPLE = 40
"""So many identities of rows are kept of a scope: enough to tell a restatement from other rows."""
_PATHS = ("billingaccounts/", "subscriptions/", "projects/")
"""Where ids of Google and Azure stand behind the name of their collection."""
_PARTS = ("provider", "issuer", "parent", "account", "currency", "period")


@dataclass(frozen=True)
class Coverage:
    """One scope of one file or delivery.

    `days` maps a day of the billing period (1 is its first) to its number of rows. Times are seconds since 1970.
    `reach` is the last day of which rows charge where each charges more than a day (a month, a week), else 0.
    """

    row_scope: str
    days: dict[int, int]
    amount: Decimal
    first_second: int
    last_second: int
    sample: frozenset[int] = field(default_factory=frozenset)
    is_sample_whole: bool = True
    reach: int = 0

    @cached_property
    def parts(self) -> dict[str, str]:
        """Provider, issuer, parent, account, currency and period."""
        return dict(zip(_PARTS, self.row_scope.split("|")[1:], strict=True))

    @cached_property
    def folded(self) -> dict[str, str]:
        """The parts without case, accounts and vendors as every exporter spells them."""
        lower = {name: text.lower() for name, text in self.parts.items()}
        is_aws = self.row_scope.startswith("aws") or any(word in lower["provider"] for word in ("aws", "amazon"))
        if self.row_scope.startswith("invoices|"):  # its account is a vendor, below a number that people type
            number = _SEPARATORS.sub("-", lower["parent"].strip())
            return lower | {"parent": number, "account": one_vendor(lower["account"])}
        accounts = {name: _account(lower[name], is_aws=is_aws) for name in ("parent", "account")}
        return lower | accounts | {name: one_vendor(lower[name]) for name in ("provider", "issuer")}

    @cached_property
    def mask(self) -> int:
        """The days as bits."""
        return sum(1 << day for day in self.days)

    @cached_property
    def rows(self) -> int:
        """How many rows."""
        return sum(self.days.values())

    @property
    def until_second(self) -> int:
        """The last second charged from, or the same time of day on the last day that coarser rows reach."""
        return self.last_second + 86_400 * max(self.reach - max(self.days, default=0), 0)

    def rows_of(self, mask: int) -> int:
        """How many rows on some days."""
        return sum(count for day, count in self.days.items() if mask >> day & 1)

    def joined(self, other: Coverage | None) -> Coverage:
        """Both together."""
        if other is None:
            return self
        days = dict(self.days)
        for day, count in other.days.items():
            days[day] = days.get(day, 0) + count
        sample = sorted(self.sample | other.sample)
        is_whole = self.is_sample_whole and other.is_sample_whole and len(sample) <= SAMPLE
        return replace(
            self,
            days=days,
            amount=self.amount + other.amount,
            first_second=min(self.first_second, other.first_second),
            last_second=max(self.last_second, other.last_second),
            sample=frozenset(sample[:SAMPLE]),
            is_sample_whole=is_whole,
            reach=max(self.reach, other.reach) if self.reach and other.reach else 0,
        )

    def seconds_behind(self, older: Coverage) -> int:
        """How much later all of it charges than the older one, where it has as many rows on each day; else 0."""
        behind = self.first_second - older.first_second
        is_alike = self.days == older.days and self.last_second - older.last_second == behind
        return behind if is_alike and abs(behind) <= 2 * ZONE_HOURS * 3_600 else 0

    def has_other_rows_than(self, older: Coverage) -> bool:
        """Whether it holds none of the older one's rows, by what they charge for and when.

        Of a few days beside a month the month's sample may tell nothing: then as many rows on its days are the same.
        """
        if not older.telling(self) or not self.sample.isdisjoint(older.sample):
            return False
        return bool(self.telling(older)) or self.rows != older.rows_of(self.mask)

    def lacks_rows_of(self, older: Coverage) -> bool:
        """Whether it certainly lacks a row that the older one has, by what it charges for and when."""
        return any(each not in self.sample for each in older.telling(self))

    def telling(self, other: Coverage) -> frozenset[int]:
        """Of its rows in the sample those that the other's sample would have, if the other had such rows."""
        limit = None if other.is_sample_whole else max(other.sample, default=0)
        return frozenset(each for each in self.sample if limit is None or each <= limit)


_SEPARATORS = re.compile(r"[\s_/.–-]+")
_IN_FOURS = re.compile(r"^(\d{4})-(\d{4})-(\d{4})$", re.ASCII)


def _account(text: str, *, is_aws: bool) -> str:
    """An account id: the end of the path to it; the twelve digits of AWS, whose zeros spreadsheets and numbers drop and
    which its console prints in fours."""
    is_path = text.startswith(("/", *_PATHS))
    last = text.rstrip("/").rpartition("/")[2] if is_path else text
    digits = re.sub(r"\.0+$", "", _IN_FOURS.sub(r"\1\2\3", last)) if is_aws else ""
    return digits.zfill(12) if digits.isdecimal() else last


def damage_of(lines: Iterable[str]) -> str:
    """What is wrong with a file as a whole; '' for a sound one."""
    return next((line.split("|", 2)[2] for line in lines if line.startswith(f"{VERSION}|!|")), "")


def coverages(lines: Iterable[str]) -> list[Coverage]:
    """The scopes of a registered file."""
    found = []
    for line in sorted(lines):
        parts = line.split("|")
        if parts[0] != VERSION or len(parts) < 5:
            continue
        scope, days, amount, seconds, sample = "|".join(parts[1:-4]), *parts[-4:]
        first, last, *reach = map(int, seconds.split("~"))
        hashes = frozenset(int(sample[at : at + 8], 16) for at in range(0, len(sample.rstrip("*")), 8))
        is_whole = not sample.endswith("*")
        found.append(Coverage(scope, _unpacked(days), Decimal(amount), first, last, hashes, is_whole, *reach))
    return found


def scope_sql(billing_format: BillingFormat) -> str:
    """The SQL that gives a raw row's scope."""
    rule = billing_format.scope
    assert rule is not None
    accounts = tuple(name for name in (rule.account, rule.account_else) if name)
    texts = [
        "coalesce(" + ", ".join(_clean_sql(column) for column in columns) + ", '')" if columns else "''"
        for columns in (rule.providers, rule.issuers, (rule.parent,), accounts, (rule.currency,))
    ]
    period = f"strftime({_times_sql(rule)[1]}, '{rule.period}')"
    mark = f"case when {_correction_sql(rule)} then '{CORRECTION}' else '' end"
    return f"concat_ws('|', '{billing_format.name}', {', '.join(texts)}, {period} || {mark})"


def day_sql(billing_format: BillingFormat) -> str:
    """The SQL that gives a raw row's day of its billing period; 0 for a correction."""
    rule = billing_format.scope
    assert rule is not None
    charged, period = _times_sql(rule)
    first = f"cast({period} as date)" if rule.period == "%Y-%m-%d" else f"date_trunc('month', {period})"
    day = f"date_diff('day', cast({first} as date), cast({charged} as date)) + 1"
    return f"case when {_correction_sql(rule)} then 0 else {day} end"


def _times_sql(rule: ScopeRule) -> tuple[str, str]:
    """When a row charges and when its billing period begins, both in the zone of the bill."""
    period = f"coalesce({rule.period_start}, {rule.charge_start})"
    if not rule.tells_zone:
        return rule.charge_start, period
    given = rule.period_start
    first = f"date_trunc('month', {given} + interval {ZONE_HOURS} hour)"
    ahead = f"({given} - {first})"
    is_near = f"abs(epoch_us({given}) - epoch_us({first})) <= {ZONE_HOURS * 3_600_000_000}"
    ahead = f"(case when {is_near} then {ahead} else interval 0 hour end)"
    return f"({rule.charge_start} - {ahead})", f"({period} - {ahead})"


def _correction_sql(rule: ScopeRule) -> str:
    charge_start, period_start = _times_sql(rule)
    charged = f"strftime({charge_start}, '{rule.period}')"
    period = f"strftime({period_start}, '{rule.period}')"
    late = f"date_diff('day', cast({period_start} as date), cast({charge_start} as date)) > {LAST_DAY - 31}"
    said = f" or coalesce({rule.charge_class}, '') = 'Correction'" if rule.charge_class else ""
    return f"({charged} < {period} or {late}{said})"


def _clean_sql(column: str) -> str:
    return f"replace(replace(nullif({column}, ''), '|', '/'), chr(10), ' ')"


def line_of(coverage: Coverage) -> str:
    sample = "".join(f"{each:08x}" for each in sorted(coverage.sample)) + ("" if coverage.is_sample_whole else "*")
    seconds = f"{coverage.first_second}~{coverage.last_second}" + (f"~{coverage.reach}" if coverage.reach else "")
    return f"{VERSION}|{coverage.row_scope}|{_packed(coverage.days)}|{coverage.amount:f}|{seconds}|{sample}"


def _packed(days: dict[int, int]) -> str:
    """`1-30x2,31x4`: days of equal numbers of rows as one span."""
    spans: list[tuple[int, int, int]] = []
    for day in sorted(days):
        if spans and spans[-1][1] == day - 1 and spans[-1][2] == days[day]:
            spans[-1] = (spans[-1][0], day, days[day])
        else:
            spans.append((day, day, days[day]))
    return ",".join(f"{first}-{last}x{count}" for first, last, count in spans)


def _unpacked(text: str) -> dict[int, int]:
    days = {}
    for span in text.split(","):
        first_last, _, count = span.partition("x")
        first, _, last = first_last.partition("-")
        days.update(dict.fromkeys(range(int(first), int(last) + 1), int(count)))
    return days
