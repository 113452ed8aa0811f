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
from tests.integration.allocation.scenarios import TURN, Companies, make_companies

COMPANIES = 150
FIRST_DAY, DAYS = date(2026, 2, 1), 89
MONTHLY_FROM = datetime.fromisoformat("2026-04-01")
BUILT = ("intermediate.int_spend_lines", "intermediate.int_allocated_costs_daily", "marts.fct_allocated_costs_daily")
Change = Callable[[Companies, random.Random], None]


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
            rule["valid_to_utc"] = datetime.fromisoformat("2200-01-01")
    return companies


def amount_of_a_charge_changed(companies: Companies, chance: random.Random) -> None:
    chance.choice([item for item in companies.items if item["spend_item_type"] == "charge"])["spend_usd"] = Decimal(7)


def usage_arrived_late(companies: Companies, chance: random.Random) -> None:
    item = chance.choice([item for item in companies.items if item["spend_item_type"] == "usage"])
    late = item | {"usage_date": item["usage_date"] - timedelta(days=1), "input_tokens": 12_345, "user_id": "late"}
    companies.items.append(late | {"metered_cost_usd": Decimal("3.5"), "spend_usd": Decimal("3.5")})


def charge_over_several_days_arrived(companies: Companies, chance: random.Random) -> None:
    item = chance.choice([item for item in companies.items if item.get("charge_last_date")])
    period = {"usage_date": date(2026, 3, 3), "charge_last_date": date(2026, 3, 20)}
    companies.items.append(item | period | {"project_id": "sub", "spend_usd": Decimal("100.01")})


def items_vanished_with_a_day(companies: Companies, chance: random.Random) -> None:
    day = chance.choice(companies.items)["usage_date"]
    companies.items = [item for item in companies.items if item["usage_date"] != day]


def rule_was_taken_back(companies: Companies, chance: random.Random) -> None:
    later = [rule for rule in companies.rules if rule["method"] == "even" and rule["valid_from_utc"] == TURN]
    gone = chance.choice(later)["rule_id"]
    companies.rules = [rule for rule in companies.rules if rule["rule_id"] != gone]


def monthly_amount_was_raised(companies: Companies, chance: random.Random) -> None:
    rule = chance.choice([rule for rule in companies.rules if rule["method"] == "fixed_amount"])
    rule["amount_usd"] += Decimal("0.25")


def team_moved_to_another_cost_center(companies: Companies, chance: random.Random) -> None:
    team = chance.choice([team for team in companies.teams if team["valid_to_utc"].year == 2200])
    moved = max(team["valid_from_utc"], datetime.fromisoformat("2026-03-15"))
    companies.teams.append(team | {"valid_from_utc": moved, "cost_center_id": "elsewhere"})
    team["valid_to_utc"] = moved


def service_ended(companies: Companies, chance: random.Random) -> None:
    rule = chance.choice([share for share in companies.service_shares if share["valid_from_utc"] == TURN])["rule_id"]
    companies.service_shares = [share for share in companies.service_shares if share["rule_id"] != rule]


ROUNDS: tuple[tuple[Change, ...], ...] = (
    (amount_of_a_charge_changed, usage_arrived_late),
    (charge_over_several_days_arrived, items_vanished_with_a_day, team_moved_to_another_cost_center),
    (rule_was_taken_back, monthly_amount_was_raised, service_ended, usage_arrived_late),
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Allocated:
    folder: Path = tmp_path_factory.mktemp("allocation_by_day")
    found = Allocated(scratch(folder), spread(make_companies(COMPANIES, seed=3), seed=4))
    fill(found.warehouse, found.companies)
    found.warehouse.dbt("run", "--select", *MODELS)
    return found


@pytest.mark.parametrize("number", range(len(ROUNDS)))
def test_building_on_what_is_there_equals_building_anew(built: Allocated, number: int) -> None:
    before = built.rows(f"select * from {BUILT[1]} order by allocated_cost_key")
    for change in ROUNDS[number]:
        change(built.companies, random.Random(number))
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
    built.warehouse.dbt("run", "--select", *MODELS, "--vars", "{from_date: '2026-03-30', to_date: '2026-04-02'}")
    kept = built.rows("select distinct usage_date from marts.fct_allocated_costs_daily where feature = 'kept'")
    april = {day for day in days if day.month == 4}
    assert days - {row["usage_date"] for row in kept} == ({date(2026, 3, 30), date(2026, 3, 31)} & days) | april


def test_a_run_that_was_killed_before_the_last_stage_is_made_good(built: Allocated) -> None:
    companies = copy.deepcopy(built.companies)
    amount_of_a_charge_changed(companies, random.Random(11))
    fill(built.warehouse, companies)
    built.warehouse.dbt("run", "--select", *MODELS[: MODELS.index("int_portions_served")])
    built.warehouse.dbt("run", "--select", *MODELS)
    (found,) = built.rows(
        "select (select sum(spend_usd) from intermediate.int_spend_items) as spent, "
        "(select sum(allocated_cost_usd) from marts.fct_allocated_costs_daily) as allocated"
    )
    assert found["spent"] == found["allocated"] is not None
