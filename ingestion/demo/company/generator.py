"""Generates the sample company's files.

Data flow: seed and dates → requests → ledger → drop folders `{events,billing,gpu,org}` and `ground_truth`.
Put here: the order of the steps. Keep out: each step. Run alone: `python -m ingestion.demo.company FOLDER`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd

from ingestion.demo.company.bills import write_bills
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.event_columns import SOURCE_NUMBER, SOURCES, event_ids, sources
from ingestion.demo.company.event_logs import write_logs
from ingestion.demo.company.event_tables import write_canonical, write_mapped
from ingestion.demo.company.facts import planted_facts
from ingestion.demo.company.gpus import write_gpus
from ingestion.demo.company.incidents import with_incidents
from ingestion.demo.company.invoices import invoices, write_invoices
from ingestion.demo.company.ledger import charges, price_requests
from ingestion.demo.company.org import owners, write_org
from ingestion.demo.company.own_costs import monthly_spend, own_costs
from ingestion.demo.company.prices import PriceBook, contracts
from ingestion.demo.company.projects import PROJECTS
from ingestion.demo.company.spend import choose_budgets, daily_spend, metered_spend, project_of_place
from ingestion.demo.company.traffic import ordinary_requests, random_for
from ingestion.demo.company.truth import (
    FOLDER,
    GroundTruth,
    charges_table,
    invoices_table,
    requests_table,
    usage_table,
    write_truth,
)

DROP_FOLDERS = ("events", "billing", "gpu", "org")


def owner_at(calendar: Calendar) -> Callable[[int, date], str]:
    """The team that owns a project on a day."""

    def find(project: int, day: date) -> str:
        return next(
            owner.team_id
            for owner in reversed(owners(PROJECTS[project], calendar))
            if owner.valid_from is None or owner.valid_from <= day
        )

    return find


def _write_events(folder: Path, requests: pd.DataFrame, calendar: Calendar, ids: list[str]) -> None:
    logged = requests[requests["is_logged"]]
    by_source = {name: logged[logged["source"] == number] for name, number in SOURCE_NUMBER.items()}
    canonical = by_source["canonical"]
    own_ids = [ids[row] for row in canonical.index]
    write_canonical(folder, canonical.reset_index(drop=True), calendar, own_ids)
    write_mapped(folder, by_source["mapped"], calendar)
    write_logs(folder, by_source, calendar)


def generate(
    target: Path,
    *,
    seed: int = 7,
    last_date: date,
    days: int = 400,
    scale: float = 1.0,
    progress: Callable[[str], None] | None = None,
) -> GroundTruth:
    """Write the sample company below `target` and return what is true about it.

    The same arguments give the same bytes. Drop folders that exist below `target` are replaced. `scale` is the
    share of the full traffic (1.0: about 280,000 requests in 400 days).

    Raises:
        ValueError: fewer than 14 days, or a scale that is not positive.
    """
    if scale <= 0:
        raise ValueError(f"scale must be positive, got {scale}")
    calendar = Calendar.of(last_date, days)
    say = progress or (lambda _: None)
    for name in (*DROP_FOLDERS, FOLDER):
        shutil.rmtree(target / name, ignore_errors=True)

    say("requests")

    def is_canonical(some: pd.DataFrame) -> pd.Series:
        return pd.Series(sources(some, calendar) == SOURCE_NUMBER["canonical"], index=some.index)

    requests = with_incidents(ordinary_requests(calendar, seed, scale), calendar, seed, scale, is_canonical)
    requests["source"] = sources(requests, calendar)
    book = PriceBook(calendar.first, calendar.days)
    agreed = contracts(calendar.first, calendar.contract_renewal)
    listed, contracted = price_requests(requests, book, calendar, agreed)

    say("bills")
    lines = charges(requests, listed, contracted, calendar, random_for(seed, 4))
    write_bills(target / "billing", lines, calendar)
    invoiced = invoices(lines, calendar)
    write_invoices(target / "billing", invoiced)
    spend = daily_spend(requests, lines, calendar, owner_at(calendar), project_of_place)
    items = own_costs(spend, requests, calendar)
    budgets, crossing = choose_budgets(spend, metered_spend(requests, calendar), items, calendar)
    write_org(target / "org", calendar, agreed, budgets, items, monthly_spend(spend, calendar))

    say("events")
    ids = event_ids(requests)
    _write_events(target / "events", requests, calendar, ids)

    say("GPUs")
    write_gpus(target / "gpu", calendar, random_for(seed, 5))

    say("ground truth")
    facts = planted_facts(requests, lines, book, calendar, crossing)
    usage = usage_table(requests, calendar)
    each = requests_table(requests, calendar, ids)
    return write_truth(target, usage, each, charges_table(lines), invoices_table(invoiced), facts, last_date)


assert set(SOURCES) == set(SOURCE_NUMBER)
