"""One warehouse for all tests here: the leaking accounts from their files, and accounts with coarser bills."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingestion.config import Settings
from ingestion.demo.company.leak_accounts import Account
from ingestion.demo.company.leak_files import write_leaks
from ingestion.demo.company.leaks import accounts
from ingestion.sources.billing import pipeline as billing
from ingestion.sources.events import pipeline as events
from ingestion.sources.org import pipeline as org
from ingestion.sources.prices import pipeline as prices
from tests.integration.reconciliation.coarse_bills import insert_coarse_bills
from tests.support.warehouse import ScratchWarehouse

SEED = 7
NOW = datetime(2026, 12, 3, tzinfo=UTC)
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")


@pytest.fixture(scope="package")
def planted() -> list[Account]:
    return accounts(SEED)


@pytest.fixture(scope="package")
def warehouse(planted: list[Account], tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """Landed and built once."""
    built = ScratchWarehouse.create(tmp_path_factory.mktemp("reconciliation"))
    drop = built.folder / "drop"
    write_leaks(drop, planted)
    settings = Settings.from_env({"COSTOPS_HOME": str(built.folder)})
    for source in (org, events, prices, billing):
        report = source.land(settings, now=NOW)
        assert report.quarantined_rows == 0
    insert_coarse_bills(built)
    wanted = ("+rpt_reconciliation_monthly", "+rpt_reconciliation_items", "fct_reconciliation_daily")
    built.dbt("build", "--select", *wanted, "fct_llm_usage_hourly", "fct_charges", *NO_TESTS)
    return built
