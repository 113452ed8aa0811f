"""The rows that anomaly detection looks at: metered usage and charges by day and slice, and tags of charges.

Put here: reading them. Keep out: detection (`ml.anomalies`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from orchestration.warehouse.frames import read_frame

if TYPE_CHECKING:
    import pandas as pd

    from ml.anomalies.detect import Source

DAYS_BACK = 600
"""Older rows, and any dated by mistake, are not read."""
_WINDOW = "between $as_of - {days} and $as_of - 1"

METERED_ROWS = """
select * exclude (environment, input_tokens)
from intermediate.int_metered_costs_daily
where usage_date {window}
order by all
"""
BILLED_ROWS = """
select
    charge_date as usage_date,
    provider_id,
    service_name,
    sub_account_id,
    region_id,
    charge_category,
    concat_ws(' · ', service_name, sku_id, model_id, sku_meter, consumed_unit) as item_id,
    sum(consumed_quantity) as quantity,
    sum(billed_cost_usd) as cost_usd
from marts.fct_charges
where charge_date {window} and billed_cost_usd is not null
group by all
order by all
"""
# By json_each and not by a path: a key may hold quotes, dots or nothing at all.
TAGGED_ROWS = """
with tagged as (
    select charge_date as usage_date, billed_cost_usd as cost_usd,
        case when json_valid(tags) and json_type(tags) = 'OBJECT' then cast(tags as json) end as object
    from marts.fct_charges
    where charge_date {window} and billed_cost_usd is not null
)
select 'tag' as scope_type, members.key || '=' || (members.value ->> '$') as scope_id, usage_date,
    sum(cost_usd) as cost_usd
from tagged, lateral json_each(tagged.object) as members
group by all
having scope_id is not null
order by all
"""


def watched_rows(
    connection: duckdb.DuckDBPyConnection, as_of: date
) -> Iterator[tuple[Source, pd.DataFrame, pd.DataFrame | None]]:
    """Each source of `ml.anomalies.sources` with its rows before `as_of`, and the slices of which a row has many."""
    from ml.anomalies.sources import BILLED, METERED

    def read(sql: str) -> pd.DataFrame:
        return read_frame(connection, sql.format(window=_WINDOW.format(days=DAYS_BACK)), {"as_of": as_of})

    yield METERED, read(METERED_ROWS), None
    yield BILLED, read(BILLED_ROWS), read(TAGGED_ROWS)
