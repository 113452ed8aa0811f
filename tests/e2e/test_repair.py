"""A home with every kind of input loses its tables or its whole warehouse; one run later all marts are as they were.

Whole runs are dear: this is for `COSTOPS_TEST_WHOLE_REPAIR=1`; the parts are tested in `tests/integration/recovery`.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.publishing.mart_health import read_health
from tests.e2e.conftest import costops
from tests.support.marts import differences, published_marts

SEED = int(os.environ.get("COSTOPS_TEST_KILL_SEED", "20261128"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("COSTOPS_TEST_WHOLE_REPAIR"), reason="three whole runs"),
]
MAY_DIFFER = (
    "_loaded_at_utc",
    "landed_at_utc",
    "quarantined_at_utc",
    "first_seen_at_utc",
    "last_seen_at_utc",
    "resolved_at_utc",
    "scored_at_utc",
    "published_at_utc",
    "_inputs_fingerprint",
    "BillingPeriodLastUpdated",
    "BillingPeriodCreated",
    "InvoiceDetailCreated",
    "InvoiceDetailLastUpdated",
)
"""When something was landed, seen, scored or published; when a price was known and an alert acknowledged must not."""
WARNINGS_TOO = (0, 3)


@pytest.fixture(scope="module")
def reference(demo: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's home without any key, with a closed month, an adjustment and an acknowledged alert, after a run."""
    home = tmp_path_factory.mktemp("repair") / "reference"
    shutil.copytree(demo[0], home, symlinks=True)
    closed = costops("close", "2026-09", "--yes", "--force", "--reason", "of a test", home=home)
    assert closed.returncode == 0, closed.stdout + closed.stderr
    with duckdb.connect(str(home / "warehouse.duckdb")) as db:
        db.execute("update alerts.alerts set acknowledged_at_utc = timestamp '2026-11-01 10:00:00'")
        db.execute(
            "insert into adjustments.price_adjustments by name select 'a1' as adjustment_id, 'r1' as repricing_id, "
            "timestamp '2026-10-30' as repriced_at_utc, timestamp '2026-10-30' as as_known_at_utc, 'test' as reason, "
            "min(usage_date) as from_date, max(usage_date) as to_date, min(usage_date) as usage_date, "
            "any_value(provider_id) as provider_id, any_value(model_id) as model_id, 'output' as meter, "
            "1.25::decimal(38,12) as list_difference_usd, 1.25::decimal(38,12) as contracted_difference_usd "
            "from intermediate.int_llm_usage_daily"
        )
    _run(home)
    return home


def test_tables_changed_by_hand_are_whole_after_the_next_run(reference: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(reference, home, symlinks=True)
    changed = change_by_hand(home)
    assert len(changed) > 60
    checked = costops("repair", "--check", home=home)
    assert checked.returncode == 1, checked.stdout
    assert checked.stdout.count("changed by hand") > 40, checked.stdout
    _run(home)
    assert not read_health(home / "dbt").held_back
    assert differences(published_marts(reference), published_marts(home), MAY_DIFFER) == {}
    assert costops("repair", "--check", home=home).returncode == 0


def test_a_rebuilt_warehouse_gives_every_mart_row_for_row(reference: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(reference, home, symlinks=True)
    result = costops("repair", "--rebuild", home=home)
    assert result.returncode in WARNINGS_TOO, result.stdout[-3000:] + result.stderr[-3000:]
    assert differences(published_marts(reference), published_marts(home), MAY_DIFFER) == {}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        for table in ("adjustments.price_adjustments", "raw_ledger.closed_lines", "raw_openai.costs"):
            assert db.execute(f"select count(*) from {table}").fetchall()[0][0] > 0, table


def _run(home: Path) -> None:
    result = costops("run", home=home)
    assert result.returncode in WARNINGS_TOO, result.stdout[-3000:] + result.stderr[-3000:]


def change_by_hand(home: Path) -> list[str]:
    """Change every raw table with rows, every incremental model and every table of scores, each in one way."""
    choose = random.Random(SEED)
    done = []
    with duckdb.connect(str(home / "warehouse.duckdb")) as db:
        tables = db.execute(
            "select schema_name, table_name from duckdb_tables() where (starts_with(schema_name, 'raw_') "
            "or schema_name in ('ml', 'adjustments')) and not starts_with(table_name, '_') "
            "and not ends_with(schema_name, '_staging')"
        ).fetchall()
        tables += sorted(stored_tables_of(home))
        for number, (schema, name) in enumerate(sorted(set(tables))):
            for statement in _statements(db, schema, name, number, choose):
                db.execute(statement)
                done.append(statement)
        db.execute("alter table alerts.alerts alter title type varchar; alter table alerts.alerts drop column evidence")
    return done


def stored_tables_of(home: Path) -> set[tuple[str, str]]:
    """Incremental models and seeds that were built."""
    import json

    manifest = json.loads((home / "dbt" / "target" / "manifest.json").read_text())
    kinds = ("seed", "incremental")
    nodes = [node for node in manifest["nodes"].values() if node["config"].get("materialized") in kinds]
    return {(node["schema"], node["alias"]) for node in nodes}


def _statements(db: duckdb.DuckDBPyConnection, schema: str, name: str, number: int, choose: random.Random) -> list[str]:
    """One way of changing a table; a table without rows loses a column."""
    table = f'{schema}."{name}"'
    columns = [column for column, *_ in db.execute(f"describe {table}").fetchall() if not column.startswith("_")]
    column = choose.choice(columns)
    rows = db.execute(f"select count(*) from {table}").fetchall()[0][0]
    if rows == 0 or schema in ("ml", "adjustments"):
        return [f'alter table {table} drop column "{column}"']
    ways = [
        [f'alter table {table} drop column "{column}"'],
        [f'alter table {table} rename "{column}" to mine'],
        [f'alter table {table} alter "{column}" type varchar', f"alter table {table} add column mine integer"],
        [f"drop table {table}"],
        [f"delete from {table} where hash(rowid) % 2 = 0"],
        [f"delete from {table}"],
        [f'alter table {table} rename to "{name}_mine"', f'create view {table} as from {schema}."{name}_mine" limit 1'],
    ]
    return ways[number % len(ways)]
