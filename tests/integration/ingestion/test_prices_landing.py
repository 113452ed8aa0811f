"""The price list in the warehouse: types, versions, guards, and a run that is killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from genai_prices.data_snapshot import DataSnapshot, get_snapshot

from ingestion.config import Settings
from ingestion.landing import ensure_tables
from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS
from ingestion.sources.prices.pipeline import PriceListShrank, land
from tests.integration.ingestion.prices_killed_run import raised_list

MONDAY = datetime.fromisoformat("2026-11-16")
TUESDAY = datetime.fromisoformat("2026-11-17T06:30:00.123456")
ROOT = Path(__file__).parents[3]


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse_path)) as db:
        return db.execute(sql).fetchall()


def everything(settings: Settings) -> dict[str, tuple[Any, ...]]:
    """Number and order-free fingerprint of the rows of each table, without the load they came by."""
    sql = "select count(*), sum(hash(t)::hugeint) from (select * exclude (_dlt_load_id) from raw_prices.{}) as t"
    return {table: rows(settings, sql.format(table))[0] for table in RAW_SCHEMAS["raw_prices"]}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with the published list as known on Monday and some events; tests that write take a copy."""
    settings = Settings.from_env({}, tmp_path_factory.mktemp("home"))
    ensure_tables(settings.warehouse_path)
    with duckdb.connect(str(settings.warehouse_path)) as db:
        db.execute(
            """
            insert into raw_events.requests by name
            select *, 'e' || row_number() over () as event_id, timestamp '2026-11-01' as requested_at_utc from (values
                ('openai', 'gpt-4.1', null, null, null, null),
                ('openai', 'gpt-4.1', null, false, 'auto', null),
                ('openai', 'gpt-4.1', 'gpt-4.1-2025-04-14', true, 'auto', 'default'),
                ('openai', 'gpt-4.1', 'gpt-4.1-2025-04-14', true, 'auto', 'default'),
                (null, 'mystery', null, null, null, null)
            ) as t(provider_name, requested_model, served_model, is_batch, requested_service_tier, served_service_tier)
            """
        )
    land(settings, now=MONDAY)
    return settings


@pytest.fixture
def home(landed: Settings, tmp_path: Path) -> Settings:
    return copy_of(landed, tmp_path / "home")


def copy_of(settings: Settings, target: Path) -> Settings:
    shutil.copytree(settings.home, target)
    return Settings.from_env({}, target)


