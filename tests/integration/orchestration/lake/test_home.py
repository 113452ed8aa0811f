"""A home and its lake: commands, what a run says, the road back, forgetting."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from ingestion.config import Settings
from ingestion.sources.events.pipeline import land
from orchestration.cli import app
from orchestration.commands.shared import console
from orchestration.defs.lake import IS_UP_TO_DATE, STATE_KEY, raw_in_lake, state_in_lake
from orchestration.forgetting.forgetting import forget
from orchestration.resources import Home, given
from orchestration.warehouse.kept import ALERTS
from tests.integration.ingestion.landing.toy import NOW
from tests.support.lake_home import LakeHome, event

ROOT = Path(__file__).parents[4]
STAGING = ROOT / "dbt_project" / "models" / "staging"


@pytest.fixture
def home(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeHome:
    for variable in os.environ:
        if variable.startswith("COSTOPS_"):
            monkeypatch.delenv(variable)
    shutil.copytree(empty_home, tmp_path / "home")
    home = LakeHome(tmp_path / "home", tmp_path / "lake")
    home.settings = Settings.from_env({"COSTOPS_LAKE_URL": home.address}, home.settings.home)
    monkeypatch.setenv("COSTOPS_LAKE_URL", home.address)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    return home


def costops(*arguments: str, home: Path, code: int = 0) -> str:
    """What a command prints, and its exit code."""
    with console.capture() as printed:
        result = CliRunner().invoke(app, [*arguments, "--home", str(home)])
    said = " ".join(f"{printed.get()} {result.output}".split())
    assert result.exit_code == code, said
    return said


def test_commands_say_what_is_there(home: LakeHome, tmp_path: Path) -> None:
    here = home.settings.home
    assert "there is no lake at" in costops("lake", "status", home=here, code=2)
    home.landed(a=[event(1), event(2, 2)])
    assert re.match(r"version 1: [\d,]+ rows in 5 objects of \d+ tables written", costops("lake", "sync", home=here))
    said = costops("lake", "status", home=here)
    assert re.search(r"raw_events.requests │ 2 │ 2 │ 0.0\d │ 2026-05-02", said), said
    assert said.endswith("It is what the warehouse has, row for row.")
    assert '"version": 1' in costops("lake", "status", "--format", "json", home=here)
    home.landed(a=[event(1)], b=[event(3)])
    said = costops("lake", "status", home=here, code=3)
    assert "Deliveries that the warehouse has otherwise:" in said
    assert "raw_events.requests (2)" in said, "the changed file and the new one"
    costops("lake", "sync", home=here)
    assert "0 are not what was written It is what the warehouse has" in costops("lake", "verify", home=here)
    victim = next((tmp_path / "lake" / "raw" / "raw_events" / "requests").rglob("*.parquet"))
    content = victim.read_bytes()
    victim.write_bytes(content[:-1])
    assert "has " in costops("lake", "verify", "--quick", home=here, code=3)
    costops("lake", "verify", "--mend", home=here)
    assert victim.read_bytes() == content


def test_the_warehouse_comes_back_from_the_lake_alone_and_landing_goes_on(home: LakeHome, tmp_path: Path) -> None:
    """Every table that dbt reads and does not build is there, row for row and in type; so marts made of it are equal
    (`tests/e2e/test_lake.py` builds them)."""
    folder = home.settings.events_dir / "canonical"
    folder.mkdir(parents=True)
    line = '{{"event_id": "{}", "requested_at_utc": "2026-05-01T00:00:00Z", "model": "m", "output_tokens": {}}}\n'
    (folder / "a.jsonl").write_text(line.format("e1", 1) + "broken\n")
    (folder / "b.jsonl").write_text(line.format("e1", 1) + line.format("e2", 2))
    land(home.settings, now=NOW)
    with duckdb.connect(str(home.settings.warehouse_path)) as db:
        db.execute("insert into alerts.actions values ('a1', 'mute', 'r', null, 'x', 'y', '2026-05-01')")
        db.execute("insert into ml.cost_forecasts (forecast_run_id, scored_at_utc) values ('r1', '2026-05-01')")
        db.execute("insert into identity.people (pseudonym, user_id) values ('person-x', 'anna')")
    costops("lake", "sync", home=home.settings.home)
    other = tmp_path / "other"
    said = costops("lake", "restore", home=other)
    assert "restored from version 1" in said
    assert "another home writes this lake" in said
    assert _unequal(home.settings.warehouse_path, other / "warehouse.duckdb") == {}
    with duckdb.connect(str(other / "warehouse.duckdb")) as db:
        keys = db.execute(f"select 1 from duckdb_constraints() where schema_name = '{ALERTS.schema}'").fetchall()
        assert keys, "tables have the keys that their owners gave them"
    assert "has 2 landed files. Nothing was changed" in costops("lake", "restore", home=other, code=1)
    assert "The warehouse of before lies in" in costops("lake", "restore", "--replace", home=other)
    shutil.copytree(home.settings.home / "drop", other / "drop")
    there = replace(home.settings, home=other, events_dir=other / "drop" / "events")
    assert (land(there, now=NOW).files_landed, land(there, now=NOW).files_unchanged) == (0, 2)
    (there.events_dir / "canonical" / "a.jsonl").unlink()
    land(there, now=NOW)
    with duckdb.connect(str(there.warehouse_path)) as db:
        rows = db.execute("select event_id, output_tokens from raw_events.requests order by 1").fetchall()
        assert rows == [("e1", 1), ("e2", 2)], "the repeat in the other file counts now"
    assert "was written by another home" in costops("lake", "sync", home=other, code=1)
    costops("lake", "adopt", home=other)
    costops("lake", "sync", home=other)
    assert "was written by another home" in costops("lake", "sync", home=home.settings.home, code=1)


def _unequal(one: Path, other: Path) -> dict[str, int]:
    """Tables of dbt's sources that differ in rows or types."""
    declared = [
        f"{source['schema']}.{table['name']}"
        for path in sorted(STAGING.glob("*/src_*.yml"))
        for source in yaml.safe_load(path.read_text())["sources"]
        for table in source["tables"]
    ]
    assert len(declared) > 100
    found = {}
    with duckdb.connect() as db:
        db.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        columns = db.execute(
            "select schema_name || '.' || table_name, list((column_name, data_type) order by column_name) "
            "filter (database_name = 'one') = list((column_name, data_type) order by column_name) "
            "filter (database_name = 'other') from duckdb_columns() group by 1"
        ).fetchall()
        same_types = {table for table, is_same in columns if is_same}
        for table in declared:
            counts = [db.execute(f"select count(*) from {side}.{table}").fetchall()[0][0] for side in ("one", "other")]
            rows = sum(
                db.execute(f"select count(*) from (from {a}.{table} except all from {b}.{table})").fetchall()[0][0]
                for a, b in (("one", "other"), ("other", "one"))
                if any(counts)
            )
            if rows or table not in same_types:
                found[table] = rows
    return found


