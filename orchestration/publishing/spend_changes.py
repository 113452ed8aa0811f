"""What the comparison of two stretches of days reads: metered usage or charges of the published copy, by any dimension.

Put here: dimensions by the names people use, their rows, what there is where there are none. Keep out: the comparison
(`ml.anomalies.compare`), printing.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pandas as pd

    from ml.anomalies.compare import Period

METERED = {
    "team": "team_id",
    "provider": "provider_id",
    "model": "model_id",
    "project": "project_id",
    "key": "api_key_id",
    "feature": "feature",
    "customer": "customer_id",
}
BILLED = {
    "provider": "provider_id",
    "service": "service_name",
    "sub-account": "sub_account_id",
    "category": "charge_category",
}
METERED_ROWS = "select * exclude (environment) from fct_metered_costs_daily where usage_date between ? and ?"
BILLED_ROWS = """
select charge_date as usage_date, provider_id, service_name, sub_account_id, charge_category,
    concat_ws(' · ', provider_id, service_name, sku_id, sku_meter, consumed_unit) as item_id,
    sum(consumed_quantity) as quantity, sum(billed_cost_usd) as cost_usd
from fct_charges
where charge_date between ? and ?"""


def changed_rows(
    connection: duckdb.DuckDBPyConnection, chosen: dict[str, str], dimensions: dict[str, str], first: date, last: date
) -> pd.DataFrame:
    """Rows of the days from `first` to `last`, of what is chosen, as `ml.anomalies.compare` takes them."""
    from orchestration.warehouse.frames import read_frame

    sql = METERED_ROWS if dimensions is METERED else BILLED_ROWS
    sql += "".join(f" and {dimensions[name]} = ?" for name in chosen)
    sql += "" if dimensions is METERED else " group by all"
    return read_frame(connection, sql + " order by all", [first, last, *chosen.values()])


def what_there_is(
    connection: duckdb.DuckDBPyConnection, chosen: dict[str, str], dimensions: dict[str, str], after: Period
) -> str:
    """What there is instead of what was asked for."""
    table, day = ("fct_metered_costs_daily", "usage_date") if dimensions is METERED else ("fct_charges", "charge_date")
    for name, value in chosen.items():
        column = dimensions[name]
        known = connection.execute(
            f"select distinct {column} from {table} where {column} is not null order by all"
        ).fetchall()
        if (value,) not in known:
            some = ", ".join(str(each) for (each,) in known[:12]) or "none"
            return f"no {name} is called {value!r}; there are: {some}"
    span = connection.execute(f"select min({day}), max({day}) from {table}").fetchone() or (None, None)
    return f"there is no spend on {after} nor in the weeks before; days with spend: {span[0]} to {span[1]}"
