"""The service as people run it, day after day: `costops up` with its daemon, by a clock that moves between days.

Each day the command is started a moment before its schedule ticks and ended with SIGTERM when nothing goes on any more,
as on a machine that is restarted daily. One day a key is wrong, one day the process of a run is killed, one day a
budget is crossed.

Takes about a minute a day, so it runs where asked: COSTOPS_TEST_DAEMON_DAYS=30, where there is a C compiler.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from orchestration.home.dead_runs import PROCESS_TAG
from tests.e2e.conftest import clean_environment
from tests.support.alert_receivers import Hook, Mailbox
from tests.support.http_stub import Answer, serving
from tests.support.marts import differences, published_marts

DAYS = int(os.environ.get("COSTOPS_TEST_DAEMON_DAYS", "0"))
CLOCK = Path(__file__).parents[1] / "support" / "moved_clock.c"
ZONE = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 10, 5, 5, 14, 45, tzinfo=ZONE)
"""The night when clocks go back is among 30 days from then, the last of which is the third of a month."""
WRONG_KEY, KILLED, CROSSED = 3, 5, 7
"""Days, counted from 0, on which something happens."""
AUTOMATION = """\
time_zone: Europe/Berlin
schedules:
  refresh_daily_early: {enabled: true, at: "05:15"}
  rebuild_everything_weekly: {enabled: true, weekday: sunday, at: "03:15"}
  close_month_monthly: {enabled: true, day: 3, at: "04:30"}
"""
TEAMS = "team_id,team_name,owner\nsearch,Search,search-lead\n"
KEYS = "subject_type,subject_id,provider_name,team_id,valid_from,valid_to\napi_key,key_a,,search,,\n"
BUDGETS = "budget_id,budget_name,scope_type,scope_id,period,amount_usd\nb1,Search,team,search,month,60.00\n"
RULES = "rule,enabled,quiet_hours,time_zone\nkey_new,no,,\nkey_new_team,no,,\nsource_stale,no,,\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DAYS, reason="COSTOPS_TEST_DAEMON_DAYS says how many"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="the clock is moved by a C library that cc makes"),
]


def environment(now: datetime, more: dict[str, str]) -> dict[str, str]:
    """What a process needs to live at `now`; times of files stay real."""
    seconds = int((now - datetime.now(UTC)).total_seconds())
    return clean_environment() | {"LD_PRELOAD": os.environ["MOVED_CLOCK_LIBRARY"], "MOVED_CLOCK": str(seconds)} | more


@pytest.fixture(autouse=True)
def moved_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "moved_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(CLOCK), "-ldl"], check=True)
    monkeypatch.setenv("MOVED_CLOCK_LIBRARY", str(library))


def lay_day(home: Path, number: int) -> None:
    """What applications did the day before: 1 USD, or 50 on the day when the budget is crossed."""
    day = (FIRST + timedelta(days=number - 1)).date()
    times = 10 if number != CROSSED else 500
    rows = [
        {
            "event_id": f"{day}-{each}", "requested_at_utc": f"{day}T{each % 24:02d}:00:00Z", "provider_name": "openai",
            "requested_model": "gpt-4o", "api_key_id": "key_a", "uncached_input_tokens": 20_000, "output_tokens": 5_000,
        }
        for each in range(times)
    ]  # fmt: skip
    path = home / "drop" / "events" / "canonical" / f"{day}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def lay_company(home: Path) -> None:
    org = home / "drop" / "org"
    org.mkdir(parents=True)
    for name, text in (("teams", TEAMS), ("ownership", KEYS), ("budgets", BUDGETS)):
        (org / f"{name}.csv").write_text(text)
    (home / "automation.yml").write_text(AUTOMATION)
    (home / "alerts").mkdir()
    (home / "alerts" / "alert_rules.csv").write_text(RULES)


@contextmanager
def served(home: Path, now: datetime, more: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "orchestration.cli", "up", "--home", str(home), "--port", str(port)]
    with (home / "up.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment(now, more), stdout=log, stderr=log)
    try:
        yield process
        assert process.poll() is None, (home / "up.log").read_text()[-3000:]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0


def until(holds: Callable[[], Any], what: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(1)


def runs(instance: dg.DagsterInstance, **filters: Any) -> list[dg.DagsterRun]:
    return instance.get_runs(dg.RunsFilter(**filters))


def ticks(instance: dg.DagsterInstance) -> dict[str, list[Any]]:
    return {
        state.instigator_name: list(instance.get_ticks(state.instigator_origin_id, state.selector_id))
        for state in instance.all_instigator_state()
    }


def nothing_goes_on(instance: dg.DagsterInstance) -> bool:
    return all(run.is_finished for run in instance.get_runs(limit=20))


def kill_the_run(instance: dg.DagsterInstance) -> str:
    """Kill the process of the day's run once it is at work."""
    found: list[dg.DagsterRun] = []

    def begun() -> bool:
        started = runs(instance, statuses=[dg.DagsterRunStatus.STARTED], job_name="refresh_daily")
        found[:] = [run for run in started if PROCESS_TAG in run.tags]
        return bool(found)

    until(begun, "no run began")
    time.sleep(3)
    os.kill(int(found[0].tags[PROCESS_TAG].split(":")[1]), signal.SIGKILL)
    return found[0].run_id


