"""A whole sample company on a cluster of Spark gives what it gives on DuckDB: built whole, after changes, after kills.

The cluster (a master, two workers, a Thrift server) runs on loopback from the `pyspark` package. On demand:
COSTOPS_TEST_SPARK=1, days of the company by COSTOPS_TEST_SPARK_DAYS; needs the extra `spark` and Java.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from orchestration.warehouse.engines.spark import missing_for_spark
from tests.e2e.conftest import LAST_DATE, clean_environment, costops, drop_calls
from tests.integration.dbt.on_spark import files_by_day
from tests.support.marts import SAID_BY_RUNS, differences, published_marts
from tests.support.spark_cluster import SparkCluster, spark_cluster

DAYS = os.environ.get("COSTOPS_TEST_SPARK_DAYS", "75")
HOURLY = "intermediate.int_llm_usage_hourly"
KILL_SEED = 20261129

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("COSTOPS_TEST_SPARK") != "1", reason="an hour: set COSTOPS_TEST_SPARK=1, or make scale"
    ),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    if missing := missing_for_spark(Settings.from_env({"COSTOPS_ENGINE": "spark"}, Path())):
        pytest.skip(f"Spark {missing}")
    with spark_cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, cluster: SparkCluster) -> tuple[Path, Path]:
    """Two homes of one company, the second built by Spark; each has run twice."""
    on_duckdb = tmp_path_factory.mktemp("on_duckdb")
    made = costops("demo", "--days", DAYS, "--scale", "0.1", "--last-date", LAST_DATE, home=on_duckdb)
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-3000:]
    on_spark = tmp_path_factory.mktemp("homes") / "on_spark"
    shutil.copytree(on_duckdb, on_spark, symlinks=True)
    run(on_duckdb, None, "--full")
    print(run(on_spark, cluster, "--full"))
    return on_duckdb, on_spark


def run(home: Path, cluster: SparkCluster | None, *options: str) -> str:
    """One run to its end; what it printed."""
    started = time.monotonic()
    ended = costops("run", *options, home=home, env=on(cluster), seconds=3600)
    assert ended.returncode in (0, 3), ended.stdout[-5000:] + ended.stderr[-3000:]
    print(f"run {' '.join(options)} on {'Spark' if cluster else 'DuckDB'}: {time.monotonic() - started:.0f} s")
    return ended.stdout


def on(cluster: SparkCluster | None) -> dict[str, str]:
    """Settings of a run on a cluster, or on DuckDB."""
    return {"COSTOPS_ENGINE": "spark", "COSTOPS_SPARK_THRIFT": cluster.thrift} if cluster else {}


def files(home: Path, table: str) -> dict[str, set[str]]:
    """Names of a table's files by day."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        return files_by_day(connection, table)


def assert_equal(homes: tuple[Path, Path]) -> None:
    assert differences(*map(published_marts, homes), SAID_BY_RUNS) == {}