def test_tables_have_the_declared_types_in_any_time_zone(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    run_alone(settings, MONDAY, "published", {"TZ": "America/New_York"})
    for table, columns in RAW_SCHEMAS["raw_prices"].items():
        types = dict(rows(settings, f"select column_name, column_type from (describe raw_prices.{table})"))
        assert {name: types[name] for name in columns} == {name: DUCKDB_TYPES[kind] for name, kind in columns.items()}
        assert types["_dlt_load_id"] == "VARCHAR"
    known = "select distinct known_from_utc, known_to_utc from raw_prices.model_prices"
    assert rows(settings, known) == [(MONDAY, None)]
    assert rows(settings, "select count(*) from raw_prices.model_aliases") == [(0,)]


def test_every_usage_context_is_resolved_once(landed: Settings) -> None:
    sql = (
        "select provider_name, model, is_batch, service_tier, price_variant, unresolved_reason "
        "from raw_prices.model_aliases order by all"
    )
    assert rows(landed, sql) == [
        ("", "mystery", False, "", None, "unknown_provider"),
        ("openai", "gpt-4.1", False, "", "standard", None),
        ("openai", "gpt-4.1", False, "auto", "standard", None),
        ("openai", "gpt-4.1-2025-04-14", True, "default", "processing=batch", None),
    ]


def test_landing_the_same_list_again_changes_nothing(home: Settings) -> None:
    before = everything(home)
    report = land(home, now=TUESDAY, source_version="9.9.9")
    after = everything(home)
    assert after["model_prices"] == before["model_prices"]
    assert after["model_catalog"] == before["model_catalog"]
    assert any("9.9.9" in note for note in map(str, report.notes))


def test_a_changed_price_closes_the_old_version_and_opens_a_new_one(home: Settings) -> None:
    land(home, now=TUESDAY, snapshot=raised_list())
    versions = """
        select round(price_usd_per_unit * 1000000), known_from_utc, known_to_utc from raw_prices.model_prices
        where price_provider_id = '{}' and price_model_id = 'gpt-4.1'
          and meter = 'uncached_input' and price_variant = 'standard' order by known_from_utc
    """
    assert rows(home, versions.format("openai")) == [(2, MONDAY, TUESDAY), (7, TUESDAY, None)]
    assert rows(home, versions.format("newcomer")) == [(7, TUESDAY, None)]
    gone = "select distinct known_to_utc from raw_prices.model_prices where price_provider_id = 'mistral'"
    assert rows(home, gone) == [(TUESDAY,)]
    same = "select distinct known_from_utc, known_to_utc from raw_prices.model_prices where price_provider_id = 'groq'"
    assert rows(home, same) == [(MONDAY, None)]
    now_known = "select count(*), count(distinct price_row_id) from raw_prices.model_prices where known_to_utc is null"
    ((count, distinct),) = rows(home, now_known)
    assert count == distinct > 30_000


def test_a_price_that_comes_back_is_a_version_of_its_own(home: Settings) -> None:
    wednesday = datetime.fromisoformat("2026-11-18")
    land(home, now=TUESDAY, snapshot=raised_list())
    land(home, now=wednesday)
    versions = (
        "select known_from_utc, known_to_utc from raw_prices.model_prices where price_model_id = 'mistral-large' "
        "and price_provider_id = 'mistral' and meter = 'output' and price_variant = 'standard' order by 1"
    )
    assert rows(home, versions) == [(MONDAY, TUESDAY), (wednesday, None)]


def test_a_list_that_lost_a_fifth_of_its_models_is_refused(home: Settings) -> None:
    before = everything(home)
    kept = [replace(p, models=p.models[: len(p.models) // 2]) for p in get_snapshot().providers]
    with pytest.raises(PriceListShrank, match=r"lost 1,\d+ of 2,\d+ models \(such as .+/.+\), more than 20%"):
        land(home, now=TUESDAY, snapshot=DataSnapshot(providers=kept, from_auto_update=False))
    assert everything(home) == before


def run_alone(settings: Settings, now: datetime, which: str, env: dict[str, str] | None = None) -> float:
    began = time.perf_counter()
    subprocess.run(command(settings, now, which), check=True, cwd=ROOT, env=os.environ | (env or {}), timeout=120)
    return time.perf_counter() - began


def command(settings: Settings, now: datetime, which: str) -> list[str]:
    module = "tests.integration.ingestion.prices_killed_run"
    return [sys.executable, "-m", module, str(settings.home), now.isoformat(), which]


@pytest.mark.slow
def test_a_killed_run_repeated_equals_an_undisturbed_one(landed: Settings, tmp_path: Path) -> None:
    undisturbed = copy_of(landed, tmp_path / "undisturbed")
    seconds = run_alone(undisturbed, TUESDAY, "raised")
    expected = everything(undisturbed)
    before = everything(landed)
    seen = set()
    for number, share in enumerate((0.2, 0.75, 0.93)):
        settings = copy_of(landed, tmp_path / f"killed{number}")
        process = subprocess.Popen(command(settings, TUESDAY, "raised"), cwd=ROOT)
        time.sleep(seconds * share)
        process.kill()
        process.wait()
        left = everything(settings)
        for table, states in {table: (before[table], expected[table]) for table in left}.items():
            assert left[table] in states, f"{table} is half done"
        seen.add(left == before)
        land(settings, now=TUESDAY, snapshot=raised_list(), source_version="raised")
        assert everything(settings) == expected
    assert True in seen
