"""Ten thousand random sets of rules lose nothing, sum to one, ignore the order of rows and agree with the slow way."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from tests.integration.allocation.conftest import COMPANIES, MODELS, Allocated, fill
from tests.integration.allocation.oracle import Oracle, units
from tests.integration.allocation.scenarios import HARD_AMOUNTS, MANY

STAGES = ("int_portions_owned", "int_portions_shared")
FACT = "marts.fct_allocated_costs_daily"


def test_nothing_leaks_at_any_stage(allocated: Allocated) -> None:
    for table in [f"intermediate.{stage}" for stage in STAGES] + [FACT]:
        amount = "allocated_cost_usd" if table == FACT else "amount_usd"
        leaks = allocated.rows(
            "select lines.spend_item_key, lines.spend_usd, parts.amount, parts.ratio "
            "from intermediate.int_spend_lines as lines left join ("
            f"select spend_item_key, sum({amount}) as amount, sum(allocated_ratio) as ratio from {table} group by 1"
            ") as parts using (spend_item_key) where lines.spend_usd is distinct from parts.amount or parts.ratio <> 1"
        )
        assert leaks == [], table
    items, lines, spend = allocated.rows(
        "select (select sum(spend_usd) from intermediate.int_spend_items) as items, "
        "(select sum(spend_usd) from intermediate.int_spend_lines) as lines, "
        f"(select sum(allocated_cost_usd) from {FACT}) as spend"
    )[0].values()
    assert items == lines == spend


def test_kinds_of_money_stay_apart(allocated: Allocated) -> None:
    """Whatever rules move: each kind of money comes out as it went in, and together they are all of it."""
    given: Counter[str] = Counter()
    for item in allocated.companies.items:
        given[item["cost_kind"]] += units(item["spend_usd"]) or 0
    found = {row["cost_kind"]: units(row["usd"]) for row in allocated.rows(
        f"select cost_kind, sum(allocated_cost_usd) as usd from {FACT} group by 1")}  # fmt: skip
    assert found == given
    assert set(found) == {"llm", "infrastructure", "own"}
    (total,) = allocated.rows(f"select sum(allocated_cost_usd) as usd from {FACT}")
    assert sum(found.values()) == units(total["usd"])


def test_what_is_not_consumed_waits_for_who_draws_it(allocated: Allocated) -> None:
    stages = {row["allocation_stage"]: row["rules"] for row in allocated.rows(
        f"select allocation_stage, count(rule_id) as rules from {FACT} where spend_item_type = 'prepaid_balance' "
        "and team_id is null and cost_center_id = 'unallocated' group by 1")}  # fmt: skip
    assert stages == {"prepaid_balance": 0}


def test_a_cent_a_refund_and_the_smallest_amount_split_exactly(allocated: Allocated) -> None:
    found = defaultdict(list)
    for row in allocated.rows(
        f"select provider_id, service_name, allocated_cost_usd as usd from {FACT} where spend_item_type = 'charge' "
        "and provider_id in ('seven', 'many', 'weights') and allocation_stage = 'shared'"
    ):
        found[(row["provider_id"], row["service_name"])].append(units(row["usd"]))
    assert {key: sum(parts) for key, parts in found.items()} == {
        (name, text): units(Decimal(text)) for name in ("seven", "weights") for text in HARD_AMOUNTS
    } | {("many", text): units(Decimal(text)) for text in HARD_AMOUNTS[:2]}
    cent = 10**10
    assert Counter(found[("seven", "0.01")]) == {cent // 7: 7 - cent % 7, cent // 7 + 1: cent % 7}
    assert Counter(found[("seven", "-0.01")]) == {-(cent // 7): 7 - cent % 7, -(cent // 7) - 1: cent % 7}
    assert sorted(found[("seven", "0.000000000001")]) == [0] * 6 + [1]
    assert found[("many", "0.01")] == [cent // MANY] * MANY


def test_counts_stay_with_the_owner_and_keys_are_unique(allocated: Allocated) -> None:
    (found,) = allocated.rows(
        "select count(*) as rows, count(distinct allocated_cost_key) as keys, sum(spend_item_count) as items, "
        f"sum(request_count) as requests, sum(input_tokens) as tokens from {FACT}"
    )
    assert found["rows"] == found["keys"]
    for name, column in (("items", "spend_item_count"), ("requests", "request_count"), ("tokens", "input_tokens")):
        assert found[name] == sum(item.get(column) or 0 for item in allocated.companies.items)


def test_every_method_was_used_and_rules_were_cyclic_dated_and_overlapping(allocated: Allocated) -> None:
    used = {row["allocation_method"]: row["n"] for row in allocated.rows(
        f"select allocation_method, count(*) as n from {FACT} group by 1")}  # fmt: skip
    expected = (
        *(
            "usage_evidence",
            "direct",
            "proportional",
            "even",
            "fixed_amount",
            "fixed_percent",
            "weighted",
            "reciprocal",
        ),
        *("overhead", "overhead_recovery", "unallocated", "account", "api_key"),
    )
    assert {method for method in expected if used.get(method, 0) < 500} == set()
    assert sum(rule["valid_to_utc"].year == 2026 for rule in allocated.companies.rules) > 1_000
    coverage = {row["evidence_coverage"]: row["n"] for row in allocated.rows(
        f"select evidence_coverage, count(*) as n from {FACT} group by 1")}  # fmt: skip
    assert all(coverage[case] > 500 for case in ("all", "some", "none"))


def test_the_slow_way_gives_the_same_parts(allocated: Allocated) -> None:
    lines = allocated.rows("select * from intermediate.int_spend_lines")
    given = allocated.companies
    rules = [{"basis_source": None, "percent": None, "weight": None} | rule for rule in given.rules]
    oracle = Oracle(lines, rules, given.service_shares, given.teams, given.projects)
    found: dict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    for row in allocated.rows(
        f"select *, allocated_cost_usd as amount_usd from {FACT} "
        "where allocated_cost_key <> spend_item_key or allocated_ratio <> 0 -- without rows that only count"
    ):
        found[row["provider_id"]][_as_tuple(row)] += 1
    assert len(found) == COMPANIES + 3 + 4, "random, split and worked by hand"
    del found["many"]
    for provider, parts in found.items():
        expected = Counter(
            (p.line, p.team, p.project, p.center, p.feature, p.customer, p.stage, p.method, p.rule, p.money, p.ratio)
            for p in oracle.company(provider)
        )
        assert parts == expected, provider


def _as_tuple(row: dict[str, Any]) -> tuple[Any, ...]:
    names = "spend_item_key team_id owner_project_id cost_center_id feature customer_id allocation_stage "
    names += "allocation_method rule_id"
    return (*(row[name] for name in names.split()), units(row["amount_usd"]), units(row["allocated_ratio"]))


def test_the_order_of_rows_does_not_matter(allocated: Allocated) -> None:
    allocated.warehouse.execute(f"create or replace table main.before as select * from {FACT}")
    fill(allocated.warehouse, allocated.companies, seed=7)
    allocated.warehouse.dbt("run", "--full-refresh", "--select", *MODELS)
    assert (
        allocated.rows(f"(from main.before except all from {FACT}) union all (from {FACT} except all from main.before)")
        == []
    )
    assert allocated.rows("select count(*) as n from main.before where allocated_cost_usd < 0")[0]["n"] > Decimal(1_000)
