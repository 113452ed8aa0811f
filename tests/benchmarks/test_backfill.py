"""400 days of hours from every provider API: requests against the fewest that the published limits allow.

The simulator runs in this process, the source in one of its own. Requests are judged at any size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.demo.company.generator import generate
from ingestion.demo.providers import running_simulator
from ingestion.demo.providers.azure import ACCOUNTS, RESOURCE_IDS
from ingestion.demo.providers.server import Urls
from tests.benchmarks.backfill_run import backfilled
from tests.benchmarks.size import measured, sized

SCALE = sized(tiny=0.1, full=1.0)
DAYS = sized(tiny=14, full=400)
LAST = date(2026, 10, 20)
FIRST = LAST - timedelta(days=DAYS - 1)
NOW = datetime(2026, 10, 21, 6, 30)  # noqa: DTZ001 - naive UTC
LIMIT = 1.1
HOURS = DAYS * 24
DAYS_AZURE_KEEPS = min(93, DAYS)
Fewest = Callable[[Path], int]


def openai_fewest(home: Path) -> int:
    """168 hours a page of ten usage reports, 180 days a page of costs, 100 names a page of projects and users, and of
    the keys and service accounts of each project."""
    projects = rows(home, "select count(*) from raw_openai.projects")[0][0]
    return 10 * ceil(HOURS / 168) + ceil(DAYS / 180) + 2 + 2 * projects


def anthropic_fewest(home: Path) -> int:
    """168 hours and 31 days a page, a call for each day of Claude Code, three lists."""
    return ceil(HOURS / 168) + ceil(DAYS / 31) + DAYS + 3


def groq_fewest(home: Path) -> int:
    """11,000 points of five minutes a query, five rates."""
    return 5 * ceil(DAYS * 288 / 11_000)


def azure_fewest(home: Path) -> int:
    """Three metric queries an account, 30 days each of the 93 that are kept; 31 days of cost a scope; a token."""
    accounts, scopes = len(RESOURCE_IDS), len(ACCOUNTS)
    return accounts * 3 * ceil(DAYS_AZURE_KEEPS / 30) + scopes * ceil(DAYS / 31) + 1


def aws_fewest(home: Path) -> int:
    """5,000 groups a page of each report (by day for each linked account, as a question groups by two things only); the
    list of accounts and the forecast."""
    counted = "select report, linked_account_id, count(*) from raw_aws.cost_explorer group by all"
    return sum(ceil(count / 5_000) for _, _, count in rows(home, counted)) + 2


def openrouter_fewest(home: Path) -> int:
    """One answer holds the thirty days that are kept."""
    return 1


FEWEST: dict[str, Fewest] = {
    "openai": openai_fewest,
    "anthropic": anthropic_fewest,
    "groq": groq_fewest,
    "azure": azure_fewest,
    "aws": aws_fewest,
    "openrouter": openrouter_fewest,
}


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Urls]:
    truth = generate(tmp_path_factory.mktemp("company"), last_date=LAST, days=DAYS, scale=SCALE)
    with running_simulator(truth, now=NOW) as found:
        yield found


@pytest.mark.parametrize("name", FEWEST)
def test_a_backfill_asks_hardly_more_than_it_must(name: str, urls: Urls, tmp_path: Path) -> None:
    urls.simulator.journal.clear()
    unpaced = {"COSTOPS_API_REQUESTS_PER_MINUTE": "1000000"}
    environment = {**urls.environment(), **unpaced}
    found = measured(backfilled, name, tmp_path, FIRST, LAST, NOW.isoformat(), environment=environment)
    asked = urls.simulator.journal.counts()
    sent, fewest = sum(asked.values()), FEWEST[name](tmp_path)
    print(
        f"\n{name}: {sent} requests, at least {fewest}, ratio {sent / fewest:.3f}; {found['rows']:,} rows, "
        f"{found['rows'] / found['seconds']:,.0f} rows/s, {DAYS / found['seconds']:.1f} days/s, "
        f"{found['seconds']:.0f} s ({found['cpu_seconds']:.0f} s CPU), peak {found['peak_mib']:.0f} MiB, "
        f"spool {found['spool_mib']:.1f} MiB"
    )
    print("  " + ", ".join(f"{endpoint} {count}" for endpoint, count in sorted(asked.items())))
    assert found["quarantined"] == 0
    assert sent <= LIMIT * fewest