def expected_ticks(days: int) -> dict[str, int]:
    """By the calendar: every day at 05:15; on Sundays at 03:15 and on the third at 04:30 from the second day on, as the
    service was not there yet on the first."""
    moments = [FIRST + timedelta(days=number) for number in range(days)]
    return {
        "refresh_daily_early": days,
        "rebuild_everything_weekly": sum(each.weekday() == 6 for each in moments[1:]),
        "close_month_monthly": sum(each.day == 3 for each in moments[1:]),
    }


def live_a_day(home: Path, number: int, variables: dict[str, str]) -> str:
    """Serve the home for the day's ticks and what follows from them; the run that was killed, if any."""
    killed = ""
    now = FIRST + timedelta(days=number)  # the same time of the clock, whatever the night was like
    if number == 0:
        now -= timedelta(seconds=75)  # a service that has never run makes up for nothing
    want = expected_ticks(number + 1)
    with served(home, now, variables):
        until((home / "dagster" / "dagster.yaml").exists, "no instance")
        with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:

            def has_ticked() -> bool:
                found = ticks(instance)
                return all(sum(bool(tick.run_ids) for tick in found.get(name, [])) >= n for name, n in want.items())

            def is_failed() -> bool:
                run = instance.get_run_by_id(killed)
                return run is not None and run.status == dg.DagsterRunStatus.FAILURE

            until(has_ticked, f"day {number}: {want}")
            if number == KILLED:
                killed = kill_the_run(instance)
                until(is_failed, "nobody noticed the killed run")
                until(lambda: runs(instance, tags={"dagster/parent_run_id": killed}), "no second run")
            if number in (WRONG_KEY, KILLED):
                until(lambda: runs(instance, job_name="send_alerts"), "nobody was told of the failed run")
            until(lambda: nothing_goes_on(instance), "runs go on")
    return killed


def test_days_of_the_service_tick_once_each_and_heal(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lay_company(home)
    killed = ""
    refuse = serving(lambda _: Answer({"error": {"message": "Incorrect API key"}}, status=401))
    with Hook() as hook, Mailbox() as mailbox, refuse as provider:
        channels = mailbox.variables | {"COSTOPS_ALERT_WEBHOOK_URL": hook.url}
        wrong = {"OPENAI_ADMIN_KEY": "sk-admin-wrong", "OPENAI_BASE_URL": provider.url}
        for number in range(DAYS):
            lay_day(home, number)
            started = time.monotonic()
            killed = live_a_day(home, number, channels | (wrong if number == WRONG_KEY else {})) or killed
            print(f"day {number}: {time.monotonic() - started:.0f} s, {len(hook.received)} messages", flush=True)
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        found, everything = ticks(instance), instance.get_runs()
    counted = {name: len(found.get(name, [])) for name in expected_ticks(DAYS)}
    told = Counter((body["rule"], body["state"]) for body in hook.bodies())
    print(counted, Counter((run.job_name, run.status.value) for run in everything), told)

    assert counted == expected_ticks(DAYS)
    assert all(len(tick.run_ids) == 1 for name in counted for tick in found[name])
    first_tries = [run for run in everything if "dagster/parent_run_id" not in run.tags]
    assert sum("dagster/schedule_name" in run.tags for run in first_tries) == sum(counted.values())
    failed = {run.run_id for run in everything if run.status == dg.DagsterRunStatus.FAILURE}
    assert len(failed) == (DAYS > WRONG_KEY) + (DAYS > KILLED)
    assert failed >= {killed} - {""}

    assert len(set(hook.ids)) == len(hook.ids)
    assert sorted(mailbox.ids) == sorted(hook.ids)
    if DAYS > CROSSED:
        assert told["run_failed", "open"] == told["run_failed", "over"] >= 1
        assert told["budget_threshold_crossed", "open"] >= 1

    last = FIRST + timedelta(days=DAYS - 1, minutes=10)
    different = differences(published_marts(home), published_marts(run_once(home, tmp_path / "again", last)))
    assert {mart: what for mart, what in different.items() if mart not in KNOWS_ITS_PAST} == {}


def run_once(home: Path, other: Path, now: datetime) -> Path:
    """A home that meets all files at once, at the end."""
    other.mkdir()
    for name in ("drop", "alerts"):
        os.symlink(home / name, other / name)
    command = [sys.executable, "-m", "orchestration.cli", "run", "--home", str(other)]
    once = subprocess.run(command, env=environment(now, {}), capture_output=True, text=True, timeout=900, check=False)
    assert once.returncode == 0, once.stdout[-2000:] + once.stderr[-2000:]
    return other


KNOWS_ITS_PAST = {
    "rpt_alerts": "who was told when",
    "rpt_executive_summary": "alerts that are open",
    "fct_cost_forecasts": "what was forecast day by day",
    "rpt_forecast_accuracy": "what was forecast day by day",
    "rpt_cost_forecast": "what was forecast day by day",
    "rpt_forecast_coverage": "what was forecast day by day",
    "rpt_projection_accuracy": "what was projected day by day",
    "dim_prices_at_the_time": "since when a price is known",
    "rpt_source_completeness": "days that the refused key could not pull",
    "rpt_incomplete_days": "days that the refused key could not pull",
    "rpt_close_readiness": "days that the refused key could not pull",
    "rpt_source_freshness": "when files landed",
}
"""Marts that one run at the end cannot know, and why."""
