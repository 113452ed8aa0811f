"""Days that did not change are left alone, and what is left alone is what building anew would give."""

from __future__ import annotations

import copy
import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.allocation.conftest import MODELS, Allocated, fill, scratch
from tests.integration.allocation.scenarios import BEGINNING, END, TURN, Companies, make_companies

COMPANIES = 150
FIRST_DAY, DAYS = date(2026, 2, 1), 89
MONTHLY_FROM = datetime.fromisoformat("2026-04-01")
BUILT = ("intermediate.int_spend_lines", "intermediate.int_allocated_costs_daily", "marts.fct_allocated_costs_daily")


def spread(companies: Companies, seed: int) -> Companies:
    """The same companies over three months; charges over several days; rules that count by the month in April only."""
    chance = random.Random(seed)
    companies.rules = [rule for rule in companies.rules if rule["rule_id"] != "many"]
    companies.items = [item for item in companies.items if item["provider_id"] != "many"]
    for item in companies.items:
        item["usage_date"] = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        if item["spend_item_type"] == "charge" and item["is_llm_charge"]:
            item["charge_last_date"] = item["usage_date"] + timedelta(days=chance.choice((0, 0, 0, 1, 5)))
    for rule in companies.rules:
        if rule["method"] == "fixed_amount" or rule.get("basis_period") == "month":
            rule["valid_from_utc"] = MONTHLY_FROM
            rule["valid_to_utc"] = END
    return companies


GPU_DAY = date(2026, 2, 10)


def add_gpus(allocated: Allocated) -> None:
    """A charge that nobody owns, divided by the GPU seconds of two teams."""
    companies = allocated.companies
    charge = next(item for item in companies.items if item["spend_item_type"] == "charge" and not item["is_llm_charge"])
    nobody = {"owner_lookup_key": "gpus", "allocation_method": "unallocated", "cost_center_id": "unallocated"}
    companies.items.append(
        charge
        | {"owner_lookup_key": "gpus", "provider_id": "gpus", "usage_date": GPU_DAY, "spend_usd": Decimal("7.77")}
    )
    companies.owners.append(dict.fromkeys(companies.owners[0]) | nobody)
    rule = {"rule_id": "gpus", "provider_name": "gpus", "method": "proportional", "priority": Decimal(1)}
    rule |= {"basis": "gpu_seconds", "basis_period": "day", "target_type": "team"}
    validity = {"valid_from_utc": BEGINNING, "valid_to_utc": END}
    companies.rules += [rule | validity | {"target_id": team} for team in ("gpu-a", "gpu-b")]
    work = "insert into intermediate.int_gpu_usage_hourly values (date '{}', 'gpu-{}', 30.5)"
    for team in "ab":
        allocated.warehouse.execute(work.format(GPU_DAY, team))


def gpus_worked_more(allocated: Allocated) -> None:
    allocated.warehouse.execute(
        "update intermediate.int_gpu_usage_hourly set used_seconds = 91.5 where workload = 'gpu-b'"
    )


def amounts_changed(allocated: Allocated) -> None:
    charges = [item for item in allocated.companies.items if item["spend_item_type"] == "charge"]
    for item in random.Random(5).sample(charges, 3):
        item["spend_usd"] = Decimal("7.000000000001")


def usage_arrived_late(allocated: Allocated) -> None:
    items = allocated.companies.items
    late = {"user_id": "late", "input_tokens": 12_345, "metered_cost_usd": Decimal("3.5"), "spend_usd": Decimal("3.5")}
    day = date(2026, 2, 20)
    items += [item | late for item in items if item["spend_item_type"] == "usage" and item["usage_date"] == day]


def charges_over_several_days_arrived(allocated: Allocated) -> None:
    period = {"usage_date": date(2026, 3, 3), "charge_last_date": date(2026, 3, 20)}
    new = {item["provider_id"]: item for item in allocated.companies.items if item.get("charge_last_date")}
    long = period | {"project_id": "sub", "spend_usd": Decimal("100.01")}
    allocated.companies.items += [item | long for item in new.values()]


def days_vanished_from_a_month_that_counts_as_one(allocated: Allocated) -> None:
    last = date(2026, 4, 10)
    items = allocated.companies.items
    allocated.companies.items = [item for item in items if not MONTHLY_FROM.date() <= item["usage_date"] <= last]


def rules_were_taken_back(allocated: Allocated) -> None:
    companies = allocated.companies
    companies.rules = [rule for rule in companies.rules if rule["valid_from_utc"] != TURN]


def monthly_amounts_were_raised(allocated: Allocated) -> None:
    for rule in allocated.companies.rules:
        if rule["method"] == "fixed_amount":
            rule["amount_usd"] += Decimal("0.25")


