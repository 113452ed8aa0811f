"""Updates of the price list leave every past day as it was; repricing books exactly the difference.

Thirty updates with COSTOPS_TEST_PRICE_UPDATES=30, six otherwise.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.config import Settings
from orchestration.home.lock import HomeIsBusyError, hold_home
from orchestration.pricing.price_adjustments import Preview, Repricing, RepricingError
from orchestration.pricing.repricing import reprice
from tests.integration.pricing import price_history as made_up
from tests.support.warehouse import ScratchWarehouse

pytestmark = pytest.mark.slow

PRICED_USAGE = (
    *("--select", "int_price_versions+,+int_llm_usage_daily", "int_usage_file_days", "int_usage_contexts"),
    *("--exclude", "config.materialized:view", "int_events_under_reports", "int_reported_shares"),
)
"""Views are there once they are built, and no provider reports anything here."""
REPORT = ("--select", "+rpt_cost_daily", "fct_price_adjustments", "fct_charges")
NOW = made_up.FIRST_DAY + timedelta(days=made_up.DAYS)
FIRST, LAST = date(2026, 3, 6), date(2026, 3, 31)
AS_BUILT = {"COSTOPS_IDENTITIES": "delivered"}
"""Models of the warehouse were built by dbt alone, which looks nobody up."""
KNOWN_AT = datetime.fromisoformat("2026-03-27T11:00")

ALLOCATION = (
    "--select",
    *("fct_price_adjustments", "stg_adjustments__price_adjustments+,+fct_allocated_costs_daily"),
    *("assert_allocation_conserves_cost", "assert_allocation_keeps_usage"),
)

Bytes = dict[tuple[date, str], bytes]


@dataclass
class Company:
    """The warehouse after all updates, and what its reports said of each day and provider once the day was past."""

    warehouse: ScratchWarehouse
    settings: Settings
    history: made_up.History
    usage: list[Bytes] = field(default_factory=list)
    reports: list[Bytes] = field(default_factory=list)


def bytes_by_day(warehouse: ScratchWarehouse, relation: str, before: date) -> Bytes:
    """Each past day's rows of one provider, as they would be written to a file."""
    days: dict[tuple[date, str], list[str]] = defaultdict(list)
    rows = warehouse.rows(
        f"select usage_date, provider_id, * from {relation} where usage_date < '{before}' order by all"
    )
    for day, provider, *row in rows:
        days[day, provider].append("\t".join(str(value) for value in row))
    return {key: "\n".join(lines).encode() for key, lines in days.items()}


