"""The scopes of a file while it is read, in Arrow: the same that `scopes` has in SQL for rows that were landed.

Put here: collecting scopes, rows by day, amounts, and a sample of what rows charge for. Keep out: what replaces what.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sources.billing.model import BillingFormat, ScopeRule
from ingestion.sources.billing.scopes import CORRECTION, LAST_DAY, SAMPLE, VERSION, ZONE_HOURS, Coverage, line_of


@dataclass
class FileScopes:
    """Collects the scopes of one file while it is read, and what is wrong with the file as a whole."""

    billing_format: BillingFormat
    found: dict[str, Coverage] = field(default_factory=dict)
    damage: str = ""

    def add(self, table: pa.Table | None) -> None:
        """Take in typed rows."""
        rule = self.billing_format.scope
        if rule is None or table is None or not table.num_rows:
            return
        for part in coverages_of(self.billing_format.name, rule, table):
            self.found[part.row_scope] = part.joined(self.found.get(part.row_scope))

    def lines(self) -> frozenset[str]:
        """As the registry keeps it; nothing for a format whose files never restate one another."""
        if self.billing_format.scope is None:
            return frozenset()
        marks = [f"{VERSION}|!|{self.damage}"] if self.damage else []
        marks += [] if self.found else [f"{VERSION}|empty"]
        return frozenset([*marks, *map(line_of, self.found.values())])


def coverages_of(format_name: str, rule: ScopeRule, table: pa.Table) -> list[Coverage]:
    """The scopes of typed rows. Works on the distinct values of each column: rows are many, accounts and days few."""
    period_text, day, second = _times(rule, table)
    columns = [
        _encoded(_text(table, rule.providers)),
        _encoded(_text(table, rule.issuers)),
        _encoded(_text(table, (rule.parent,))),
        _encoded(_text(table, [name for name in (rule.account, rule.account_else) if name])),
        _encoded(_text(table, (rule.currency,))),
        _encoded(period_text),
    ]
    scope, keys = _combined([(each.indices, each.dictionary) for each in columns])
    amount = pc.fill_null(table[rule.amount].combine_chunks(), 0)
    more = _days_more(rule, table)
    frame = pa.table({"scope": scope, "day": day, "second": second, "amount": amount, "more": more})
    sums = frame.group_by(["scope", "day"]).aggregate(
        [("amount", "sum"), ("second", "min"), ("second", "max"), ("more", "min"), ("more", "max"), ([], "count_all")]
    )
    samples = _samples(rule, table, scope, second, len(keys))
    found: dict[int, Coverage] = {}
    for row in sums.to_pylist():
        at = row["scope"]
        part = Coverage(
            "|".join((format_name, *keys[at])),
            {row["day"]: row["count_all"]},
            row["amount_sum"],
            row["second_min"],
            row["second_max"],
            reach=min(row["day"] + row["more_max"], LAST_DAY) if row["day"] and row["more_min"] else 0,
        )
        found[at] = part.joined(found.get(at))
    return [
        replace(coverage, sample=frozenset(samples[at][:SAMPLE]), is_sample_whole=len(samples[at]) <= SAMPLE)
        for at, coverage in found.items()
    ]


def _times(rule: ScopeRule, table: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Per row: the period with its mark, the day in it (0 for a correction), and the second charged from."""
    charged = table[rule.charge_start].cast(pa.timestamp("us")).combine_chunks()
    period = _column(table, rule.period_start, charged.type)
    said = pa.repeat(pa.scalar(value=False), len(charged))
    if rule.charge_class in table.column_names:
        said = pc.fill_null(pc.equal(table[rule.charge_class].combine_chunks(), "Correction"), fill_value=False)
    encoded = [each.dictionary_encode(null_encoding="encode") for each in (charged, period, said)]
    row, found = _combined([(each.indices, each.dictionary) for each in encoded], as_text=False)
    charged, period, said = (
        pa.array(values, each.type) for values, each in zip(found, (charged, period, said), strict=True)
    )
    second = pc.divide(charged.cast(pa.int64()), 1_000_000)
    ahead = _ahead(period) if rule.tells_zone else pa.scalar(0, pa.duration("us"))
    period = pc.subtract(pc.coalesce(period, charged), ahead)
    charged = pc.subtract(charged, ahead)
    period_text, charged_text = pc.strftime(period, format=rule.period), pc.strftime(charged, format=rule.period)
    days_since = pc.days_between(pc.floor_temporal(period, unit="day"), pc.floor_temporal(charged, unit="day"))
    is_correction = pc.or_(pc.or_(pc.less(charged_text, period_text), pc.greater(days_since, LAST_DAY - 31)), said)
    unit = "day" if rule.period == "%Y-%m-%d" else "month"
    day = pc.add(pc.days_between(pc.floor_temporal(period, unit=unit), charged), 1)
    text = pc.binary_join_element_wise(period_text, pc.if_else(is_correction, CORRECTION, ""), "")
    return text.take(row), pc.if_else(is_correction, 0, day).take(row), second.take(row)