def teams_moved_to_another_cost_center(allocated: Allocated) -> None:
    moved_at = datetime.fromisoformat("2026-03-15")
    moved = [team for team in allocated.companies.teams if team["valid_from_utc"] < moved_at < team["valid_to_utc"]]
    for team in moved:
        new = {"valid_from_utc": moved_at, "cost_center_id": f"new-{team['cost_center_id']}"}
        allocated.companies.teams.append(team | new)
        team["valid_to_utc"] = moved_at


def services_ended(allocated: Allocated) -> None:
    companies = allocated.companies
    companies.service_shares = [share for share in companies.service_shares if share["valid_from_utc"] != TURN]


ROUNDS: tuple[tuple[Callable[[Allocated], None], ...], ...] = (
    (days_vanished_from_a_month_that_counts_as_one, usage_arrived_late, gpus_worked_more),
    (charges_over_several_days_arrived, services_ended),
    (teams_moved_to_another_cost_center, amounts_changed),
    (rules_were_taken_back,),
    (monthly_amounts_were_raised,),
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Allocated:
    folder: Path = tmp_path_factory.mktemp("allocation_by_day")
    found = Allocated(scratch(folder), spread(make_companies(COMPANIES, seed=3), seed=4))
    add_gpus(found)
    fill(found.warehouse, found.companies)
    found.warehouse.dbt("run", "--select", *MODELS)
    return found


@pytest.mark.parametrize("number", range(len(ROUNDS)))
def test_building_on_what_is_there_equals_building_anew(built: Allocated, number: int) -> None:
    before = built.rows(f"select * from {BUILT[1]} order by allocated_cost_key")
    for change in ROUNDS[number]:
        change(built)
    fill(built.warehouse, built.companies, seed=number)
    built.warehouse.dbt("run", "--select", *MODELS)
    for table in BUILT:
        built.warehouse.execute(f"create or replace table main.{table.split('.')[1]} as select * from {table}")
    (rebuilt,) = built.rows("select count(*) as days from intermediate.int_allocation_rebuild_days")
    built.warehouse.dbt("run", "--full-refresh", "--select", *MODELS)
    for table in BUILT:
        kept = f"main.{table.split('.')[1]}"
        assert built.rows(f"from {kept} except all from {table}") == [], table
        assert built.rows(f"from {table} except all from {kept}") == [], table
    assert built.rows(f"select * from {BUILT[1]} order by allocated_cost_key") != before
    (whole,) = built.rows("select count(*) as days from intermediate.int_allocation_rebuild_days")
    assert 0 < rebuilt["days"] < whole["days"]


def test_one_changed_day_rebuilds_what_depends_on_it_and_nothing_else(built: Allocated) -> None:
    companies = copy.deepcopy(built.companies)
    usage = [item for item in companies.items if item["spend_item_type"] == "usage"]
    changed = min(usage, key=lambda item: abs(item["usage_date"] - date(2026, 2, 20)))
    changed["output_tokens"] = 777_777
    fill(built.warehouse, companies)
    built.warehouse.dbt("run", "--select", *MODELS)
    covered_to: dict[date, date] = defaultdict(lambda: date.min)
    for item in companies.items:
        covered_to[item["usage_date"]] = max(covered_to[item["usage_date"]], item.get("charge_last_date") or date.min)
    days = {item["usage_date"] for item in companies.items}
    assert changed["usage_date"].month < 4, "where no rule counts by the month"
    expected = {day for day in days if day == changed["usage_date"] or day <= changed["usage_date"] <= covered_to[day]}
    rebuilt = {row["usage_date"] for row in built.rows("from intermediate.int_allocation_rebuild_days")}
    assert rebuilt == expected
    built.warehouse.execute("update intermediate.int_allocated_costs_daily set feature = 'kept'")
    built.warehouse.dbt("run", "--select", *MODELS, "--vars", "{from_date: '2026-03-30', to_date: '2026-04-12'}")
    kept = built.rows("select distinct usage_date from marts.fct_allocated_costs_daily where feature = 'kept'")
    april = {day for day in days if day.month == 4}
    assert days - {row["usage_date"] for row in kept} == ({date(2026, 3, 30), date(2026, 3, 31)} & days) | april


def test_a_run_that_was_killed_before_the_last_stage_is_made_good(built: Allocated) -> None:
    for item in built.companies.items:
        if item["spend_usd"]:
            item["spend_usd"] += 1
    fill(built.warehouse, built.companies)
    built.warehouse.dbt("run", "--select", *MODELS[: MODELS.index("int_portions_shared")])
    built.warehouse.dbt("run", "--select", *MODELS)
    (found,) = built.rows(
        "select (select sum(spend_usd) from intermediate.int_spend_items) as spent, "
        "(select sum(allocated_cost_usd) from marts.fct_allocated_costs_daily) as allocated"
    )
    assert found["spent"] == found["allocated"] is not None