def land_days(company: Company, first: int, last: int) -> None:
    for day in range(first, last):
        rows = [row for row in company.history.requests if row["_source_file_id"] == day + 1]
        at = made_up.FIRST_DAY + timedelta(days=day + 1)
        company.warehouse.insert("raw_events.requests", [row | {"_loaded_at_utc": at} for row in rows])
        registry = {"file_id": day + 1, "path": f"{day}.jsonl", "content_hash": "v1", "row_count": len(rows)}
        company.warehouse.insert("raw_events.files", [registry | {"landed_at_utc": at, "is_superseded": False}])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("both_times")
    warehouse = ScratchWarehouse.create(folder)
    made = Company(warehouse, Settings.from_env(AS_BUILT, folder), made_up.invent(seed=20_261_122))
    landed = 0
    usage = "(select * exclude (_inputs_fingerprint) from intermediate.int_llm_usage_daily)"
    for number, one in enumerate(made.history.lists):
        today = (one.known_from - made_up.FIRST_DAY).days
        land_days(made, landed, today)
        landed = today
        made_up.land_list(warehouse, one)
        if number == 0:
            warehouse.dbt("seed")
            warehouse.dbt("run", "--select", "+int_llm_usage_daily")
        warehouse.dbt("run", *(REPORT if number == made_up.UPDATES // 2 else PRICED_USAGE))
        made.usage.append(bytes_by_day(warehouse, usage, one.known_from.date()))
        if number == made_up.UPDATES // 2:
            made.reports.append(bytes_by_day(warehouse, "marts.rpt_cost_daily", one.known_from.date()))
    land_days(made, landed, made_up.DAYS)
    warehouse.dbt("run", *REPORT)
    made.usage.append(bytes_by_day(warehouse, usage, NOW.date()))
    made.reports.append(bytes_by_day(warehouse, "marts.rpt_cost_daily", NOW.date()))
    return made


def test_no_update_of_the_list_rewrites_a_past_day(company: Company) -> None:
    assert len(company.usage) == made_up.UPDATES + 2
    compared = 0
    for reports in (company.usage, company.reports):
        first_seen: Bytes = {}
        for report in reports:
            for key, said in first_seen.items():
                if key[1] == "acme":
                    assert report[key] == said, key
                    compared += 1
            first_seen = report | first_seen
    assert compared > 15 * made_up.UPDATES
    halfway = company.usage[len(company.usage) // 2]
    filled = sum(company.usage[-1][key] != said for key, said in halfway.items() if key[1] == "beta")
    assert filled > 0, "what had no price takes the first that is learned"


def test_every_day_costs_what_was_known_at_each_request(company: Company) -> None:
    expected: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    unknown: dict[tuple[Any, ...], int] = defaultdict(int)
    for request in company.history.requests:
        key = (request["requested_at_utc"].date(), request["provider_name"], request["requested_model"])
        for meter, cost in company.history.costs(request).items():
            expected[*key, meter] += cost or 0
            unknown[*key, meter] += cost is None
    found = company.warehouse.rows(
        "select usage_date, provider_id, raw_model, meter, coalesce(sum(list_cost_usd), 0), "
        "bool_or(list_cost_usd is null) from marts.fct_llm_usage_hourly group by all"
    )
    assert {row[:4]: row[4] for row in found} == dict(expected)
    assert {row[:4] for row in found if row[5]} == {key for key, count in unknown.items() if count}
    assert any(unknown.values()), "some usage never has a price"


def as_known(company: Company, known_at: datetime, history: made_up.History) -> dict[tuple[Any, ...], Decimal]:
    """Cost of the window's usage by day and key at the prices known at an instant; without one it stays as booked."""
    costs: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    hours: dict[tuple[Any, ...], list[tuple[Decimal | None, Decimal]]] = defaultdict(list)
    for request in company.history.requests:
        at = request["requested_at_utc"]
        if FIRST <= at.date() <= LAST:
            booked, then = company.history.costs(request), history.costs(request, known_at)
            row = (
                at.replace(minute=0, second=0, microsecond=0),
                *(request[name] for name in ("provider_name", "account_id")),
            )
            row += tuple(request[name] for name in ("api_key_id", "team_id", "requested_model"))
            for meter in booked:
                hours[*row, meter].append((then[meter], booked[meter] or Decimal(0)))
    for row, both in hours.items():
        is_known = all(then is not None for then, _ in both)
        costs[row[0].date(), row[3]] += sum((then or Decimal(0)) if is_known else booked for then, booked in both)
    return costs


def booked(company: Company, relation: str, amount: str) -> dict[tuple[Any, ...], Decimal]:
    rows = company.warehouse.rows(
        f"select usage_date, api_key_id, coalesce(sum({amount}), 0) from {relation} "
        f"where usage_date between '{FIRST}' and '{LAST}' group by all"
    )
    return {row[:2]: row[2] for row in rows}


def test_repricing_books_exactly_the_difference(company: Company) -> None:
    def ask(request: Repricing) -> tuple[int | None, list[Preview]]:
        shown: list[Preview] = []
        count = reprice(
            company.settings,
            request,
            now=NOW + timedelta(days=2),
            tell=print,
            confirm=lambda preview: shown.append(preview) is None,
        )
        return count, shown

    before = booked(company, "marts.fct_llm_usage_hourly", "contracted_cost_usd")
    request = Repricing(FIRST, LAST, KNOWN_AT, "acceptance")
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED,
            str(company.settings.home),
            FIRST.isoformat(),
            LAST.isoformat(),
            KNOWN_AT.isoformat(),
        ],
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert killed.returncode == -9
    assert company.warehouse.value("select count(*) from adjustments.price_adjustments") == 0

    count, [preview] = ask(request)
    assert count == preview.adjustment_count > 5 * made_up.UPDATES
    wanted = as_known(company, KNOWN_AT, company.history)
    adjusted = booked(company, "adjustments.price_adjustments", "contracted_difference_usd")
    difference = {key: cost - before[key] for key, cost in wanted.items()}
    assert {key: amount for key, amount in difference.items() if amount} == {k: a for k, a in adjusted.items() if a}
    assert sum(adjusted.values()) == sum(difference.values()) == preview.difference_usd != 0
    assert preview.repriced_usd == sum(wanted.values())
    assert sum(line.difference_usd for line in preview.lines) == preview.difference_usd
    assert preview.unpriced_then_count > 0

    assert ask(request) == (0, []), "the same again finds nothing to adjust"

    later = made_up.with_all_prices_changed(company.history, NOW + timedelta(hours=1))
    made_up.land_list(company.warehouse, later.lists[-1])
    known_at = NOW + timedelta(days=1)
    count, [preview] = ask(Repricing(FIRST, LAST, known_at))
    assert count
    assert preview.booked_usd == sum(wanted.values()), "earlier adjustments are booked"
    wanted = as_known(company, known_at, later)
    adjusted = booked(company, "adjustments.price_adjustments", "contracted_difference_usd")
    assert {key: before[key] + adjusted.get(key, 0) for key in before} == dict(wanted), (
        "a list that is not built yet counts"
    )

    company.warehouse.dbt("build", *ALLOCATION, "--indirect-selection", "cautious")
    spent = booked(company, "marts.fct_allocated_costs_daily", "allocated_cost_usd")
    assert spent == dict(wanted), "allocation carries the adjustments to the key that used it"
    assert booked(company, "marts.fct_llm_usage_hourly", "contracted_cost_usd") == before


KILLED = """
import os, signal, sys
from datetime import date, datetime
from pathlib import Path
from ingestion.config import Settings
from orchestration.pricing.price_adjustments import Repricing
from orchestration.pricing.repricing import reprice
home, first, last, known_at = sys.argv[1:]
reprice(
    Settings.from_env({"COSTOPS_IDENTITIES": "delivered"}, Path(home)),
    Repricing(date.fromisoformat(first), date.fromisoformat(last), datetime.fromisoformat(known_at)),
    now=datetime(2026, 4, 10), tell=print, confirm=lambda preview: os.kill(os.getpid(), signal.SIGKILL),
)
"""


@pytest.mark.parametrize(
    ("first", "known_at", "words"),
    [
        (FIRST, made_up.FIRST_DAY, "no price was known here"),
        (FIRST, NOW + timedelta(days=1), "lies in the future"),
        (date(2027, 1, 1), KNOWN_AT, "nothing to reprice"),
    ],
)
def test_what_cannot_be_repriced_says_why(company: Company, first: date, known_at: datetime, words: str) -> None:
    request = Repricing(first, max(first, LAST), known_at)
    with pytest.raises(RepricingError, match=words):
        reprice(company.settings, request, now=NOW, tell=lambda _: None, confirm=lambda _: True)


def test_repricing_waits_for_no_other_run(company: Company) -> None:
    with hold_home(company.settings), pytest.raises(HomeIsBusyError):
        reprice(
            company.settings, Repricing(FIRST, LAST, KNOWN_AT), now=NOW, tell=lambda _: None, confirm=lambda _: True
        )