def test_every_mart_is_that_of_duckdb_in_rows_and_types(homes: tuple[Path, Path]) -> None:
    assert_equal(homes)
    with duckdb.connect(str(published_marts(homes[1])), read_only=True) as connection:
        marts, rows = connection.execute(
            "select count(*), sum(estimated_size) from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()[0]
    print(f"{marts} marts, {rows} rows")
    assert marts > 100


def test_the_next_run_finds_nothing_new(homes: tuple[Path, Path], cluster: SparkCluster) -> None:
    assert "Nothing new" in run(homes[1], cluster)


def late_file(home: Path) -> None:
    """Calls of a day long ago."""
    drop_calls(home, "late", _days(home)[5])


def vanished_day(home: Path) -> None:
    """The file of a day goes."""
    next(iter((home / "drop/events/canonical").glob("late.jsonl"))).unlink()


def changed_price(home: Path) -> None:
    """A discount of a provider is another."""
    _edit(home / "drop/org/negotiated_prices.csv", lambda row: row["provider_name"] == "groq", discount_pct="11")


def moved_team(home: Path) -> None:
    """A key belongs to another team."""
    path = home / "drop/org/ownership.csv"
    _edit(path, lambda row: row["subject_id"] == "key_semantic_search_query", team_id="team_platform")


@pytest.mark.parametrize("change", [late_file, vanished_day, changed_price, moved_team])
def test_what_changed_is_built_on_what_is_there(
    homes: tuple[Path, Path], cluster: SparkCluster, change: Callable[[Path], None]
) -> None:
    before = files(homes[1], HOURLY)
    for home in homes:
        change(home)
    run(homes[0], None)
    run(homes[1], cluster)
    assert_equal(homes)
    after = files(homes[1], HOURLY)
    rewritten = {day for day in before.keys() | after.keys() if before.get(day) != after.get(day)}
    print(f"{change.__name__}: {len(rewritten)} of {len(after)} days rewritten")
    if change in (late_file, vanished_day):
        assert _days(homes[0])[5] in rewritten
        assert len(rewritten) <= 5


@pytest.mark.parametrize(("number", "victim"), enumerate(("run", "thrift", "worker0", "worker1", "thrift")))
def test_a_killed_build_run_again_is_an_undisturbed_one(
    homes: tuple[Path, Path], cluster: SparkCluster, number: int, victim: str
) -> None:
    day = _days(homes[0])[8 + number]
    for home in homes:
        drop_calls(home, f"kill_{number}", day)
    run(homes[0], None)
    _killed_in_the_middle(homes[1], cluster, victim, random.Random(KILL_SEED + number).uniform(1, 40))
    run(homes[1], cluster)
    found = differences(*map(published_marts, homes), SAID_BY_RUNS)
    if _told_of_a_build_that_did_not_end(homes):
        del found["rpt_alerts"]
        found.pop("rpt_executive_summary", None)  # which counts them while they are open
    assert found == {}


def _told_of_a_build_that_did_not_end(homes: tuple[Path, Path]) -> bool:
    """Whether the second home has alerts that the first has not: they may be of nothing else."""
    ids = []
    for home in homes:
        with duckdb.connect(str(published_marts(home)), read_only=True) as connection:
            rows = connection.execute("select alert_id, subject_id from marts.rpt_alerts").fetchall()
        ids.append(dict(rows))
    more = {subject for alert, subject in ids[1].items() if alert not in ids[0]}
    assert all(subject.startswith("unfinished.") for subject in more), more
    return bool(more)


def _killed_in_the_middle(home: Path, cluster: SparkCluster, victim: str, seconds: float) -> None:
    """Start a run and kill one of the processes `seconds` after Spark began to build; start that one again."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "run", "--home", str(home)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean_environment() | on(cluster),
        start_new_session=True,
    )  # fmt: skip
    built = home / "spark/built"
    before, until = _newest(built), time.monotonic() + 600
    said: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: said.extend(process.stdout or ()))
    reader.start()
    while _newest(built) == before and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(seconds)
    assert process.poll() is None, "".join(said)[-3000:]
    if victim == "run":
        os.killpg(process.pid, 9)
    else:
        cluster.kill(victim)
    code = process.wait(timeout=1200)
    reader.join()
    print(f"{victim} killed {seconds:.0f} s after the build began: the run ended with {code}")
    print("".join(said)[-1500:])
    if victim.startswith("worker"):
        cluster.start_worker(int(victim[-1]))
    elif victim == "thrift":
        cluster.start_thrift()


def _newest(folder: Path) -> float:
    """When a folder of tables was last written below."""
    return max((path.stat().st_mtime for path in folder.glob("*/*/*")), default=0.0)


def _days(home: Path) -> list[str]:
    with duckdb.connect(str(published_marts(home)), read_only=True) as connection:
        rows = connection.execute("select distinct usage_date from marts.rpt_cost_daily order by 1").fetchall()
    return [str(day) for (day,) in rows]


def _edit(path: Path, of: Callable[[dict[str, str]], bool], **values: str) -> None:
    """Other values in the rows of a file that `of` picks."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    picked = [row for row in rows if of(row)]
    assert picked
    for row in picked:
        row.update(values)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
