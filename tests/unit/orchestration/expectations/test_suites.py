"""Suites find what is planted, name it with its remedy, and are silent beside it and where nothing can be said."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ingestion.config import Settings
from ingestion.vocabulary.usage_columns import INFORMATION_COLUMNS, TOKEN_COLUMNS
from orchestration.expectations import landed, published
from orchestration.expectations.results import PAGE, keep_result, read_results, standing, state_of
from orchestration.expectations.suite import Suite, content_of
from orchestration.expectations.validation import SuiteResult, validate

NOW = datetime(2026, 6, 30, 6)  # noqa: DTZ001
COUNTERS = dict.fromkeys((*TOKEN_COLUMNS, *INFORMATION_COLUMNS), "bigint")
TEXT = ("event_id", "event_source", "provider_name", "requested_model", "status", "environment", "region")
SUITE = {suite.name: suite for suite in (*landed.SUITES, *published.SUITES)}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Fifty days of requests that are alike: 40 a day from one source, 100 to 400 input tokens each."""
    columns = [*(f"{name} varchar" for name in TEXT), *(f"{name} {kind}" for name, kind in COUNTERS.items())]
    with duckdb.connect() as connection:
        connection.execute(
            f"create schema raw_events; create table raw_events.requests ({', '.join(columns)}, "
            "requested_at_utc timestamp, _loaded_at_utc timestamp, _source_file_id bigint, _source_row bigint)"
        )
        for days_ago in range(1, 51):
            add(connection, days_ago, 40)
        yield connection


def add(connection: duckdb.DuckDBPyConnection, days_ago: int, number: int, **more: object) -> None:
    choose = random.Random(days_ago)
    at = NOW.replace(hour=0) - timedelta(days=days_ago)
    rows = [
        {
            "event_id": f"{at:%m%d}-{each}-{more}", "event_source": "canonical", "provider_name": "openai",
            "requested_model": "gpt-4o", "status": "ok", "uncached_input_tokens": choose.randint(100, 400),
            "output_tokens": choose.randint(100, 400), "requested_at_utc": at + timedelta(minutes=each),
        }
        | more
        for each in range(number)
    ]  # fmt: skip
    connection.register("given", pd.DataFrame(rows))
    connection.execute("insert into raw_events.requests by name from given")


def tried(connection: duckdb.DuckDBPyConnection, name: str, now: datetime = NOW) -> SuiteResult:
    suite = SUITE[name]
    frame = suite.read(connection, now)
    return validate(frame.rows, suite.expectations(frame, now), suite_name=name, key=suite.key)


