"""Days of a reporting zone, against Python's own calendar of time zones and against sums worked by hand."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from tests.integration.reporting_zone.conftest import DAY_TEST, USAGE, ZonedWarehouse, instant, team_of
from tests.integration.reporting_zone.conftest import ZONES as BUILT
from tests.support.warehouse import ScratchWarehouse

ZONES = (
    "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "America/Santiago", "Asia/Beirut",
    "America/Havana", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Apia", "Etc/GMT+12", "Pacific/Chatham",
    "America/St_Johns", "Atlantic/Azores", "America/Scoresbysund", "Africa/Casablanca", "America/Asuncion", "Asia/Gaza",
)  # fmt: skip
"""Clocks that change at midnight, at one, by half an hour, in Ramadan; offsets from -12 to +14 hours."""
GOLDEN = [
    # Summer in Berlin is UTC+2: 22:00 UTC is midnight, so 22:30 and 23:30 are of the next day.
    ("Europe/Berlin", "2026-07-14T21:00", "2026-07-14", "2026-07-14 23:00 +02:00", "2026-07-13T22:00"),
    ("Europe/Berlin", "2026-07-14T22:00", "2026-07-15", "2026-07-15 00:00 +02:00", "2026-07-14T22:00"),
    ("Europe/Berlin", "2026-07-14T23:00", "2026-07-15", "2026-07-15 01:00 +02:00", "2026-07-14T22:00"),
    # Winter is UTC+1: 22:00 UTC is 23:00.
    ("Europe/Berlin", "2026-12-14T22:00", "2026-12-14", "2026-12-14 23:00 +01:00", "2026-12-13T23:00"),
    # 25 October: clocks go back at 01:00 UTC, so 00:00 and 01:00 UTC are both two o'clock.
    ("Europe/Berlin", "2026-10-25T00:00", "2026-10-25", "2026-10-25 02:00 +02:00", "2026-10-24T22:00"),
    ("Europe/Berlin", "2026-10-25T01:00", "2026-10-25", "2026-10-25 02:00 +01:00", "2026-10-24T22:00"),
    # New York is UTC-5 in winter: 04:00 UTC is 23:00 the day before. On 8 March clocks skip 2:00 at 07:00 UTC.
    ("America/New_York", "2026-01-01T04:00", "2025-12-31", "2025-12-31 23:00 -05:00", "2025-12-31T05:00"),
    ("America/New_York", "2026-03-08T07:00", "2026-03-08", "2026-03-08 03:00 -04:00", "2026-03-08T05:00"),
    ("America/New_York", "2026-03-09T04:00", "2026-03-09", "2026-03-09 00:00 -04:00", "2026-03-09T04:00"),
    # Kolkata is UTC+5:30: the hour from 18:00 UTC begins at 23:30 and is of that day; the next day begins at 00:30.
    ("Asia/Kolkata", "2026-05-31T18:00", "2026-05-31", "2026-05-31 23:30 +05:30", "2026-05-30T19:00"),
    ("Asia/Kolkata", "2026-05-31T19:00", "2026-06-01", "2026-06-01 00:30 +05:30", "2026-05-31T19:00"),
    # Santiago: 5 September ends at 24:00 = 1:00 of the 6th (04:00 UTC), which has no midnight.
    ("America/Santiago", "2026-09-06T03:00", "2026-09-05", "2026-09-05 23:00 -04:00", "2026-09-05T04:00"),
    ("America/Santiago", "2026-09-06T04:00", "2026-09-06", "2026-09-06 01:00 -03:00", "2026-09-06T04:00"),
    # 4 April ends twice: 02:00 and 03:00 UTC are both 23:00.
    ("America/Santiago", "2026-04-05T02:00", "2026-04-04", "2026-04-04 23:00 -03:00", "2026-04-04T03:00"),
    ("America/Santiago", "2026-04-05T03:00", "2026-04-04", "2026-04-04 23:00 -04:00", "2026-04-04T03:00"),
    # Havana: 1 November begins twice, at 04:00 and 05:00 UTC; the first one counts.
    ("America/Havana", "2026-11-01T05:00", "2026-11-01", "2026-11-01 00:00 -05:00", "2026-11-01T04:00"),
    # Kiritimati is UTC+14: 10:00 UTC is the next midnight. The leap day of 2028 begins there on the 28th.
    ("Pacific/Kiritimati", "2028-02-28T09:00", "2028-02-28", "2028-02-28 23:00 +14:00", "2028-02-27T10:00"),
    ("Pacific/Kiritimati", "2028-02-28T10:00", "2028-02-29", "2028-02-29 00:00 +14:00", "2028-02-28T10:00"),
]  # fmt: skip
"""Zone, UTC hour, its day there, the hour on the clock there, the first UTC hour of that day."""
MACROS = (
    "select {{ reporting_date('at_utc') }} as the_day, {{ reporting_clock('at_utc') }} as the_clock, "
    "{{ reporting_day_start('a_day') }} as the_start, row_id from moments where the_zone = 'Europe/Berlin'"
)


def local(at: datetime, zone: str) -> datetime:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def clock(at: datetime, zone: str) -> str:
    there = local(at, zone)
    offset = there.isoformat()[-6:]
    return f"{there:%Y-%m-%d %H:%M} {offset}"


@cache
def first_hour(day: date, zone: str) -> datetime:
    """The first UTC hour that begins on a day of the zone, by trying them."""
    hour = datetime.combine(day, time()) - timedelta(hours=15)
    while local(hour, zone).date() < day:
        hour += timedelta(hours=1)
    return hour


@pytest.fixture(scope="module")
def compiled(warehouse: ZonedWarehouse) -> str:
    """The macros as SQL for Berlin."""
    result = warehouse.dbt("Europe/Berlin", "compile", "--inline", MACROS)
    return str(result.result.results[0].node.compiled_code)


def changes(zone: str, first: date, days: int) -> list[datetime]:
    """The UTC hours at which clocks of the zone change."""
    start = datetime.combine(first, time())
    offset = {n: local(start + timedelta(days=n), zone).utcoffset() for n in range(days + 1)}
    hours = [
        start + timedelta(days=n, hours=h) for n in range(days) if offset[n] != offset[n + 1] for h in range(1, 25)
    ]
    return [at for at in hours if local(at, zone).utcoffset() != local(at - timedelta(hours=1), zone).utcoffset()]


def asked(compiled: str, moments: list[tuple[str, datetime, date]]) -> list[tuple[date, str, datetime]]:
    """What the macros say of moments, in one statement: compiled for one zone, repeated for the others."""
    assert compiled.count("'Europe/Berlin'") > 5
    union = " union all ".join(compiled.replace("Europe/Berlin", zone) for zone in sorted({z for z, _, _ in moments}))
    with duckdb.connect() as connection:
        connection.execute("create temp table moments (row_id bigint, the_zone varchar, at_utc timestamp, a_day date)")
        connection.executemany("insert into moments values (?, ?, ?, ?)", [(n, *row) for n, row in enumerate(moments)])
        return [row[:3] for row in connection.execute(f"select * from ({union}) order by row_id").fetchall()]


def test_days_clocks_and_midnights_are_those_of_another_calendar(compiled: str) -> None:
    draw = random.Random(20)
    first = instant("2023-01-01T00:00")
    hours = {zone: [first + timedelta(hours=draw.randrange(4 * 8766)) for _ in range(60)] for zone in ZONES}
    for zone, drawn in hours.items():
        # Around each change of the clocks, where mistakes would be.
        drawn += [at + timedelta(hours=n) for at in changes(zone, first.date(), 4 * 365) for n in range(-26, 27, 2)]
    moments = [(zone, at, local(at, zone).date()) for zone, drawn in hours.items() for at in drawn]
    assert len(moments) > 3_000
    expected = [(day, clock(at, zone), first_hour(day, zone)) for zone, at, day in moments]
    found = asked(compiled, moments)
    wrong = [(m, f, e) for m, f, e in zip(moments, found, expected, strict=True) if f != e]
    assert wrong == []


def test_days_worked_by_hand(compiled: str) -> None:
    moments = [(zone, instant(at), date.fromisoformat(day)) for zone, at, day, _, _ in GOLDEN]
    expected = [(date.fromisoformat(day), shown, instant(start)) for _, _, day, shown, start in GOLDEN]
    assert asked(compiled, moments) == expected
    assert [(local(at, zone).date(), clock(at, zone), first_hour(day, zone)) for zone, at, day in moments] == expected


@pytest.mark.parametrize("zone", BUILT)
def test_the_report_holds_every_hour_once_on_its_day(warehouse: ZonedWarehouse, zone: str) -> None:
    built = warehouse.built(zone)
    cost: dict[tuple[object, ...], Decimal | None] = {}
    tokens: dict[tuple[object, ...], int] = defaultdict(int)
    hours: dict[date, set[datetime]] = defaultdict(set)
    for row in USAGE:
        day = local(row["usage_hour_utc"], zone).date()
        key = (day, row["provider_id"], row["model_id"], team_of(row))
        if row["contracted_cost_usd"] is not None:
            cost[key] = (cost.get(key) or 0) + row["contracted_cost_usd"]
        tokens[key] += row["quantity"] if row["is_token"] else 0
        hours[day].add(row["usage_hour_utc"])
    found = built.rows(
        "select reporting_date, provider_id, model_id, team_id, contracted_cost_usd, list_cost_usd, total_tokens, "
        "hour_count, hours_in_day, day_start_at_utc, day_end_at_utc, day_time_zone "
        "from marts.rpt_metered_cost_daily_reporting_zone"
    )
    assert {row[:5] for row in found} == {(*key, cost.get(key)) for key in tokens}
    assert len(found) == len(tokens)
    for day, provider, model, team, contracted, list_cost, total, seen, length, start, end, in_zone in found:
        assert total == tokens[day, provider, model, team]
        assert list_cost == (None if contracted is None else 2 * contracted)
        assert (seen, in_zone) == (len(hours[day]), zone)
        assert (start, end) == (first_hour(day, zone), first_hour(day + timedelta(days=1), zone))
        assert length == (end - start) // timedelta(hours=1)
    stored = "select table_type from information_schema.tables where table_name = 'int_llm_usage_reporting_daily'"
    assert built.value(stored) == ("VIEW" if zone == "UTC" else "BASE TABLE")
    # The first day of New York is in the year before.
    first = built.value("select min(date_day) from intermediate.int_dates")
    assert first == date(2025 if zone == "America/New_York" else 2026, 1, 1)


def test_a_day_in_berlin_has_23_or_25_hours(warehouse: ZonedWarehouse) -> None:
    rows = warehouse.built("Europe/Berlin").rows(
        "select distinct reporting_date, hours_in_day, hour_count, day_start_at_utc, day_end_at_utc "
        "from marts.rpt_metered_cost_daily_reporting_zone where reporting_date in "
        "('2026-03-28', '2026-03-29', '2026-03-30', '2026-10-24', '2026-10-25', '2026-10-26') order by 1"
    )
    # Usage begins at 1:00 on 28 March (00:00 UTC) and at 2:00 on 24 October.
    assert [(row[0].day, *row[1:3]) for row in rows] == [
        (28, 24, 23), (29, 23, 23), (30, 24, 24), (24, 24, 22), (25, 25, 25), (26, 24, 24),
    ]  # fmt: skip
    assert rows[1][3:] == (instant("2026-03-28T23:00"), instant("2026-03-29T22:00"))
    assert rows[4][3:] == (instant("2026-10-24T22:00"), instant("2026-10-25T23:00"))


def test_owners_are_those_of_the_utc_day(warehouse: ZonedWarehouse) -> None:
    # 22:00 and 23:00 UTC of 31 March are April in Berlin: 2 of model m are still the old team's, 8 are the new one's.
    rows = warehouse.built("Europe/Berlin").rows(
        "select model_id, team_id, contracted_cost_usd, unknown_cost_row_count "
        "from marts.rpt_metered_cost_daily_reporting_zone where reporting_date = '2026-04-01' order by 1, 2"
    )
    assert rows == [("m", "new", 8, 1), ("m", "old", 2, 0), ("m2", "old", 4, 0)]


def test_one_hour_on_a_wrong_day_is_found(warehouse: ZonedWarehouse, tmp_path: Path) -> None:
    zone = "Europe/Berlin"
    wrong = ScratchWarehouse(Path(shutil.copy(warehouse.built(zone).path, tmp_path)).parent)
    wrong.execute(
        "update marts.rpt_metered_cost_daily_reporting_zone set reporting_date = date '2028-03-30' "
        "where reporting_date = '2028-03-31'"
    )
    result = warehouse.dbt(zone, "test", "--select", DAY_TEST, on=wrong, expect_success=False)
    assert [str(node.status) for node in result.result.results if node.node.name == DAY_TEST] == ["fail"]
