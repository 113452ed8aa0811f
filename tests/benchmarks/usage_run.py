"""A measured job on usage: pricing and rolling up all of it, by dbt and by hand, and one more day.

Put here: the job. Keep out: judging (see `test_usage.py`).
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingestion.config import Settings
from ingestion.landing import connect
from tests.benchmarks.usage_history import add_one_day, make_home
from tests.support.warehouse import ScratchWarehouse, declared_table_statements

DEAREST = 6
USAGE = "+int_llm_usage_daily"
FROM_EVENTS = f"source:raw_events.requests+,{USAGE}"
"""What reads requests or is made of them; prices and cards are ready before, as they are for the statement."""

BY_HAND = """
create or replace table hand_written as
with cards as (
    select
        price_provider_id, price_model_id, valid_from_utc, valid_to_utc, context_over_tokens, context_up_to_tokens,
        max(price_usd_per_unit) filter (where meter = 'uncached_input') as uncached_input,
        max(price_usd_per_unit) filter (where meter = 'cache_read') as cache_read,
        max(price_usd_per_unit) filter (where meter = 'output') as output
    from raw_prices.model_prices
    where known_to_utc is null and price_variant = 'standard' and time_of_day_from_second = 0
        and meter in ('uncached_input', 'cache_read', 'output')
    group by all
)
select
    cast(requested_at_utc as date) as usage_date,
    requests.provider_name as provider_id,
    cards.price_model_id as model_id,
    count(*) as request_count,
    cast(sum(
        cast(uncached_input_tokens as decimal(18, 0)) * cast(cards.uncached_input as decimal(18, 12))
        + cast(cache_read_tokens as decimal(18, 0)) * cast(cards.cache_read as decimal(18, 12))
        + cast(output_tokens as decimal(18, 0)) * cast(cards.output as decimal(18, 12))
    ) as decimal(38, 12)) as cost_usd
from raw_events.requests as requests
inner join raw_prices.model_aliases as aliases
    on aliases.provider_name = requests.provider_name and aliases.model = requests.served_model
    and aliases.known_to_utc is null
inner join cards
    on cards.price_provider_id = aliases.price_provider_id
    and cards.price_model_id = aliases.price_model_id
    and requested_at_utc >= cards.valid_from_utc and requested_at_utc < cards.valid_to_utc
    and uncached_input_tokens + cache_read_tokens > cards.context_over_tokens
    and uncached_input_tokens + cache_read_tokens <= cards.context_up_to_tokens
group by 1, 2, 3
"""
DIFFERENCE = """
with by_dbt as (
    select usage_date, provider_id, model_id, sum(request_count) as request_count, sum(list_cost_usd) as cost_usd
    from intermediate.int_llm_usage_daily group by 1, 2, 3
)
select count(*) from (
    (from by_dbt except all from hand_written) union all (from hand_written except all from by_dbt)
)
"""


def _dbt(warehouse: ScratchWarehouse, *arguments: str, by_model: dict[str, float] | None = None) -> float:
    """Seconds that dbt spent building, without its start and its parsing; the dearest models in `by_model`."""
    result = warehouse.dbt("run", *arguments).result
    if by_model is not None:
        took = {node.node.name: round(node.execution_time, 1) for node in result.results}
        by_model |= dict(sorted(took.items(), key=lambda each: -each[1])[:DEAREST])
    return float(result.elapsed_time)


def usage_built(home: str, rows: str, day_rows: str) -> dict[str, Any]:
    """Price and roll up everything by dbt, the same daily figures by one statement, then one more day by dbt."""
    settings = make_home(Path(home), int(rows))
    warehouse = _with_seeds(Path(home))
    _dbt(warehouse, "--full-refresh", "--select", USAGE, "--exclude", FROM_EVENTS)
    dearest: dict[str, float] = {}
    dbt, dbt_cpu = _measured(lambda: _dbt(warehouse, "--full-refresh", "--select", FROM_EVENTS, by_model=dearest))
    by_hand, by_hand_cpu, differing = _by_hand(settings)
    add_one_day(settings, int(day_rows))
    day, day_cpu = _measured(lambda: _dbt(warehouse, "--select", USAGE))
    return {
        "requests": int(warehouse.value("select sum(request_count) from intermediate.int_llm_usage_daily")),
        "dbt": dbt,
        "dbt_cpu": dbt_cpu,
        "dearest": dearest,
        "by_hand": by_hand,
        "by_hand_cpu": by_hand_cpu,
        "differing": differing,
        "one_more_day": day,
        "one_more_day_cpu": day_cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _by_hand(settings: Settings) -> tuple[float, float, int]:
    """Seconds, CPU seconds, and how many rows differ from what dbt made."""
    with connect(settings.warehouse_path) as db:
        seconds, cpu = _measured(lambda: db.execute(BY_HAND) and 0.0)
        (differing,) = db.execute(DIFFERENCE).fetchall()[0]
    return seconds, cpu, differing


def _with_seeds(home: Path) -> ScratchWarehouse:
    warehouse = ScratchWarehouse(home)
    with warehouse.connection() as connection:
        for statement in declared_table_statements("ml", "alerts"):
            connection.execute(statement)
    warehouse.dbt("seed")
    return warehouse


def _measured(job: Callable[[], float]) -> tuple[float, float]:
    """Seconds, those that the job itself gives if it gives any, and CPU seconds."""
    started, cpu = time.perf_counter(), time.process_time()
    inner = job()
    return inner or time.perf_counter() - started, time.process_time() - cpu
