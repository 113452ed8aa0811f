"""A landed row that cannot be holds back what reads it, before it is built, until it is gone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.config import Settings
from orchestration.defs.checks import landed_checks, published_checks
from orchestration.publishing.mart_health import read_health
from orchestration.resources import Home, given
from orchestration.warehouse.connection import opened
from tests.support.warehouse import ScratchWarehouse

NOW = datetime(2026, 6, 30, 6)  # noqa: DTZ001


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings.from_env({"COSTOPS_HOME": str(tmp_path)})
    ScratchWarehouse.create(settings.warehouse_path.parent)
    lay(settings, "r1", 10)
    return settings


def lay(settings: Settings, event_id: str, tokens: int) -> None:
    with opened(settings.warehouse_path) as connection:
        connection.execute(
            "insert into raw_events.requests (event_id, event_source, requested_at_utc, status, uncached_input_tokens, "
            "_loaded_at_utc, _source_file_id, _source_row) values (?, 'canonical', ?, 'ok', ?, ?, 1, 1)",
            [event_id, NOW.replace(day=1), tokens, NOW],
        )


def check(settings: Settings, checks: list[dg.AssetChecksDefinition] | None = None) -> dict[str, bool]:
    with given(settings, NOW):
        result = dg.materialize(
            checks or landed_checks(), resources={"home": Home()}, selection=dg.AssetSelection.all_asset_checks()
        )
    return {each.check_name: each.passed for each in result.get_asset_check_evaluations()}


def test_a_row_that_cannot_be_holds_back_what_reads_it_until_it_is_gone(settings: Settings) -> None:
    assert all(check(settings).values())
    assert read_health(settings.dbt_dir).causes == {}

    lay(settings, "r2", -5)
    for _ in range(2):  # tried, and as it was found before
        assert not check(settings)["landed_requests_suite"]
        (cause,) = read_health(settings.dbt_dir).causes.values()
        assert cause.roots == ("source:raw_events.requests",)
        assert "uncached_input_tokens" in cause.reason
        assert cause.remedy.startswith("The reader of that source")

    with opened(settings.warehouse_path) as connection:
        connection.execute("delete from raw_events.requests where event_id = 'r2'")
    assert all(check(settings).values())
    assert read_health(settings.dbt_dir).causes == {}


def test_marts_that_no_run_could_publish_yet_are_not_looked_at_and_stop_nothing(settings: Settings) -> None:
    settings.published_database.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect(str(settings.published_database)).close()
    assert check(settings, published_checks()) == {"published_totals_suite": True, "published_shares_suite": True}
