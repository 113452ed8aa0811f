"""The prices that bills imply, as an asset of schema `ml`.

Put here: reading and writing. Keep out: the inference (`ml.implied_prices`), a bill's quantities (`dbt_project`).
"""

import dagster as dg

from orchestration.defs.holding import skipped
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.due.planning import step_is_done
from orchestration.running.due.steps import STEPS
from orchestration.warehouse.frames import ensure_ml_tables, read_frame, replace_rows

_LISTED_PRICES = """
select distinct
    provider_id,
    model_id,
    meter,
    price_variant,
    case when context_over_tokens < 0 then 'base' else 'over_' || context_over_tokens || '_tokens' end as context_tier,
    list_price_usd_per_unit
from marts.dim_prices_current
where list_price_usd_per_unit > 0
    and (provider_id, model_id) in (select distinct provider_id, model_id from intermediate.int_billed_quantities_daily)
    and valid_to_utc > (select min(usage_date) from intermediate.int_billed_quantities_daily)
order by all
"""


@dg.multi_asset(
    name="infer_prices",
    specs=[
        dg.AssetSpec(
            key=dg.AssetKey(["ml", "implied_prices"]),
            description="What each SKU costs by the bill, stretch by stretch, against list and contract.",
            group_name="scoring",
            owners=["team:finops"],
            kinds={"numpy", "pandas", "duckdb"},
            deps=[dg.AssetKey(table.split(".")) for table in STEPS["infer_prices"].reads],
        )
    ],
    pool=WAREHOUSE_POOL,
)
def infer_implied_prices(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Infer unit prices from billed quantities and amounts."""
    from ml.implied_prices import infer_prices

    if metadata := skipped(context, home, "infer_prices"):
        return dg.MaterializeResult(metadata=metadata)
    now = home.now()
    with home.warehouse() as connection:
        ensure_ml_tables(connection)
        billed = read_frame(connection, "select * from intermediate.int_billed_quantities_daily order by all")
        listed = read_frame(connection, _LISTED_PRICES)
        context.log.info("inferring prices from bills")
        prices = infer_prices(billed, listed, scored_at_utc=now)
        rows = replace_rows(connection, "implied_prices", prices)
        step_is_done(connection, "infer_prices", now)
    drift = int(prices["is_drift"].sum()) if rows else 0
    return dg.MaterializeResult(
        metadata={"rows": rows, "drift": drift, "skus": int(billed["sku_id"].nunique()), "billed_rows": len(billed)}
    )
