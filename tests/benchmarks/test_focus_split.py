"""Splitting a million charges in the words of FOCUS: time and memory."""

from __future__ import annotations

import resource
from pathlib import Path

from tests.benchmarks.size import sized
from tests.integration.allocation.bills import focus_columns
from tests.support.warehouse import ScratchWarehouse

ROWS = sized(tiny=2_000, full=1_000_000)
CHARGES_OF_LINE, TARGETS = 4, 5
LINE = f"(n // {CHARGES_OF_LINE})"
DESCRIBED = f"""
    'p' || {LINE} % 20 as provider_id, 'acc' || {LINE} % 997 as billing_account_id, 'm' || {LINE} % 30 as model_id,
    'Usage' as charge_category, 'svc' as service_name, '{{"line": "' || {LINE} || '"}}' as tags, true as is_llm_charge
"""
DAY = f"date '2026-01-01' + cast({LINE} % 365 as integer)"
USD = "cast((n * 7919) % 1000003 as decimal(38, 12)) * 0.000001 + 0.000000000007"
TABLES = f"""
create table intermediate.int_charges as
select 'c' || n as charge_key, {DAY} as charge_date, {DESCRIBED}, 's' || {LINE} % 50 as sub_account_id,
    cast(null as varchar) as cost_kind,
    cast(null as timestamp) as charge_period_end_utc, cast(null as varchar) as line_type
from range({{rows}}) as numbers(n);
create table intermediate.int_spend_lines as
select md5('l' || n // {CHARGES_OF_LINE}) as spend_item_key, 'charge' as spend_item_type,
    {DAY} as usage_date, {DESCRIBED},
    's' || {LINE} % 50 as project_id, {DAY} as charge_last_date, cast(null as varchar) as cost_kind
from range(0, {{rows}}, {CHARGES_OF_LINE}) as numbers(n);
insert into intermediate.int_focus_charges by name
select 'c' || n as charge_key, {DESCRIBED}, {USD} as billed_cost_usd, {USD} as billed_cost, {USD} as effective_cost,
    {USD} * 2 as list_cost, {USD} as contracted_cost, {USD} as pricing_currency_effective_cost,
    n % 9973 as consumed_quantity, n % 9973 as pricing_quantity
from range({{rows}}) as numbers(n);
create table intermediate.int_allocated_costs_daily as
with lines as (
    select md5('l' || line) as spend_item_key, line, cast(sum({USD}) as decimal(38, 12)) as usd
    from (select n, n // {CHARGES_OF_LINE} as line from range({{rows}}) as numbers(n)) group by all
),
parts as (
    select *, line % 10 < 3 as is_split, cast(round(usd * 0.0666666, 9) as decimal(38, 12)) as step from lines
    cross join range({TARGETS}) as targets(part) where line % 10 < 3 or part = 0
)
select md5(spend_item_key || part) as allocated_cost_key, spend_item_key, 'charge' as spend_item_type,
    date '2026-01-01' as usage_date, 'p' as provider_id,
    'team' || (line + part) % 50 as team_id, cast(null as varchar) as owner_project_id,
    'cc' || line % 7 as cost_center_id,
    cast(null as varchar) as feature, cast(null as varchar) as customer_id,
    case when is_split then 'shared' else 'ownership' end as allocation_stage, 'weighted' as allocation_method,
    case when is_split then 'r' || line % 200 end as rule_id, 'weight' as basis_metric,
    cast(part as decimal(38, 12)) as basis_quantity,
    cast(case when not is_split then 1 when part = 4 then 0.33333333334 else (part + 1) * 0.066666666666 end
        as decimal(38, 12)) as allocated_ratio,
    cast(case when not is_split then usd when part = 4 then usd - 10 * step else (part + 1) * step end
        as decimal(38, 12)) as allocated_cost_usd
from parts;
create view marts.fct_charges as select * from intermediate.int_charges;
create view marts.fct_allocated_costs_daily as select * from intermediate.int_allocated_costs_daily;
"""
OWNERS = "".join(
    f"create table staging.stg_org__{kind}s ({kind}_id varchar, {kind}_name varchar, "
    "valid_from_utc timestamp, valid_to_utc timestamp);"
    for kind in ("project", "cost_center", "team")
)
MODELS = ("int_focus_charge_lines", "int_focus_allocated_shares", "int_focus_allocated_amounts")


def test_a_million_charges_are_split_exactly(tmp_path: Path) -> None:
    warehouse = ScratchWarehouse.create(tmp_path / "bills")
    columns = ", ".join(f"{name} {kind}" for name, kind in focus_columns().items())
    with warehouse.connection() as connection:
        connection.execute("create schema intermediate; create schema marts; create schema if not exists staging")
        connection.execute(f"create table intermediate.int_focus_charges ({columns})")
        connection.execute(OWNERS + TABLES.replace("{rows}", str(ROWS)))
    before = resource.getrusage(resource.RUSAGE_SELF)
    result = warehouse.dbt("build", "--select", *MODELS, "--indirect-selection", "empty")
    after = resource.getrusage(resource.RUSAGE_SELF)
    took = {node.node.name: round(node.execution_time, 1) for node in result.result.results}
    warehouse.dbt(
        "build", "--select", "focus_cost_and_usage", "focus_allocated_cost_and_usage", "--indirect-selection", "empty"
    )
    tests = warehouse.dbt("build", "--select", "assert_focus_allocation*")
    took |= {node.node.name: round(node.execution_time, 1) for node in tests.result.results}
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    parts = warehouse.value("select count(*) from intermediate.int_focus_allocated_amounts")
    print(f"\n{ROWS} charges, {parts} parts of split ones: {cpu:.0f} CPU s, {after.ru_maxrss / 2**20:.1f} GiB; {took}")
    assert parts > ROWS
