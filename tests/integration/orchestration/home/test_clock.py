"""A clock that was wrong once loses nothing: what it refused is tried again, and one that is behind is refused."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingestion.config import Settings
from ingestion.landing import connect
from ingestion.sources.events import pipeline as events
from orchestration.home.clock_check import ClockIsBehindError, check_clock, newest_landing

NOW = datetime(2026, 6, 10, 12)  # noqa: DTZ001 - naive UTC
YEAR = timedelta(days=365)
TIMES = ("2026-06-09T10:00:00Z", "2026-06-10T11:00:00+02:00", "2031-01-01T00:00:00Z", "1999-12-31T00:00:00Z")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings.from_env({}, tmp_path / "home")
    (settings.events_dir / "canonical").mkdir(parents=True)
    lines = [
        {"event_id": str(n), "requested_at_utc": at, "provider_name": "openai", "served_model": "gpt-5"}
        for n, at in enumerate(TIMES)
    ]
    (settings.events_dir / "canonical" / "calls.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return settings


def landed(settings: Settings, now: datetime) -> tuple[list[str], int, int]:
    """Ids in the warehouse, refused rows, files landed by this run."""
    report = events.land(settings, now=now)
    with connect(settings.warehouse_path) as db:
        ids = [row[0] for row in db.execute("select event_id from raw_events.requests order by 1").fetchall()]
        refused = db.execute("select count(*) from raw_events.quarantine").fetchall()[0][0]
    return ids, refused, report.files_landed


def test_rows_refused_as_in_the_future_are_tried_again_once_they_no_longer_are(settings: Settings) -> None:
    assert landed(settings, NOW - YEAR) == ([], 4, 1)
    assert landed(settings, NOW - YEAR) == ([], 4, 0), "nothing is tried before its time"
    assert landed(settings, NOW) == (["0", "1"], 2, 1), "the file is the same"
    assert landed(settings, NOW) == (["0", "1"], 2, 0)


def test_a_clock_that_ran_ahead_once_is_named_and_loses_nothing(settings: Settings) -> None:
    landed(settings, NOW)
    assert check_clock(settings, NOW) is None
    assert check_clock(settings, NOW - timedelta(hours=1)) is None, "two clocks may differ a little"
    ahead = landed(settings, NOW + YEAR)
    more = {"event_id": "9", "requested_at_utc": "2026-06-10T12:00:00Z", "provider_name": "openai", "served_model": "m"}
    (settings.events_dir / "canonical" / "more.jsonl").write_text(json.dumps(more) + "\n")
    landed(settings, NOW + YEAR)
    assert newest_landing(settings) == NOW + YEAR
    with pytest.raises(ClockIsBehindError, match=r"says 2026-06-10 13:00 UTC.* 2027-06-10 12:00 UTC.*--accept-clock"):
        check_clock(settings, NOW + timedelta(hours=1))
    assert "until 2027-06-10" in (check_clock(settings, NOW + timedelta(hours=1), accept=True) or "")
    assert check_clock(settings, NOW + timedelta(hours=2)) is None, "said once, it holds"
    assert landed(settings, NOW + timedelta(hours=2))[0] == [*ahead[0], "9"]
