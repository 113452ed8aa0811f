"""Everything goes wrong at once, and the marts tell the truth all the same; a day that is lost counts as missing."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from ingestion.config import Settings
from ingestion.demo.company import GroundTruth, generate
from ingestion.demo.providers import Faults, Restatement, Urls, running_simulator
from ingestion.sources.events import pipeline as events
from ingestion.sources.org import pipeline as org
from ingestion.sources.prices import pipeline as prices
from orchestration.running.backfill import backfill
from orchestration.running.sources import API_SOURCES
from tests.e2e.against_truth import billed, landed_costs, landed_tokens, tokens
from tests.e2e.conftest import LAST_DATE, clean_environment
from tests.support.warehouse import ScratchWarehouse

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("provider-faults")]
LAST = date.fromisoformat(LAST_DATE)
FIRST = LAST - timedelta(days=13)
NAMES = ("openai", "anthropic", "groq", "azure", "aws")
SEED = 20261020
FAILURE_RATE = 0.2
KINDS = ("error_500", "error_503", "too_many_requests", "cut", "half_json")
WEEK = (FIRST + timedelta(days=2), FIRST + timedelta(days=8))
REFUSED = (("api_key_id", "line_item"), ("workspace_id", "description"), ("inference_geo",))
MARTS = ("+fct_llm_usage_hourly", "+fct_charges", "+rpt_source_completeness")
BACKFILL = """
import sys
from datetime import datetime
from pathlib import Path
from rich.console import Console
from ingestion.config import Settings
from orchestration.running.backfill import backfill
for name in sys.argv[3:]:
    backfill(Settings.from_env(home=Path(sys.argv[1])), Console(), name, now=datetime.fromisoformat(sys.argv[2]))
"""


def noon(days_after_the_first: int) -> datetime:
    return datetime.combine(FIRST, datetime.min.time()) + timedelta(days=days_after_the_first, hours=12)


LAST_RUN = noon(16)


@dataclass
class Ordeal:
    """A company, its unreliable providers, and the home that pulls from them."""

    truth: GroundTruth
    urls: Urls
    settings: Settings
    env: dict[str, str]
    kills: int = 0

    def pull(self, now: datetime, *, force: bool = False) -> None:
        """One run of every provider's source."""
        self.urls.simulator.now = now
        for name in NAMES:
            assert API_SOURCES[name].land(self.settings, now=now, force=force).quarantined_rows == 0

    def kill_a_backfill(self, now: datetime, after_requests: int) -> None:
        """`kill -9` of the backfill of all sources, one after the other, once it has sent so many requests."""
        self.urls.simulator.now = now
        sent = len(self.urls.simulator.journal.asked)
        arguments = [str(self.settings.home), now.isoformat(), *NAMES]
        environment = clean_environment() | self.env
        with subprocess.Popen(
            [sys.executable, "-c", BACKFILL, *arguments], stdout=subprocess.DEVNULL, env=environment
        ) as process:
            while process.poll() is None and len(self.urls.simulator.journal.asked) < sent + after_requests:
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL, "the backfill was over before it was killed"
        self.kills += 1

    def spooled(self) -> dict[Path, int]:
        """When each spooled day was written."""
        return {path: path.stat().st_mtime_ns for path in self.settings.spool_dir.rglob("????-??-??.jsonl.gz")}

    def build(self, *selected: str) -> None:
        """Some marts of what has landed."""
        no_tests = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        ScratchWarehouse(self.settings.home).dbt("build", *no_tests, "--select", *selected)


@pytest.fixture(scope="module")
def ordeal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ordeal]:
    """A fortnight pulled while it happens, with days between the runs: one request in five fails or is cut, buckets
    grow for two days, a week is wrong until it is corrected, groupings are refused and later accepted, backfills are
    killed."""
    home = tmp_path_factory.mktemp("ordeal") / "home"
    truth = generate(home / "drop", last_date=LAST, days=14, scale=0.05)
    week = Restatement(*WEEK, corrected_at=noon(11))
    always = {"seed": SEED, "failure_rate": FAILURE_RATE, "kinds": KINDS, "growth_days": 2.0, "restatement": week}
    with running_simulator(truth, faults=Faults(**always, refused_group_by=REFUSED)) as urls:
        env = urls.environment() | {
            "COSTOPS_BACKFILL_FROM": FIRST.isoformat(),
            "COSTOPS_API_RETRY_BASE_SECONDS": "0.001",
            "COSTOPS_API_REQUESTS_PER_MINUTE": "1000000",
            "COSTOPS_AWS_MAX_REQUESTS": "1000",
        }
        ordeal = Ordeal(truth, urls, Settings.from_env(env, home=home), env)
        choose = random.Random(SEED)
        for _ in range(2):
            ordeal.kill_a_backfill(noon(9), choose.randint(10, 80))
        ordeal.pull(noon(9))
        ordeal.pull(noon(12))
        urls.simulator.faults = Faults(**always)
        ordeal.pull(LAST_RUN)
        spooled = ordeal.spooled()
        ordeal.pull(LAST_RUN, force=True)
        assert ordeal.spooled() == spooled, "pulling every window once more rewrites no day"
        for source in (events, org, prices):
            source.land(ordeal.settings, now=LAST_RUN)
        ordeal.build(*MARTS)
        yield ordeal


