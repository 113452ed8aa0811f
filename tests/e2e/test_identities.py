"""The sample company with pseudonyms and with ids: the same figures, nobody in what readers see, nobody after `forget`.

Whole runs are dear: `COSTOPS_TEST_IDENTITIES=1`. The parts are tested in `tests/integration/dbt/test_identities.py` and
`tests/integration/orchestration/{identities,forgetting}`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.config import DELIVERED, PSEUDONYMS
from tests.e2e.conftest import alone_with, costops
from tests.support.marts import published_marts
from tests.support.person_scan import where_found, with_keys

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("COSTOPS_TEST_IDENTITIES"), reason="sixteen whole runs"),
]
GOOD = (0, 3)
USER = "user_036"
COUNTED = ("DECIMAL", "BIGINT", "HUGEINT", "INTEGER")
NOT_MONEY = ("_row_id", "_key", "_id")
"""Numbers that are made from ids."""
OF_RUNS = ("rpt_alerts.", "rpt_landing_notes.", "rpt_source_freshness.", "rpt_executive_summary.open_alert_count")
"""What tells of files and runs: files that are written anew land once more."""
READERS = ("published", "reports", "docs", "dbt", "dagster")


def figures(home: Path) -> dict[str, Any]:
    """Rows and the sum of each number of each published mart."""
    with duckdb.connect(str(published_marts(home)), read_only=True) as copy:
        columns: dict[str, list[str]] = {}
        for table, column, kind in copy.execute(
            "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'marts'"
        ).fetchall():
            found = columns.setdefault(table, [])
            if kind.startswith(COUNTED) and not column.endswith(NOT_MONEY):
                found.append(column)
        return {
            f"{table}.{name}": value
            for table, names in columns.items()
            for name, value in zip(
                ["rows", *names],
                copy.execute(
                    f"select count(*){''.join(f', sum({name})' for name in names)} from marts.{table}"
                ).fetchall()[0],
                strict=True,
            )
        }


def different(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (one.get(name), other.get(name))
        for name in one | other
        if one.get(name) != other.get(name) and not name.startswith(OF_RUNS)
    }


@pytest.fixture(params=[PSEUDONYMS, DELIVERED])
def home(demo: tuple[Path, str], tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, Callable[..., None]]:
    """The demo's home after a run in one of the modes, and a run of it."""
    copied = tmp_path / "home"
    with alone_with(demo[0]):
        shutil.copytree(demo[0], copied, symlinks=True)

    def run(mode: str = request.param) -> None:
        done = costops("run", home=copied, env={"COSTOPS_IDENTITIES": mode})
        assert done.returncode in GOOD, done.stdout[-3000:] + done.stderr[-3000:]

    run()
    return copied, run


def words_of(home: Path) -> set[str]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        return {word for (word,) in warehouse.execute("select user_id from identity.people").fetchall()}


def test_figures_are_the_same_in_both_modes_and_nobody_is_in_what_readers_see(
    demo: tuple[Path, str], home: tuple[Path, Callable[..., None]]
) -> None:
    folder, run = home
    before = figures(folder)
    with duckdb.connect(str(published_marts(folder)), read_only=True) as copy:
        first = copy.execute("select min(user_id), count(*) from marts.dim_users").fetchall()[0]
    run(DELIVERED if str(first[0]).startswith("person-") else PSEUDONYMS)
    assert different(before, figures(folder)) == {}
    run(PSEUDONYMS)
    assert different(before, figures(folder)) == {}
    words = words_of(folder)
    assert len(words) > 100
    assert len(before) > 800
    # The demo itself was made with pseudonyms; a run with ids leaves them in what is kept of it.
    assert [name for name in where_found(demo[0], words) if name.startswith(READERS)] == []


def test_whoever_is_new_has_a_pseudonym_in_the_same_run(home: tuple[Path, Callable[..., None]]) -> None:
    folder, run = home
    row = {
        "event_id": "new-1", "requested_at_utc": "2026-10-19T10:00:00Z", "provider_name": "mistral",
        "requested_model": "mistral-large-latest", "uncached_input_tokens": 1_000_000, "output_tokens": 5,
        "user_id": "newcomer_1",
    }  # fmt: skip
    (folder / "drop" / "events" / "canonical" / "new.jsonl").write_text(json.dumps(row) + "\n")
    run(PSEUDONYMS)
    with duckdb.connect(str(published_marts(folder)), read_only=True) as copy:
        shown = copy.execute("select user_id from marts.fct_llm_requests where event_id = 'new-1'").fetchall()
        users = copy.execute("select count(*) from marts.dim_users where user_id = ?", list(shown[0])).fetchall()
    assert (str(shown[0][0]).startswith("person-"), users) == (True, [(1,)])
    resolved = costops("identities", "resolve", str(shown[0][0]), home=folder)
    assert "newcomer_1" in resolved.stdout


def test_nobody_is_left_after_forgetting_and_every_total_stays(home: tuple[Path, Callable[..., None]]) -> None:
    folder, run = home
    before = figures(folder)
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
        ((name, address),) = warehouse.execute(
            "select display_name, email from identity.people where user_id = ?", [USER]
        ).fetchall()
    words = with_keys(USER, address)  # names are roles here: "Research engineer 01"
    assert len(where_found(folder, words)) > 10
    mode = PSEUDONYMS if where_found(folder / "published", [USER]) == [] else DELIVERED
    done = costops("forget", USER, "--yes", "--rewrite-org", home=folder, env={"COSTOPS_IDENTITIES": mode})
    assert done.returncode in GOOD, done.stdout[-3000:] + done.stderr[-3000:]
    assert where_found(folder, (*words, name)) == []
    run()
    assert where_found(folder, (*words, name)) == []
    assert different(before, figures(folder)) == {}
    late = folder / "drop" / "events" / "canonical" / "late.jsonl"
    late.write_text(json.dumps({
        "event_id": "late-1", "requested_at_utc": "2026-10-19T10:00:00Z", "provider_name": "openai",
        "requested_model": "gpt-4o", "uncached_input_tokens": 7, "output_tokens": 5, "user_id": USER,
    }) + "\n")  # fmt: skip
    run()
    assert where_found(folder, words) == ["drop/events/canonical/late.jsonl"]