def test_a_run_keeps_the_lake_and_goes_on_where_it_cannot(home: LakeHome) -> None:
    home.landed(a=[event(1)])
    assets = [*raw_in_lake(home.settings, []), *state_in_lake(home.settings, [])]
    with given(home.settings, NOW), dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize(assets, resources={"home": Home()}, instance=instance)
        assert done.success
        assert home.differences() == {}
        (Path(home.address) / "manifest.json").write_text('{"name": "another\'s"}')
        failing = dg.materialize(assets, resources={"home": Home()}, instance=instance)
    assert failing.success
    checks = {each.asset_key: each for each in failing.get_asset_check_evaluations()}
    assert {each.check_name for each in checks.values()} == {IS_UP_TO_DATE}
    assert [each.passed for each in checks.values()] == [False, False]
    assert checks[STATE_KEY].description == (
        "manifest.json is not the manifest of a lake: give the lake a folder of its own; the next run catches up"
    )
    assert "not written at" in costops("doctor", home=home.settings.home)


def test_without_a_lake_a_run_has_no_such_assets(home: LakeHome) -> None:
    settings = replace(home.settings, lake_url=None)
    assert (raw_in_lake(settings, []), state_in_lake(settings, [])) == ([], [])


def test_somebody_who_is_forgotten_is_gone_from_the_lake_too(home: LakeHome) -> None:
    """First while the store cannot be reached, then at the next writing; and at once where it can be."""
    home.landed(a=[event(1) | {"user_id": "maeve@sample-company.example"}], b=[event(2) | {"user_id": "other"}])
    costops("lake", "sync", home=home.settings.home)
    assert _with_person(home) > 0
    root = Path(home.address)
    root.rename(root.with_name("away"))
    root.write_text("a file where the folder was")
    done = forget(home.settings, "maeve@sample-company.example")
    assert [words.partition(":")[0] for words in done.left] == [f"the lake at {home.address} still has the person"]
    root.unlink()
    root.with_name("away").rename(root)
    assert _with_person(home) > 0
    costops("lake", "sync", home=home.settings.home)
    assert _with_person(home) == 0
    home.landed(c=[event(3) | {"user_id": "maeve.two"}])
    costops("lake", "sync", home=home.settings.home)
    assert _with_person(home) > 0
    assert forget(home.settings, "maeve.two").left == []
    assert _with_person(home) == 0
    assert [path.name for path in (root / "manifests").iterdir()] == ["00000004.json"]
    assert home.differences() == {}


def _with_person(home: LakeHome) -> int:
    """Objects that have the person."""
    with duckdb.connect() as db:
        return sum(
            bool(db.execute(f"from read_parquet('{path}') as t where t::varchar like '%maeve%'").fetchall())
            for path in Path(home.address).rglob("*.parquet")
        )