def rows(ordeal: Ordeal, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(ordeal.settings.warehouse_path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def marts(ordeal: Ordeal) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(ordeal.settings.warehouse_path), read_only=True) as connection:
        connection.execute("use marts")
        yield connection


def test_everything_went_wrong(ordeal: Ordeal, marts: duckdb.DuckDBPyConnection) -> None:
    """Without this, the comparisons below might compare an undisturbed run."""
    asked = ordeal.urls.simulator.journal.asked
    faults = Counter(one.fault for one in asked if one.fault)
    assert set(faults) == set(KINDS)
    assert 0.15 < sum(faults.values()) / len(asked) < 0.25
    assert ordeal.kills == 2
    for name, table in (("openai", "costs"), ("anthropic", "cost_report"), ("anthropic", "messages_usage")):
        refused = [one for one in asked if one.endpoint.startswith(name) and one.status == 400]
        assert refused, name
        groupings = marts.execute(f"select count(distinct group_by) from raw_{name}.{table}").fetchone()
        assert groupings == (1,), "rows of the smaller grouping are gone"
    restated = dict(
        marts.execute(
            "select source, sum(restatement_count) from marts.rpt_source_completeness "
            f"where usage_date between '{WEEK[0]}' and '{WEEK[1]}' group by 1"
        ).fetchall()
    )
    assert all(restated[f"api/{name}"] > 0 for name in NAMES), restated
    states = marts.execute("select distinct status from marts.rpt_source_completeness where usage_date < '2026-10-21'")
    assert {status for (status,) in states.fetchall()} <= {"complete", "restated"}


def test_tokens_equal_the_truth(ordeal: Ordeal, marts: duckdb.DuckDBPyConnection) -> None:
    grain = ("provider_id", "usage_date", "model_id")
    assert landed_tokens(marts, *grain) == tokens(ordeal.truth, *grain)


@pytest.mark.parametrize(
    ("provider", "place"),
    [("openai", "project_id"), ("anthropic", "workspace_id"), ("groq", "project_id"), ("azure", "project_id")],
)
def test_tokens_equal_the_truth_by_project(
    ordeal: Ordeal, marts: duckdb.DuckDBPyConnection, provider: str, place: str
) -> None:
    grain = ("usage_date", "model_id", place)
    found = landed_tokens(marts, *grain, where=f"provider_id = '{provider}'")
    assert found == tokens(ordeal.truth, *grain, providers=(provider,))


def test_bills_equal_the_truth(ordeal: Ordeal, marts: duckdb.DuckDBPyConnection) -> None:
    """A sub-account is OpenAI's project, Anthropic's workspace, a subscription, an AWS account."""
    grain = ("provider_id", "charge_date", "sub_account_id", "model_id")
    assert landed_costs(marts, *grain) == billed(ordeal.truth, *grain)


COMPLETIONS = "usage_completions"
ROWS = (
    "select bucket_start_utc::date as day, count(*), sum(input_tokens)::bigint from raw_openai.usage "
    "where endpoint = 'completions' group by 1 order by 1"
)
DAYS = (
    "select usage_date, status, row_count, reason from marts.rpt_source_completeness "
    f"where source = 'api/openai' and endpoint = '{COMPLETIONS}' and status = 'missing' order by 1"
)


def test_days_deleted_from_a_source_are_flagged_within_one_run_and_cleared_by_a_backfill(ordeal: Ordeal) -> None:
    """One day is gone altogether, one from the raw table only, and one the provider no longer reports."""
    gone, emptied, lost = (FIRST + timedelta(days=number) for number in (5, 7, 9))
    before = rows(ordeal, ROWS)
    ordeal.urls.simulator.faults = Faults(lost_days=(lost,))
    API_SOURCES["openai"].land(ordeal.settings, now=LAST_RUN)
    delete_everywhere(ordeal.settings, gone)
    with duckdb.connect(str(ordeal.settings.warehouse_path)) as db:
        db.execute(
            f"delete from raw_openai.usage where endpoint = 'completions' and bucket_start_utc::date = '{emptied}'"
        )
    ordeal.build("int_report_files_landed", "rpt_source_completeness")
    flagged = rows(ordeal, DAYS)
    assert [row[:2] for row in flagged] == [(day, "missing") for day in (gone, emptied, lost)]
    assert [row[3].split(":")[0] for row in flagged[:2]] == [
        "never pulled",
        "pulled, but its file or its rows are gone",
    ]
    assert flagged[2][3] == f"no longer reported; the {flagged[2][2]} rows received earlier are kept"
    assert [row for row in rows(ordeal, ROWS) if row[0] == lost] == [row for row in before if row[0] == lost]

    ordeal.urls.simulator.faults = Faults()
    console = Console(quiet=True)
    backfill(ordeal.settings, console, "openai", from_date=gone, to_date=lost, now=LAST_RUN)
    ordeal.build("int_report_files_landed", "rpt_source_completeness")
    assert rows(ordeal, DAYS) == []
    assert rows(ordeal, ROWS) == before


def delete_everywhere(settings: Settings, day: date) -> None:
    """Delete a day of completions in the spool, in its ledger and in the warehouse."""
    folder = settings.spool_dir / "openai"
    (folder / COMPLETIONS / f"{day}.jsonl.gz").unlink()
    ledger = folder / "_pulls.jsonl"
    lines = ledger.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not {COMPLETIONS, str(day)} <= set(map(str, json.loads(line).values()))]
    assert len(kept) < len(lines)
    ledger.write_text("".join(kept))
    with duckdb.connect(str(settings.warehouse_path)) as db:
        db.execute(f"delete from raw_openai.usage where endpoint = 'completions' and bucket_start_utc::date = '{day}'")
        db.execute(f"delete from raw_openai.pulls where endpoint = '{COMPLETIONS}' and usage_date = '{day}'")
        db.execute(f"delete from raw_openai.files where path = '{COMPLETIONS}/{day}.jsonl.gz'")
