"""Two runs at one moment, a warehouse put back from yesterday; readers look all the while and see whole versions only.

Whole runs are dear: this is for `COSTOPS_TEST_WHOLE_REPAIR=1`; the parts are tested in `tests/integration/recovery`.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.e2e.conftest import costops
from tests.support.marts import differences, published_marts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("COSTOPS_TEST_WHOLE_REPAIR"), reason="five whole runs"),
]
BUSY = 75
GOOD = (0, 3)
WHOLE = """
select (select sum(spend_usd) from marts.rpt_cost_daily) = (select sum(spend_usd) from marts.rpt_cost_monthly)
    and (select sum(spend_usd) from marts.rpt_cost_daily)
        = (select sum(allocated_cost_usd) from marts.fct_allocated_costs_daily)
"""


@pytest.fixture
def home(demo: tuple[Path, str], tmp_path: Path) -> Path:
    """The demo's home after a run without its simulated providers."""
    copied = tmp_path / "home"
    shutil.copytree(demo[0], copied, symlinks=True)
    assert costops("run", home=copied).returncode in GOOD
    return copied


def add_usage(home: Path, number: int) -> None:
    row = {
        "event_id": f"odd-{number}", "requested_at_utc": "2026-10-19T10:00:00Z", "provider_name": "openai",
        "requested_model": "gpt-4o", "uncached_input_tokens": 1_000_000 * number, "output_tokens": 5,
    }  # fmt: skip
    (home / "drop" / "events" / "canonical" / f"odd_{number}.jsonl").write_text(json.dumps(row) + "\n")


@contextmanager
def readers(home: Path) -> Iterator[list[bool]]:
    """Asks the published copy all the time; the list has each answer, whether all marts were of one version."""
    answers: list[bool] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            with duckdb.connect(str(published_marts(home)), read_only=True) as copy:
                answers.append(bool(copy.execute(WHOLE).fetchall()[0][0]))

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(look)
        try:
            yield answers
        finally:
            stop.set()
            reading.result()


def test_of_two_runs_at_one_moment_one_waits_for_the_other_or_says_who_works(home: Path) -> None:
    add_usage(home, 1)
    with readers(home) as answers, ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: costops("run", home=home), range(2)))
    assert len(answers) > 10
    assert all(answers)
    assert any(each.returncode in GOOD for each in both)
    for each in both:
        said = each.stdout + each.stderr
        assert "Traceback" not in said
        assert each.returncode in GOOD or "process" in said
    with duckdb.connect(str(published_marts(home)), read_only=True) as copy:
        found = copy.execute("select count(*) from marts.fct_llm_requests where event_id = 'odd-1'").fetchall()
    assert found == [(1,)]
    assert "Nothing new since" in costops("run", home=home).stdout


def test_a_warehouse_of_yesterday_catches_up_with_what_came_since(home: Path, tmp_path: Path) -> None:
    yesterday = tmp_path / "yesterday.duckdb"
    shutil.copy(home / "warehouse.duckdb", yesterday)
    add_usage(home, 2)
    assert costops("run", home=home).returncode in GOOD
    with duckdb.connect(str(published_marts(home)), read_only=True) as copy:
        assert copy.execute("select count(*) from marts.fct_llm_requests where event_id = 'odd-2'").fetchall() == [(1,)]
    wanted = shutil.copy(published_marts(home), tmp_path / "wanted.duckdb")
    shutil.copy(yesterday, home / "warehouse.duckdb")
    with readers(home) as answers:
        again = costops("run", home=home)
    assert again.returncode in GOOD, again.stdout[-2000:]
    assert answers
    assert all(answers)
    assert differences(Path(wanted), published_marts(home)) == {}