def _ahead(period: pa.Array) -> pa.Array:
    """How much later than midnight UTC of a month's first each billing period begins, as its zone has it; 0 for one
    that begins at no month's first in any zone."""
    most = timedelta(hours=ZONE_HOURS)
    first = pc.floor_temporal(pc.add(period, pa.scalar(most, pa.duration("us"))), unit="month")
    ahead = pc.subtract(period, first).cast(pa.int64())
    is_near = pc.fill_null(pc.less_equal(pc.abs(ahead), most // timedelta(microseconds=1)), fill_value=False)
    return pc.if_else(is_near, ahead, 0).cast(pa.duration("us"))


def _days_more(rule: ScopeRule, table: pa.Table) -> pa.Array:
    """Per row: how many days after the first it charges; 0 where nothing says when it ends."""
    if rule.charge_end not in table.column_names:
        return pa.repeat(pa.scalar(0, pa.int64()), table.num_rows)
    charged, until = (
        table[name].cast(pa.timestamp("us")).combine_chunks() for name in (rule.charge_start, rule.charge_end)
    )
    over = pc.subtract(pc.subtract(until, charged).cast(pa.int64()), _HOUR + 1)  # a day of 25 hours is one
    return pc.fill_null(pc.max_element_wise(pc.divide(over, 24 * _HOUR), 0), 0)


_HOUR = 3_600_000_000
"""In microseconds."""


def _samples(rule: ScopeRule, table: pa.Table, scope: pa.Array, second: pa.Array, scopes: int) -> dict[int, list[int]]:
    """By scope, the smallest hashes of what its rows charge for and when.

    The highest bits of a hash come from numbers that are cheap to have, so that of a large file only the rows with the
    smallest of them need the dear part; scopes that have too few such rows are looked at whole.
    """
    whats = [_text(table, (column,)) for column in rule.identity]
    cheap = pc.divide(second, 3_600)
    for what in whats:
        cheap = pc.add(cheap, pc.cast(pc.utf8_length(what), pa.int64()))
    cheap = pc.bit_wise_and(cheap, 15)
    found: dict[int, set[int]] = {at: set() for at in range(scopes)}
    first = pc.equal(cheap, 0)
    _hash(found, whats, cheap, scope, second, first)
    short = pa.array([at for at, hashes in found.items() if len(hashes) <= SAMPLE], scope.type)
    if len(short):
        _hash(found, whats, cheap, scope, second, pc.and_(pc.invert(first), pc.is_in(scope, value_set=short)))
    return {at: sorted(hashes)[: SAMPLE + 1] for at, hashes in found.items()}


def _hash(
    found: dict[int, set[int]],
    whats: list[pa.Array],
    cheap: pa.Array,
    scope: pa.Array,
    second: pa.Array,
    rows: pa.Array,
) -> None:
    columns = [each.filter(rows) for each in (*whats, second.cast(pa.string()))]
    text = pc.utf8_lower(pc.binary_join_element_wise(*columns, "\x1f"))
    distinct = pa.table({"scope": scope.filter(rows), "cheap": cheap.filter(rows), "text": text})
    distinct = distinct.group_by(["scope", "cheap", "text"]).aggregate([])
    for at, high, what in zip(*(distinct[name].to_pylist() for name in ("scope", "cheap", "text")), strict=True):
        found[at].add(high << 28 | zlib.crc32(what.encode("utf-8", "replace")) >> 4)


def _encoded(text: pa.Array) -> pa.DictionaryArray:
    return text.dictionary_encode()


def _combined(columns: list[tuple[pa.Array, pa.Array]], *, as_text: bool = True) -> tuple[pa.Array, list[Any]]:
    """One number per row for the values of several encoded columns, and those values: by number, or by column."""
    number = pa.repeat(pa.scalar(0, pa.int64()), len(columns[0][0]))
    for indices, values in columns:
        number = pc.add(pc.multiply(number, len(values)), indices.cast(pa.int64()))
    encoded = number.dictionary_encode()
    by_column = []
    rest = encoded.dictionary.to_pylist()
    for _, values in reversed(columns):
        texts, size = values.to_pylist(), len(values)
        by_column.append([texts[each % size] for each in rest])
        rest = [each // size for each in rest]
    by_column.reverse()
    return encoded.indices, list(zip(*by_column, strict=True)) if as_text else by_column


def _column(table: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    return table[name].cast(kind).combine_chunks() if name in table.column_names else pa.nulls(table.num_rows, kind)


def _text(table: pa.Table, columns: Iterable[str]) -> pa.Array:
    """The first of some columns that is filled, without the characters that scopes are joined with."""
    given = [table[name].combine_chunks() for name in columns if name in table.column_names]
    if not given:
        return pa.repeat(pa.scalar("", pa.string()), table.num_rows)
    filled = [pc.if_else(pc.equal(each, ""), None, each) for each in given] if len(given) > 1 else given
    text = pc.fill_null(reduce(pc.coalesce, filled), "")
    for character, other in (("|", "/"), ("\n", " ")):
        if pc.any(pc.match_substring(text, character)).as_py():
            text = pc.replace_substring(text, character, other)
    return text
