"""The rows that anomaly detection looks at: metered usage and charges by day and slice, and by tag.

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
PRICE_CHANGES = "select * from intermediate.int_price_changes order by all"
TAGGED_CHARGES = """
select charge_date as usage_date, tags, sum(billed_cost_usd) as cost_usd, cast(null as bigint) as request_count
from marts.fct_charges
where charge_date {window} and billed_cost_usd is not null
group by all
"""
TAGGED_USAGE = """
select usage_date, tags, sum(metered_cost_usd) as cost_usd, cast(sum(request_count) as bigint) as request_count
from intermediate.int_tagged_usage_daily
where usage_date {window} and metered_cost_usd is not null
group by all
"""
MOST_VALUES = 1000
"""A key with more values is an id of something (a request, a ticket), and none of them a slice of spend."""
# By json_each and not by a path: a key may hold quotes, dots or nothing at all.
BY_TAG = """
with tagged as ({tagged}),
objects as (
    select usage_date, cost_usd, request_count,
        case when json_valid(tags) and json_type(tags) = 'OBJECT' then cast(tags as json) end as object
    from tagged
),
members as (
    select each.key, each.value ->> '$' as value, usage_date, sum(cost_usd) as cost_usd,
        sum(request_count) as request_count
    from objects, lateral json_each(objects.object) as each
    group by all
),
keys as (select key from members group by key having count(distinct value) <= {most})
select 'tag' as scope_type, key || '=' || value as scope_id, usage_date, cost_usd, request_count
from members semi join keys using (key)
where value is not null
order by all
"""


def watched_rows(
    connection: duckdb.DuckDBPyConnection, as_of: date
) -> Iterator[tuple[Source, pd.DataFrame, pd.DataFrame | None]]:
    """Each source of `ml.anomalies.sources` with its rows before `as_of`, and the slices of which a row has many."""
    from ml.anomalies.sources import BILLED, METERED

    def read(sql: str) -> pd.DataFrame:
        return read_frame(connection, sql.format(window=_WINDOW.format(days=DAYS_BACK)), {"as_of": as_of})

    def by_tag(sql: str) -> pd.DataFrame:
        return read(BY_TAG.format(tagged=sql, most=MOST_VALUES))

    yield METERED, read(METERED_ROWS), by_tag(TAGGED_USAGE)
    yield BILLED, read(BILLED_ROWS), by_tag(TAGGED_CHARGES)


def price_changes(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """What `ml.anomalies.price_list` calls changes."""
    return read_frame(connection, PRICE_CHANGES)
