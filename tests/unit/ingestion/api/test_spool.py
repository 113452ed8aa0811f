"""Numbers keep their text, files are replaced only when content changed, the ledger survives a torn line."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.api import DayPages, Ledger, Record, RequestInfo, Spool, decimal_of, dumps, loads
from ingestion.api.numbers import exact_sum, money
from ingestion.api.pulls import MISSING
from ingestion.api.windows import DateRange, due_days, windows
from ingestion.config import ApiSettings

DAY = date(2026, 2, 1)
NOW = datetime(2026, 2, 3, tzinfo=UTC).replace(tzinfo=None)
REQUEST = RequestInfo(
    "costs", {"limit": 7}, "2026-02-01T00:00:00", "2026-02-02T00:00:00", None, 1, "2026-02-03T00:00:00"
)


def bucket(text: str, **request: Any) -> Record:
    return Record(replace(REQUEST, **request), loads(text))


PRINTED = ["0.10", "1E-7", "1.5e+3", "12345678901234567890123", "0.001589850000000000000000", "NaN", "-12"]


@pytest.mark.parametrize("text", PRINTED)
def test_numbers_are_written_as_they_were_printed(text: str) -> None:
    body = f'{{"value":{text},"other":[{text},"{text}",1,true,null]}}'
    assert dumps(loads(body)) == body


def test_decimals_come_from_strings_numbers_and_scientific_notation() -> None:
    values = loads('["0.10", 0.10, 1e-7, "1E-7", 3, " 4 ", true, null, "x", {}, "NaN", "Infinity"]')
    expected = [Decimal("0.10"), Decimal("0.10"), Decimal("1e-7"), Decimal("1e-7"), Decimal(3), Decimal(4)]
    assert [decimal_of(value) for value in values] == expected + [None] * 6


def test_sums_of_many_tiny_amounts_are_exact_and_rounding_happens_once() -> None:
    assert exact_sum([Decimal("1e-30")] * 7 + [Decimal(10) ** 20, None]) == Decimal(
        "1" + "0" * 20 + "." + "0" * 29 + "7"
    )
    assert exact_sum([None]) is None
    assert (money(Decimal("0.0000000000005")), money(Decimal("0.0000000000015"))) == (0, Decimal("0.000000000002"))
    assert money(Decimal(10) ** 26) is None


def test_a_file_is_rewritten_only_when_the_content_changed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    one, two = bucket('{"results":[{"a":1.0},{"b":2}],"start":1}'), bucket('{"start":2,"results":[]}')
    first, was_written = spool.write("costs", DAY, [one, two])
    assert was_written
    reordered = bucket(
        '{"start":1,"results":[{"b":2},{"a":1.0}]}', page_number=2, received_at_utc="2026-03-01T00:00:00"
    )
    assert spool.write("costs", DAY, [two, reordered]) == (first, False)
    assert spool.write("costs", DAY, [one])[1]
    spool.write("costs", DAY, [two])
    assert spool.write("costs", DAY, [bucket('{"start":2,"results":[]}', group_by=("model",))])[1]
    assert [path.name for path in (tmp_path / "costs").iterdir()] == ["2026-02-01.jsonl.gz"]
    assert spool.days("costs") == {DAY}


def test_a_file_that_cannot_be_read_is_replaced(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.path("costs", DAY).parent.mkdir()
    spool.path("costs", DAY).write_bytes(b"no gzip")
    assert spool.write("costs", DAY, [bucket("{}")])[1]
    assert next(iter(spool.read(spool.path("costs", DAY)))).payload == {}


def pages(amount: str, *, is_complete: bool = True) -> DayPages:
    return DayPages(DAY, [bucket("{}")], is_complete, 24, 3, Decimal(amount), Decimal(1))


def test_only_changes_of_complete_days_are_restatements_and_they_add_up(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record("costs", pages("1", is_complete=False), "a", NOW)
    ledger.record("costs", pages("2"), "b", NOW)
    assert ledger.record("costs", pages("2"), "b", NOW).restatement_count == 0
    ledger.record("costs", pages("5"), "c", NOW)
    state = Ledger(tmp_path).record("costs", pages("4.5"), "d", NOW + timedelta(days=1))
    assert (state.restatement_count, state.restated_amount_change, state.restated_quantity_change) == (
        2,
        Decimal("2.5"),
        0,
    )
    assert (state.first_pulled_at_utc, state.last_pulled_at_utc) == (NOW, NOW + timedelta(days=1))


def test_a_ledger_line_torn_by_a_kill_costs_only_itself(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record("costs", pages("1"), "a", NOW)
    ledger.record("usage", pages("1"), "a", NOW)
    os.truncate(ledger.path, ledger.path.stat().st_size - 20)
    again = Ledger(tmp_path)
    assert (again.get("costs", DAY) is not None, again.get("usage", DAY)) == (True, None)
    again.mark("usage", DAY, MISSING, "why", NOW)
    state = Ledger(tmp_path).get("usage", DAY)
    assert state is not None
    assert state.status == MISSING


def test_a_ledger_is_compacted_to_what_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for number in range(500):
        ledger.record("costs", pages(str(number)), str(number), NOW)
    ledger.compact()
    assert len(ledger.path.read_text().splitlines()) == 1
    state = Ledger(tmp_path).get("costs", DAY)
    assert state is not None
    assert state.restated_amount_change == 499


def test_windows_are_full_pages_of_what_is_due() -> None:
    january = DateRange(date(2026, 1, 1), date(2026, 1, 31))
    now = datetime(2026, 2, 1, tzinfo=UTC).replace(tzinfo=None)
    complete = dict.fromkeys(set(january) - {date(2026, 1, 10)}, now)
    assert due_days(january, complete, 2, now) == [date(2026, 1, day) for day in (10, 29, 30, 31)]
    assert [len(window) for window in windows(january, 7)] == [7, 7, 7, 7, 3]
    assert windows([date(2026, 1, 10), date(2026, 1, 29)], 7)[0] == DateRange(date(2026, 1, 10), date(2026, 1, 10))


def test_a_day_is_asked_for_until_it_was_received_after_its_look_back() -> None:
    january = DateRange(date(2026, 1, 1), date(2026, 1, 31))
    pulled = {day: datetime(2026, 1, 20, 12, tzinfo=UTC).replace(tzinfo=None) for day in january if day.day < 20}
    now = datetime(2026, 1, 29, 12, tzinfo=UTC).replace(tzinfo=None)
    late = [date(2026, 1, day) for day in (18, 19)]
    assert due_days(january, pulled, 3, now) == late + [date(2026, 1, day) for day in range(20, 30)]
    pulled |= dict.fromkeys(late, now)
    assert due_days(january, pulled, 3, now) == [date(2026, 1, day) for day in range(20, 30)]


def test_settings_name_the_variable_that_cannot_be_read_and_show_no_secret() -> None:
    with pytest.raises(ValueError, match="COSTOPS_BACKFILL_FROM"):
        ApiSettings.from_env({"COSTOPS_BACKFILL_FROM": "yesterday"})
    found = ApiSettings.from_env({"OPENAI_ADMIN_KEY": "sk-admin-1234567", "ANTHROPIC_ADMIN_KEY": " "})
    assert found.anthropic_admin_key is None
    assert "sk-admin" not in repr(found)
