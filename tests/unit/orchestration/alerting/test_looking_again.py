"""Whether somebody has to be told something between runs: once per thing due, with pauses for what is down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.alerting.deliveries import ensure_deliveries_table
from orchestration.alerting.delivery import ConnectedChannel, DeliveryError, DeliveryParams, deliver_pending
from orchestration.alerting.looking_again import due_key, pause_after
from orchestration.alerting.model import AlertDraft
from orchestration.alerting.outbox import Manners
from orchestration.alerting.rulebook import FILE, read_rulebook
from orchestration.alerting.store import record_alerts

NIGHT = datetime(2026, 11, 10, 5, 15)  # noqa: DTZ001
QUIET = "rule,quiet_hours\n*,20:00-07:00\n"


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        ensure_deliveries_table(connection)
        draft = AlertDraft("a1", "key_new", "warning", "api_key", "key_1", None, "A title", "A message")
        record_alerts(connection, [draft], now=NIGHT)
        yield connection


def manners(home: Path, now: datetime, text: str = QUIET) -> Manners:
    path = home / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return Manners(read_rulebook(home, frozenset({"key_new"})), now=now)


def run(warehouse: duckdb.DuckDBPyConnection, channel: ConnectedChannel, found: Manners) -> None:
    assert found.now is not None
    once = DeliveryParams(attempts=1)
    deliver_pending(warehouse, [channel], now=found.now, manners=found, params=once, sleep=lambda _: None)


def test_a_run_in_quiet_hours_is_made_up_for_when_they_are_over(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """The main job runs at 05:15 each day, within the quiet hours of each day: nothing but this tells anybody."""
    told: list[object] = []
    channel = ConnectedChannel("webhook", told.append)
    run(warehouse, channel, manners(tmp_path, NIGHT))
    assert told == []
    assert due_key(warehouse, [channel], manners(tmp_path, NIGHT + timedelta(minutes=104))) is None  # 06:59
    morning = manners(tmp_path, NIGHT + timedelta(minutes=105))  # 07:00
    assert due_key(warehouse, [channel], morning)
    run(warehouse, channel, morning)
    assert len(told) == 1
    assert due_key(warehouse, [channel], morning) is None


def test_a_channel_that_is_down_is_asked_again_after_growing_pauses(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    def refuse(_: object) -> None:
        raise DeliveryError("down", is_final=True)

    channel = ConnectedChannel("webhook", refuse)
    noon = NIGHT.replace(hour=12)
    asked = []
    keys = set()
    for minute in range(6 * 60):
        now = manners(tmp_path, noon + timedelta(minutes=minute))
        if key := due_key(warehouse, [channel], now):
            asked.append(minute)
            keys.add(key)
            run(warehouse, channel, now)
    assert asked == [0, 5, 15, 35, 75, 135, 195, 255, 315]
    assert len(keys) == len(asked)


def test_pauses_end_at_an_hour() -> None:
    assert [pause_after(count).total_seconds() / 60 for count in (1, 2, 3, 4, 5, 100)] == [5, 10, 20, 40, 60, 60]
