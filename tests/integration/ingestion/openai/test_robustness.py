"""OpenAI pulls that go wrong: nothing is lost, counted twice, taken for complete, or told to a log."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.api import MalformedResponseError, TransportError, WrongCredentialError
from ingestion.sources.openai.pipeline import land
from tests.integration.ingestion.openai.conftest import TODAY, Home
from tests.integration.ingestion.openai.stub import DAY, HOUR, KEY, Results

COMPLETIONS = "/v1/organization/usage/completions"
REPORTS = 10
FIRST = date(2026, 2, 10)
TOTALS = (
    "select count(*), sum(input_tokens), sum(num_model_requests) from raw_openai.usage where endpoint = 'completions'"
)


def traffic(name: str, start: int, width: int, group_by: tuple[str, ...]) -> Results:
    """Two results in each hour, one cost a day, told from the clock."""
    if name == "completions":
        hour = start // HOUR
        return [{"input_tokens": hour % 97 + 1, "num_model_requests": 1, "model": model} for model in ("a", "b")]
    return [{"amount": {"value": "0.1", "currency": "usd"}}] if name == "costs" else []


@pytest.fixture
def busy(home: Home) -> Home:
    home.stub.results = traffic
    return home


def truth(first: date, now: datetime) -> tuple[int, int, int]:
    """What `TOTALS` must be."""
    start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    hours = range(start // HOUR, -(-int(now.timestamp()) // HOUR))
    return 2 * len(hours), sum(2 * (hour % 97 + 1) for hour in hours), 2 * len(hours)


def test_faults_on_every_kind_of_request_change_nothing(busy: Home) -> None:
    faults: list[Any] = [429, (429, {"Retry-After": "0"}), 500, "cut", None, 503, "html", None, "cut", (408, {}), None]
    busy.stub.faults = faults * 4
    report = busy.land(from_date=FIRST)
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]
    assert report.quarantined_rows == 0
    busy.land(from_date=FIRST)
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]


def test_a_backfill_asks_for_full_pages_only(busy: Home) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    busy.land(now, from_date=now.date() - timedelta(days=70))
    paths = busy.stub.paths()
    assert paths[COMPLETIONS] == 10
    assert sum(count for path, count in paths.items() if "/usage/" in path) == 10 * REPORTS
    assert paths["/v1/organization/costs"] == 1
    busy.stub.requests.clear()
    busy.land(now, from_date=now.date() - timedelta(days=70))
    assert busy.stub.paths()[COMPLETIONS] == 2  # the look-back


def test_a_page_that_cannot_be_followed_is_an_error_and_leaves_no_day(busy: Home) -> None:
    busy.stub.faults = ["lost cursor", None, "lost cursor"]
    with pytest.raises(MalformedResponseError, match="next_page names no page"):
        busy.land(from_date=FIRST)
    spool = busy.settings.spool_dir / "openai" / "usage_completions"
    assert not spool.exists()
    assert busy.query("select distinct status from raw_openai.pulls where endpoint = 'usage_completions'") == [
        ("missing",)
    ]
    busy.land(from_date=FIRST)
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]


def test_an_absent_bucket_makes_its_day_partial_until_it_comes(busy: Home) -> None:
    gone = int(datetime(2026, 2, 12, 5, tzinfo=UTC).timestamp())
    busy.stub.skipped_buckets = {gone}
    busy.land(from_date=FIRST)
    partial = (
        "select usage_date, bucket_count, reason from raw_openai.pulls "
        "where endpoint = 'usage_completions' and status = 'partial' order by 1"
    )
    assert busy.query(partial)[0] == (date(2026, 2, 12), 23, "23 of 24 buckets received")
    busy.stub.skipped_buckets = set()
    busy.land(from_date=FIRST)
    assert [row[0] for row in busy.query(partial)] == [date(2026, 3, 1)]
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]


@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_day_the_provider_loses_is_flagged_keeps_its_rows_and_clears_when_it_returns(busy: Home, how: str) -> None:
    busy.land(from_date=FIRST)
    start = int(datetime(2026, 2, 27, tzinfo=UTC).timestamp())
    lost = set(range(start, start + DAY, HOUR))
    if how == "absent":
        busy.stub.skipped_buckets = lost
    else:
        busy.stub.results = lambda name, at, width, group_by: [] if at in lost else traffic(name, at, width, group_by)
    busy.land(from_date=FIRST)
    missing = "select usage_date from raw_openai.pulls where status = 'missing' and endpoint = 'usage_completions'"
    assert busy.query(missing) == [(date(2026, 2, 27),)]
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]
    busy.stub.skipped_buckets, busy.stub.results = set(), traffic
    busy.land(from_date=FIRST)
    assert busy.query(missing) == []
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]


def test_a_forced_pull_believes_an_empty_day_and_no_absent_one(busy: Home) -> None:
    """Empty buckets say that there was nothing; no buckets say nothing. Either way the change can be seen."""
    busy.land(from_date=FIRST)
    day = date(2026, 2, 20)
    start = int(datetime(2026, 2, 20, tzinfo=UTC).timestamp())
    hours = set(range(start, start + DAY, HOUR))
    rows, tokens, requests = truth(FIRST, TODAY)
    of_the_day = sum(2 * (hour // HOUR % 97 + 1) for hour in hours)
    state = (
        "select status, restatement_count, restated_quantity_change, reason from raw_openai.pulls "
        f"where usage_date = '{day}' and endpoint = 'usage_completions'"
    )
    busy.stub.skipped_buckets = hours
    busy.land(from_date=day, to_date=day, force=True)
    kept = "the provider gave no bucket; the 48 rows received earlier are kept"
    assert busy.query(state) == [
        ("missing", 0, None, kept.replace("the provider gave no bucket", "0 of 24 buckets received"))
    ]
    assert busy.query(TOTALS) == [(rows, tokens, requests)]
    busy.stub.skipped_buckets = set()
    busy.stub.results = lambda name, at, width, group_by: [] if at in hours else traffic(name, at, width, group_by)
    busy.land(from_date=day, to_date=day, force=True)
    assert busy.query(state) == [("complete", 1, -of_the_day, None)]
    assert busy.query(TOTALS) == [(rows - 48, tokens - of_the_day, requests - 48)]
    busy.stub.results = traffic
    busy.land(from_date=day, to_date=day, force=True)
    assert busy.query(state) == [("complete", 2, 0, None)]
    assert busy.query(TOTALS) == [(rows, tokens, requests)]


def test_a_day_that_returns_changed_counts_as_restated(busy: Home) -> None:
    busy.land(from_date=FIRST)
    start = int(datetime(2026, 2, 27, tzinfo=UTC).timestamp())
    hours = set(range(start, start + DAY, HOUR))
    busy.stub.results = lambda name, at, width, group_by: [] if at in hours else traffic(name, at, width, group_by)
    busy.land(from_date=FIRST)
    busy.stub.results = lambda name, at, width, group_by: [
        each | {"input_tokens": 1} if at in hours and name == "completions" else each
        for each in traffic(name, at, width, group_by)
    ]
    busy.land(from_date=FIRST)
    states = (
        "select status, restatement_count, restated_quantity_change from raw_openai.pulls "
        "where usage_date = '2026-02-27' and endpoint = 'usage_completions'"
    )
    change = sum(2 * (1 - (hour // HOUR % 97 + 1)) for hour in hours)
    assert busy.query(states) == [("complete", 1, change)]


def test_rows_deleted_from_the_warehouse_come_back_with_a_backfill(busy: Home) -> None:
    busy.land(from_date=FIRST)
    with duckdb.connect(str(busy.settings.warehouse_path)) as db:
        db.execute("delete from raw_openai.usage where bucket_start_utc::date = '2026-02-11'")
    assert busy.query(TOTALS) != [truth(FIRST, TODAY)]
    busy.stub.requests.clear()
    report = land(busy.settings, now=TODAY, from_date=date(2026, 2, 11), to_date=date(2026, 2, 11))
    assert "1 file had no rows in the warehouse any more; landed again" in list(map(str, report.notes))
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]
    assert COMPLETIONS not in busy.stub.paths(), "the spool still has the day"


def test_a_spool_file_that_was_deleted_is_pulled_again(busy: Home) -> None:
    busy.land(from_date=FIRST)
    (busy.settings.spool_dir / "openai/usage_completions/2026-02-11.jsonl.gz").unlink()
    busy.stub.requests.clear()
    busy.land(from_date=FIRST)
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]
    assert busy.stub.paths()[COMPLETIONS] == 3


def test_a_wrong_key_is_an_error_that_names_the_variable_and_never_the_key(
    busy: Home, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "sk-proj-wrong-key-0123456789abcdef"
    caplog.set_level(logging.DEBUG)
    with pytest.raises(WrongCredentialError, match="OPENAI_ADMIN_KEY") as caught:
        busy.with_api(openai_admin_key=wrong).land()
    assert len(busy.stub.requests) == 1
    for text in (str(caught.value), caplog.text):
        assert wrong not in text
        assert KEY not in text  # the stub's message repeats it


def test_without_a_key_the_source_is_off_and_says_so(busy: Home) -> None:
    report = busy.with_api(openai_admin_key=None).land()
    assert (report.is_on, report.off_reason) == (False, "OPENAI_ADMIN_KEY is not set")
    assert busy.query(TOTALS) == [(0, None, None)]
    assert busy.stub.requests == []


def test_no_key_is_in_the_settings_text_the_spool_or_the_warehouse(busy: Home) -> None:
    busy.land()
    assert KEY not in repr(busy.settings)
    files = [path for path in busy.settings.home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".gz" for path in files)
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_a_provider_that_stays_down_is_an_error_and_what_came_before_is_landed(busy: Home) -> None:
    busy.stub.faults = [None, None] + [500] * 100
    with pytest.raises(TransportError, match="tried 5 times"):
        busy.land(from_date=FIRST)
    days = busy.query("select count(distinct bucket_start_utc::date) from raw_openai.usage")
    assert days == [(14,)]
    assert len(busy.stub.requests) == 2 + 2 * 5
    busy.stub.faults = []
    busy.land(from_date=FIRST)
    assert busy.query(TOTALS) == [truth(FIRST, TODAY)]


def test_killed_in_mid_backfill_and_run_again_gives_the_same_without_starting_over(busy: Home, tmp_path: Path) -> None:
    first = TODAY.date() - timedelta(days=70)
    script = (
        "import os, signal\n"
        "from datetime import date, datetime\n"
        "from pathlib import Path\n"
        "from ingestion.config import Settings\n"
        "from ingestion.sources.openai.pipeline import land\n"
        "def progress(line):\n"
        "    if 'usage_embeddings, window 4' in line:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        f"settings = Settings.from_env(home=Path({str(busy.settings.home)!r}))\n"
        f"now, first = datetime.fromisoformat({TODAY.isoformat()!r}), date.fromisoformat({first.isoformat()!r})\n"
        "land(settings, now=now, from_date=first, progress=progress)\n"
    )
    busy.stub.now = TODAY
    env = os.environ | {"OPENAI_ADMIN_KEY": KEY, "OPENAI_BASE_URL": busy.settings.api.openai_base_url}
    killed = subprocess.run([sys.executable, "-c", script], env=env, cwd=Path.cwd(), capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = busy.stub.paths()
    assert before[COMPLETIONS] == 11
    busy.stub.requests.clear()
    land(busy.settings, now=TODAY, from_date=first)
    after = busy.stub.paths()
    assert after[COMPLETIONS] == 2
    assert after["/v1/organization/usage/embeddings"] == 7
    assert busy.query(TOTALS) == [truth(first, TODAY)]
    assert busy.query("select count(*) from raw_openai.costs") == [(71,)]


def test_a_restated_week_is_measured_and_replaced(busy: Home) -> None:
    busy.land(from_date=FIRST)

    def restated(name: str, start: int, width: int, group_by: tuple[str, ...]) -> Results:
        results = traffic(name, start, width, group_by)
        begin, end = (datetime(2026, 2, day, tzinfo=UTC).timestamp() for day in (20, 27))
        if name != "completions" or not begin <= start < end:
            return results
        return [each | {"input_tokens": each["input_tokens"] + 1} for each in results]

    busy.stub.results = restated
    report = busy.land(from_date=FIRST)
    assert "7 days were restated" in list(map(str, report.notes))
    rows, tokens, requests = truth(FIRST, TODAY)
    assert busy.query(TOTALS) == [(rows, tokens + 7 * 24 * 2, requests)]
    sizes = "select distinct restated_quantity_change from raw_openai.pulls where restatement_count = 1"
    assert busy.query(sizes) == [(48,)]


def test_what_cannot_be_typed_is_quarantined_and_its_neighbours_land(busy: Home) -> None:
    bad = [
        {"input_tokens": "many"},
        {"input_tokens": 5, "input_cached_tokens": 9},
        {"input_tokens": 2**70},
        "no object",
        {"input_tokens": "12", "num_model_requests": 1.0, "model": 4},
    ]
    at = int(datetime(2026, 2, 28, tzinfo=UTC).timestamp())
    busy.stub.results = lambda name, start, width, group_by: bad if (name, start) == ("completions", at) else []
    report = busy.land(from_date=date(2026, 2, 28))
    assert report.quarantined_rows == 4
    assert busy.query("select input_tokens, num_model_requests, model from raw_openai.usage") == [(12, 1, "4")]
    reasons = busy.query("select reason, field from raw_openai.quarantine order by 1, 2")
    assert reasons == [
        ("contradiction", "input_tokens"),
        ("invalid_number", "input_tokens"),
        ("out_of_range", "input_tokens"),
        ("unreadable_row", None),
    ]