@pytest.mark.parametrize("name", [suite.name for suite in landed.SUITES])
def test_days_that_are_alike_are_as_expected(warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    found = tried(warehouse, name)
    assert found.outcomes
    assert found.failures == ()


@pytest.mark.parametrize("name", ["landed_volume_suite", "landed_values_suite", "landed_sizes_suite"])
def test_nothing_is_said_of_what_has_no_past(warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    warehouse.execute("delete from raw_events.requests where requested_at_utc < timestamp '2026-06-22'")
    found = tried(warehouse, name)
    assert found.outcomes == ()
    assert state_of(SUITE[name], found) == "silent"


def test_a_source_that_stops_is_named_with_its_days(warehouse: duckdb.DuckDBPyConnection) -> None:
    for days_ago in range(1, 51):
        add(warehouse, days_ago, 30, event_source="litellm")
    warehouse.execute(
        "delete from raw_events.requests where event_source = 'litellm' and requested_at_utc >= timestamp '2026-06-28'"
    )
    (failure,) = tried(warehouse, "landed_volume_suite").failures
    assert "2 of 14 rows" in failure
    assert "event_source litellm, usage_date 2026-06-28" in failure
    assert "usage_date 2026-06-29" in failure


def test_a_flood_is_named(warehouse: duckdb.DuckDBPyConnection) -> None:
    add(warehouse, 2, 200)
    (failure,) = tried(warehouse, "landed_volume_suite").failures
    assert "event_source canonical, usage_date 2026-06-28" in failure
    warehouse.execute("delete from raw_events.requests where event_id like '%-199-%'")
    assert tried(warehouse, "landed_volume_suite").failures  # 239 of at most 200
    warehouse.execute("delete from raw_events.requests where event_id like '0628%' and _source_row is null "
                      "and cast(split_part(event_id, '-', 2) as int) >= 100")  # fmt: skip
    assert tried(warehouse, "landed_volume_suite").failures == ()  # 140


def test_values_that_nobody_had_before_are_named(warehouse: duckdb.DuckDBPyConnection) -> None:
    add(warehouse, 3, 2, requested_model="gpt-9", region="[x](http://evil.example)\x1b[31m")
    found = tried(warehouse, "landed_values_suite")
    failures = " ".join(found.failures)
    assert "gpt-9" in failures
    assert "\x1b" not in failures
    assert all(each.is_met for each in found.outcomes if "provider_name" in each.about)


def test_requests_that_become_larger_drift(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "update raw_events.requests set output_tokens = output_tokens * 4 where requested_at_utc >= '2026-06-24'"
    )
    found = tried(warehouse, "landed_sizes_suite")
    assert [each.about for each in found.outcomes if not each.is_met] == ["output_size"]


def test_a_row_that_cannot_be_is_an_error(warehouse: duckdb.DuckDBPyConnection) -> None:
    add(warehouse, 1, 1, uncached_input_tokens=-1)
    found = tried(warehouse, "landed_requests_suite")
    assert [each.about for each in found.outcomes if not each.is_met] == ["uncached_input_tokens"]
    assert state_of(SUITE["landed_requests_suite"], found) == "failed"


def test_what_is_looked_at_is_the_same_all_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    for suite in landed.SUITES:
        morning, evening = (content_of(suite.read(warehouse, NOW.replace(hour=hour))) for hour in (0, 23))
        assert morning == evening, suite.name
    assert content_of(SUITE["landed_volume_suite"].read(warehouse, NOW)) != content_of(
        SUITE["landed_volume_suite"].read(warehouse, NOW - timedelta(days=1))
    )


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.rpt_cost_daily as
                select date '2026-03-01' + n::int as usage_date, 'llm' as cost_kind, p as provider_id, 't' as team_id,
                    0.1::decimal(38, 12) as spend_usd, 1 as request_count, 100 as total_tokens, 0 as unpriced_tokens
                from range(120) r(n), (values ('a'), ('b')) v(p);
            create table marts.rpt_cost_monthly as
                select date_trunc('month', usage_date)::date as month_start_date, cost_kind, sum(spend_usd) as spend_usd
                from marts.rpt_cost_daily group by all;
            create table marts.fct_allocated_costs_daily as
                select usage_date, cost_kind, spend_usd as allocated_cost_usd from marts.rpt_cost_daily;
            """
        )
        yield connection


def test_marts_that_agree_are_as_expected(marts: duckdb.DuckDBPyConnection) -> None:
    for suite in published.SUITES:
        found = tried(marts, suite.name)
        assert found.outcomes
        assert found.failures == ()


def test_a_month_that_differs_in_the_last_decimal_is_named(marts: duckdb.DuckDBPyConnection) -> None:
    marts.execute(
        "update marts.fct_allocated_costs_daily set allocated_cost_usd = 0.100000000001 "
        "where rowid = (select min(rowid) from marts.fct_allocated_costs_daily where usage_date = '2026-04-02')"
    )
    (failure,) = tried(marts, "published_totals_suite").failures
    assert "month 2026-04-01" in failure
    assert "6.000000000001" in failure


def test_shares_that_move_are_unusual(marts: duckdb.DuckDBPyConnection) -> None:
    marts.execute(
        "update marts.rpt_cost_daily set spend_usd = 0.001, team_id = null "
        "where provider_id = 'a' and usage_date > '2026-06-01'"
    )
    marts.execute("update marts.rpt_cost_daily set unpriced_tokens = 12 where usage_date > '2026-06-01'")
    about = {each.about for each in tried(marts, "published_shares_suite").outcomes if not each.is_met}
    assert about == {"unpriced_share", "provider_divergence"}
    marts.execute("delete from marts.rpt_cost_daily where usage_date < '2026-05-20'")
    about = {each.about for each in tried(marts, "published_shares_suite").outcomes if not each.is_met}
    assert about == {"unpriced_share"}, "a home that began weeks ago has no shares to compare with"


def test_results_are_kept_and_shown_as_text(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    add(warehouse, 3, 2, region="<script>alert(1)</script>")
    settings = Settings.from_env({}, tmp_path)
    add(warehouse, 20, 1, region="eu")
    for suite in landed.SUITES[:3]:
        result = tried(warehouse, suite.name)
        keep_result(settings, suite, result, 1, NOW)
        assert next(each for each in read_results(settings) if each.suite == suite.name).outcomes == result.outcomes
    unusual = [each for each in read_results(settings) if each.state == "warning"]
    assert unusual
    assert standing(settings, landed.SUITES) == unusual
    assert standing(settings, published.SUITES) == []
    assert "alert(1)" in unusual[0].words
    assert unusual[0].remedy in unusual[0].words
    page = (settings.published_dir / PAGE).read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert page.count("<section>") == 3
    (settings.published_dir / "expectations.json").write_text("[{")
    assert read_results(settings) == []


def test_every_suite_says_what_to_do() -> None:
    assert len(SUITE) == len(landed.SUITES) + len(published.SUITES)
    assert all(isinstance(suite, Suite) and suite.remedy and suite.about for suite in SUITE.values())


def test_validating_logs_nothing(warehouse: duckdb.DuckDBPyConnection, caplog: pytest.LogCaptureFixture) -> None:
    """Where another package has turned logging on, the library's notes would stand among the lines of a run."""
    tried(warehouse, "landed_requests_suite")
    assert [record.getMessage() for record in caplog.records if record.name.startswith("great_expectations")] == []


@pytest.mark.parametrize("in_use", ["", "import pyspark.sql; "])
def test_an_installed_spark_does_not_end_a_process_without_a_main_file(tmp_path: Path, in_use: str) -> None:
    """As `pyspark.sql.connect` does where the main module has no file, in a run that the daemon launched."""
    for name in ("pyspark", "pyspark/sql", "pyspark/sql/connect"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("import sys\nsys.exit(0)\n" if "connect" in name else "")
    code = (
        f"{in_use}from orchestration.expectations.library import expectation_types as e; "
        "print(e().ExpectColumnToExist.__name__)"
    )
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[4]}"}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert "ExpectColumnToExist" in ended.stdout, ended.stderr[-2000:]


def test_what_few_expectations_need_comes_when_it_is_asked_for() -> None:
    """In a process of its own: neither is imported with the library, both are there as ever for whoever wants them."""
    code = """
import sys
from orchestration.expectations.library import NEEDED_BY_FEW, expectation_types
expectation_types()
print([name for name in NEEDED_BY_FEW if name in sys.modules])
module = sys.modules["great_expectations.expectations.core.expect_column_kl_divergence_to_be_less_than"]
print(float(module.stats.entropy([0.5, 0.5], [0.5, 0.5])), module.alt.Chart.__name__)
from scipy import stats
from scipy.stats import norm
print(stats.norm is norm, module.stats is stats, sys.modules["scipy.stats"] is stats, float(norm.cdf(0.0)))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert ended.stdout.split("\n")[:3] == ["[]", "0.0 Chart", "True False True 0.5"], ended.stderr[-2000:]
