"""Bad files and rows cost themselves and nothing else: one home, forty kinds, the command line as a user runs it.

A second run breaks one subject on purpose: its marts keep their last good version, the others go on.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.e2e.bad_things import BAD, TAGS, Bad, focus, lay
from tests.e2e.conftest import costops

WITH_WARNINGS = 3
Run = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def bad_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A home with good and bad files after one `costops run`."""
    home = tmp_path_factory.mktemp("bad") / "home"
    lay(home)
    return home, costops("run", home=home)


@pytest.fixture(scope="module")
def marts(bad_home: tuple[Path, Run]) -> Iterator[duckdb.DuckDBPyConnection]:
    home, _ = bad_home
    copy = home.with_name("marts_after_first_run.duckdb")
    shutil.copy(home / "published" / "costops.duckdb", copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        connection.execute("use marts")
        yield connection


@pytest.fixture(scope="module")
def told(marts: duckdb.DuckDBPyConnection) -> list[tuple[str, str, bool]]:
    """File, words and whether it is a note, of all that is said about files."""
    return marts.execute(
        "select coalesce(file_path, ''), message || ' ' || coalesce(remedy, ''), true from rpt_landing_notes "
        "union all select coalesce(file_path, ''), message, false from fct_quarantined_rows"
    ).fetchall()


def test_the_run_ends_with_warnings_and_no_traceback(bad_home: tuple[Path, Run]) -> None:
    home, result = bad_home
    said = result.stdout + result.stderr
    assert result.returncode == WITH_WARNINGS, said[-3000:]
    assert "Done with warnings" in result.stdout
    assert "Traceback" not in said + (home / "dbt" / "logs" / "run.log").read_text()
    assert "\x1b" not in said


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_each_bad_thing_is_named_with_its_remedy(bad: Bad, told: list[tuple[str, str, bool]]) -> None:
    about = [words for path, words, is_note in told if path == bad.told_path and is_note == bad.is_note]
    assert any(bad.says in words and bad.remedy.lower() in words.lower() for words in about), about or told
    assert all(len(words) > 25 for words in about), about


def test_every_group_of_notes_is_printed_with_what_to_do(bad_home: tuple[Path, Run]) -> None:
    _, result = bad_home
    noticed = result.stdout.partition("Noticed while landing")[2]
    titles = re.findall(r"^  (\d+) (.+)$", noticed, re.MULTILINE)
    assert len(titles) >= 8
    assert len(re.findall(r"^    → ", noticed, re.MULTILINE)) >= 8
    assert max(map(len, noticed.splitlines())) <= 80


def test_good_figures_are_untouched(marts: duckdb.DuckDBPyConnection) -> None:
    [(billed,)] = marts.execute(
        "select sum(billed_cost_usd) from fct_charges where billing_account_id = 'good'"
    ).fetchall()
    assert billed == Decimal("20.00")
    [(carried,)] = marts.execute(
        "select sum(allocated_cost_usd) from fct_allocated_costs_daily where team_id = 'search' and account_id = 'good'"
    ).fetchall()
    assert carried == Decimal("12.34")  # the tag team=search stands beside keys that break JSON paths
    assert marts.execute("select count(*) from fct_llm_requests where event_id = 'g1'").fetchall() == [(1,)]


def test_tags_with_any_key_reach_their_report(marts: duckdb.DuckDBPyConnection) -> None:
    found = dict(marts.execute("select tag, sum(spend_usd) from rpt_cost_by_tag_monthly group by 1").fetchall())
    shares = {tag: found.get(tag) for tag in (f"{key}={value}" for key, value in TAGS.items())}
    assert None not in shares.values()
    assert sum(shares.values()) == Decimal("12.34")  # the report splits a charge over its tags


def test_unknown_dollars_are_null_and_the_rest_of_the_file_counts(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute(
        "select billed_cost, billed_cost_usd from fct_charges where sub_account_id = 'sub-nocur'"
    ).fetchall() == [(Decimal("2.20"), None)]
    assert marts.execute(
        "select BillingCurrency, PricingCurrency from focus_cost_and_usage where SubAccountId = 'sub-nocur'"
    ).fetchall() == [("XXX", "XXX")]
    for account in ("noacc", "nocost", "words", "dates", "wide", "big"):
        [(count,)] = marts.execute(
            "select count(*) from fct_charges where billing_account_id = ? and billed_cost_usd = 1", [account]
        ).fetchall()
        assert count == 1, account


def test_nothing_is_held_back(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute("select distinct status from rpt_mart_status").fetchall() == [("current",)]
    assert marts.execute("select count(*) from rpt_mart_status").fetchall()[0][0] > 80


@pytest.mark.parametrize(
    "command",
    [
        ["doctor"],
        ["query", "from rpt_landing_notes"],
        ["query", "from fct_quarantined_rows"],
        ["query", "from dim_teams", "--format", "csv"],
        ["query", "select tags from fct_charges"],
        ["price", "--model", "[/red]", "--input", "1"],
        ["price", "--model", "gpt-4o-mini", "--input", "1"],
        ["conversation", "-m", "gpt-4o-mini", "--turns", "2", "--user", "10", "--reply", "10"],
        ["verify-close"],
        ["run", "--select", "[/red]"],
        ["run", "--from", "[/red]"],
        ["backfill", "[/red]"],
    ],
    ids=" ".join,
)
def test_no_command_fails_with_a_traceback_on_such_a_home(bad_home: tuple[Path, Run], command: list[str]) -> None:
    home, _ = bad_home
    with_home = home if command[0] not in ("price", "conversation") else None
    result = costops(*command, home=with_home, env={"COSTOPS_HOME": str(home)})
    said = result.stdout + result.stderr
    assert "Traceback" not in said, said[-3000:]
    assert "MarkupError" not in said
    assert result.returncode in (0, 1, 2)
    if command == ["doctor"]:
        assert "files of no known format" in said


def test_a_subject_that_fails_keeps_its_last_good_version_and_the_others_go_on(
    bad_home: tuple[Path, Run], marts: duckdb.DuckDBPyConnection
) -> None:
    home, _ = bad_home
    before = marts.execute("from fct_budget_status_daily order by all").fetchall()
    assert before
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:  # what only a defect of landing could do
        warehouse.execute("update raw_org.budgets set amount = null, amount_usd = null")
    more = home / "drop" / "billing" / "focus" / "more" / "june.csv"
    more.parent.mkdir()
    more.write_text(focus("more", {"cost": "5.00"}))

    result = costops("run", home=home)
    assert result.returncode == WITH_WARNINGS, result.stdout[-3000:] + result.stderr[-3000:]
    assert "held back" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr

    status = {row["mart"]: row for row in ask(home, "from rpt_mart_status")}
    stale = {mart for mart, row in status.items() if row["status"] == "stale"}
    assert {"dim_budgets", "fct_budget_status_daily", "rpt_budget_variance"} <= stale
    assert not stale & {"fct_charges", "fct_allocated_costs_daily", "rpt_cost_daily", "rpt_landing_notes", "rpt_alerts"}
    held = status["fct_budget_status_daily"]
    assert "NOT NULL" in held["reason"]
    assert "amount" in held["reason"]
    assert "costops run" in held["remedy"]
    assert held["published_at_utc"] < held["held_back_since_utc"] <= status["fct_charges"]["published_at_utc"]
    with duckdb.connect() as published:
        published.execute(f"attach '{home / 'published' / 'costops.duckdb'}' as now (read_only)")
        assert published.execute("from now.marts.fct_budget_status_daily order by all").fetchall() == before
        assert published.execute(
            "select sum(billed_cost_usd) from now.marts.fct_charges where billing_account_id = 'more'"
        ).fetchall() == [(Decimal("5.00"),)]
    assert (home / "published" / "parquet" / "fct_budget_status_daily.parquet").exists()
    assert "alerts: skipped: it reads marts.fct_budget_status_daily" in result.stdout


def ask(home: Path, sql: str) -> list[dict[str, Any]]:
    result = costops("query", sql, "--format", "json", home=home)
    assert result.returncode == 0, result.stderr
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows
