"""A measured job: charges that differ in everything, 200 rules of five targets over a fifth of them, usage beside.

Put here: making rows and measuring. Keep out: judging (see `test_allocation.py`).
"""

from __future__ import annotations

import resource
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.integration.allocation.conftest import MODELS, OWNERS, scratch
from tests.support.warehouse import ScratchWarehouse

PROVIDERS, RULES_OF_PROVIDER, SERVICES, TEAMS, TARGETS = 20, 10, 50, 50, 5
CHARGES = """
insert into intermediate.int_spend_items by name
select
    {day} as usage_date, 'charge' as spend_item_type,
    'p' || (n % {providers}) as provider_id, 'acc' || (n % 997) as account_id, 'acc' || (n % 997) as billing_account_id,
    's' || (n // {providers} % {services}) as service_name, 'Usage' as charge_category, false as is_llm_charge,
    'billed' as cost_basis,
    '{{"line": "' || n || '"}}' as tags,
    cast((n * 7919) % 1000003 as decimal(38, 12)) * 0.000001 as spend_usd,
    1 as spend_item_count, 0 as unknown_cost_item_count, 'o' || (n % 1000) as owner_lookup_key
from range({first}, {rows}) as numbers(n)
"""
USAGE = """
insert into intermediate.int_spend_items by name
select
    {day} as usage_date, 'usage' as spend_item_type,
    'p' || (n % {providers}) as provider_id, 'key' || (n % 300) as api_key_id, 'Usage' as charge_category,
    true as is_llm_charge, 'billed' as cost_basis, 0 as spend_usd, 1 as spend_item_count, 0 as unknown_cost_item_count,
    1 + n % 97 as request_count,
    1 + n * 31 % 1009 as input_tokens, 1 + n * 17 % 503 as output_tokens, 't' || (n % {teams}) as owner_lookup_key
from range({calls}) as numbers(n)
"""
OWNERSHIP = """
insert into intermediate.int_spend_owners by name
select 'o' || n as owner_lookup_key, case when n % 10 < 7 then 'unallocated' else 'account' end as allocation_method,
    case when n % 10 >= 7 then 'team' || (n % {teams}) end as team_id, 'unallocated' as cost_center_id
from range(1000) as numbers(n)
union all by name
select 't' || n as owner_lookup_key, 'api_key' as allocation_method, 'team' || n as team_id,
    'unallocated' as cost_center_id
from range({teams}) as numbers(n)
"""


def rules() -> list[dict[str, Any]]:
    """200 rules: half by tokens of the month, half by weights."""
    found = []
    for number in range(PROVIDERS * RULES_OF_PROVIDER):
        provider = number % PROVIDERS
        service = (provider + PROVIDERS * (number // PROVIDERS)) % SERVICES
        rule = {
            "rule_id": f"r{number}",
            "provider_name": f"p{provider}",
            "service": f"s{service}",
            "priority": Decimal(number),
        }
        for target in range(TARGETS):
            share: dict[str, Any] = {"method": "weighted", "weight": Decimal(target + 1)}
            if number % 2:
                share = {
                    "method": "proportional",
                    "basis": "total_tokens",
                    "basis_source": "all",
                    "basis_period": "month",
                }
            found.append(rule | share | {"target_type": "team", "target_id": f"team{(number + target) % TEAMS}"})
    return found


def allocated(home: str, row_count: str, day_count: str) -> dict[str, Any]:
    """Allocate charges of some days from nothing, then one more day of as many, then nothing new."""
    rows, days = int(row_count), int(day_count)
    warehouse = scratch(Path(home))
    names = {"providers": PROVIDERS, "services": SERVICES, "teams": TEAMS}
    history = names | {"first": 0, "rows": rows, "calls": days * 300}
    one_day = names | {"first": rows, "rows": rows + rows // days, "calls": 300, "day": f"date '2026-01-01' + {days}"}
    with warehouse.connection() as connection:
        connection.register("nothing", OWNERS.empty_table())
        connection.execute("create table intermediate.int_spend_owners as select * from nothing")
        for statement in (CHARGES, USAGE, OWNERSHIP):
            day = f"date '2026-01-01' + cast(n % {days} as integer)"
            connection.execute(statement.format(**history, day=day))
    warehouse.insert("raw_org.allocation_rules", rules())
    result = {"rows": rows, "days": days, "everything": _timed(warehouse)}
    with warehouse.connection() as connection:
        for statement in (CHARGES, USAGE):
            connection.execute(statement.format(**one_day))
    return result | {"one_more_day": _timed(warehouse), "nothing_new": _timed(warehouse)} | _checked(warehouse)


def _timed(warehouse: ScratchWarehouse) -> dict[str, Any]:
    started = resource.getrusage(resource.RUSAGE_SELF)
    result = warehouse.dbt("run", "--select", *MODELS).result
    ended = resource.getrusage(resource.RUSAGE_SELF)
    by_model = {node.node.name: round(node.execution_time, 2) for node in result.results}
    return {
        "seconds": round(result.elapsed_time, 1),
        "cpu_seconds": round(ended.ru_utime + ended.ru_stime - started.ru_utime - started.ru_stime, 1),
        "peak_gib": round(ended.ru_maxrss / 2**20, 2),
        "days_allocated": warehouse.value("select count(*) from intermediate.int_allocation_rebuild_days"),
        "by_model": by_model,
        "in_models": round(sum(by_model.values()), 2),
    }


def _checked(warehouse: ScratchWarehouse) -> dict[str, Any]:
    parts, leak, shared = warehouse.rows(
        "select count(*), sum(allocated_cost_usd) - (select sum(spend_usd) from intermediate.int_spend_items), "
        "count(*) filter (where allocation_stage = 'shared') from marts.fct_allocated_costs_daily"
    )[0]
    return {"parts": parts, "shared_parts": shared, "leak": str(leak)}
