"""Suites on requests as they land: single rows, how many come, which values, how large they are.

Put here: those suites. Keep out: trying them (`validation`), suites on marts (`published`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from ingestion.sources.events.routing import READERS
from ingestion.vocabulary.usage_columns import INFORMATION_COLUMNS, TOKEN_COLUMNS
from orchestration.expectations.library import expectation_types
from orchestration.expectations.suite import Frame, Suite, day

NEWEST_ROWS = 100_000
EARLIEST_REQUEST = pd.Timestamp("2015-01-01")
STATUSES = ["ok", "error", "cancelled", "timeout"]
LEAST_DAYS = 14
"""So many days of a source's own past are needed before its volume is judged."""
FEW, MANY = 0.2, 5.0
"""A day is unusual below and above so many times the range of the days it is compared with."""
LEAST_ROWS = 20
"""Sources with fewer rows on their usual day are not judged by how many come."""
DRIFT = 0.1
"""Divergence (Kullback-Leibler, in nats) from which a distribution is another; weeks of a calm year lie below 0.01."""
REQUESTS = ("raw_events", "requests")
_COLUMNS = ("event_id", "event_source", "requested_at_utc", "status", *TOKEN_COLUMNS, *INFORMATION_COLUMNS)
_RECENT = "requested_at_utc >= $now::timestamp - interval 60 day and requested_at_utc < $now::timestamp"
VALUES = ("event_source", "provider_name", "requested_model", "status", "environment", "region")
"""Columns whose new values are named."""


def _rows(_: Frame, now: datetime) -> Sequence[Any]:
    """What must hold for every row."""
    gxe = expectation_types()

    latest = pd.Timestamp(now + timedelta(days=2))
    return [
        gxe.ExpectColumnValuesToNotBeNull(column="event_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="event_source"),
        gxe.ExpectColumnValuesToNotBeNull(column="requested_at_utc"),
        gxe.ExpectColumnValuesToBeBetween(column="requested_at_utc", min_value=EARLIEST_REQUEST, max_value=latest),
        gxe.ExpectColumnValuesToMatchRegex(
            column="event_source",
            regex=rf"^(?:{'|'.join(name for name in READERS if name != 'mapped')}|mapped/.+)$",
        ),
        gxe.ExpectColumnValuesToBeInSet(column="status", value_set=STATUSES, mostly=0.99),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="output_tokens",
            column_B="reasoning_tokens",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        ),
        *(gxe.ExpectColumnValuesToBeBetween(column=column, min_value=0) for column in TOKEN_COLUMNS),
    ]


def _volume(frame: Frame, _: datetime) -> Sequence[Any]:
    """One row per source and day that is over: as many rows as on the 28 days before."""
    gxe = expectation_types()

    if frame.rows.empty:
        return []
    return [
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="landed_rows", column_B="fewest_usual", or_equal=True),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="most_usual", column_B="landed_rows", or_equal=True),
    ]


def _values(frame: Frame, _: datetime) -> Sequence[Any]:
    """No value of the newest seven days that the 53 before did not have."""
    gxe = expectation_types()

    history = frame.history
    assert history is not None
    if history.empty or frame.rows.empty or (day(history["seen_until"].max()) - day(history["since"].min())).days < 14:
        return []
    expectations = []
    for column in VALUES:
        known = sorted(history.loc[history["column_name"] == column, "value"])
        if known and (frame.rows["column_name"] == column).any():
            expectations.append(
                gxe.ExpectColumnValuesToBeInSet(
                    column="value", value_set=known, row_condition=f'column_name=="{column}"', condition_parser="pandas"
                )
            )
    return expectations


def _sizes(frame: Frame, _: datetime) -> Sequence[Any]:
    """Token counts of the newest seven days are spread as those of the four weeks before."""
    gxe = expectation_types()

    history = frame.history
    assert history is not None
    expectations = []
    for column in ("input_size", "output_size"):
        counts = history.groupby(column)["requests"].sum() if not history.empty else pd.Series(dtype=float)
        if counts.sum() < 1_000 or len(frame.rows) < 200:
            continue
        # A size that was never seen weighs half a request: it drifts, and nothing is infinite.
        sizes = sorted({*counts.index, *frame.rows[column]})
        weights = [max(float(counts.get(size, 0)), 0.5) for size in sizes]
        total = sum(weights)
        expectations.append(
            gxe.ExpectColumnKLDivergenceToBeLessThan(
                column=column,
                partition_object={"values": sizes, "weights": [weight / total for weight in weights]},
                threshold=DRIFT,
            )
        )
    return expectations


_DAILY = f"""
daily as (
    select event_source, requested_at_utc::date as usage_date, count(*) as landed_rows from raw_events.requests
    where {_RECENT} group by all
), sources as (
    select event_source, min(usage_date) as first_date, max(usage_date) as last_date from daily group by all
), newest as (select least(max(usage_date), $now::timestamp::date - 1) as usage_date from daily), grid as (
    select sources.event_source, sources.first_date, unnest(generate_series(sources.first_date, newest.usage_date,
        interval 1 day))::date as usage_date from sources, newest where sources.first_date <= newest.usage_date
), filled as (
    select grid.*, coalesce(daily.landed_rows, 0) as landed_rows from grid
    left join daily using (event_source, usage_date)
)"""
_SIZES = """
    'from ' || 2 ** floor(log2(1 + greatest(0, coalesce(uncached_input_tokens, 0) + coalesce(cache_read_tokens, 0)
        + coalesce(cache_write_tokens, 0))))::bigint as input_size,
    'from ' || 2 ** floor(log2(1 + greatest(0, coalesce(output_tokens, 0))))::bigint as output_size
"""
_LISTED = ", ".join(VALUES)

SUITES = (
    Suite(
        "landed_requests_suite",
        REQUESTS,
        f"The newest {NEWEST_ROWS:,} landed request events: identified, in time, counters that can be.",
        f"select {', '.join(_COLUMNS)} from raw_events.requests "
        f"order by _loaded_at_utc desc, _source_file_id desc, _source_row desc limit {NEWEST_ROWS}",
        _rows,
        is_error=True,
        remedy="The reader of that source took a row that it should have set aside: see its file in raw_events.files.",
    ),
    Suite(
        "landed_volume_suite",
        REQUESTS,
        "Request events of the newest seven days that are over, by source: as many as on the 28 days before each.",
        f"""
with {_DAILY}
select event_source, usage_date, landed_rows,
    floor({FEW} * quantile_cont(landed_rows, 0.1) over before) as fewest_usual,
    ceil({MANY} * quantile_cont(landed_rows, 0.9) over before) as most_usual
from filled
window before as (
    partition by event_source order by usage_date range between interval 28 day preceding and interval 1 day preceding
)
qualify usage_date > max(usage_date) over () - 7 and count(*) over before >= {LEAST_DAYS}
    and quantile_cont(landed_rows, 0.5) over before >= {LEAST_ROWS}
order by event_source, usage_date""",
        _volume,
        key=("event_source", "usage_date"),
        remedy="Ask whether the exporter of that source works: costops doctor shows when it came last. What is "
        "late is built when it comes.",
    ),
    Suite(
        "landed_values_suite",
        REQUESTS,
        f"Values of {_LISTED} in the newest seven days: all seen in the 53 days before.",
        f"""
select distinct column_name, value from (
    unpivot (select {", ".join(f"{name}::varchar as {name}" for name in VALUES)} from raw_events.requests
        where {_RECENT} and requested_at_utc >= $now::timestamp - interval 7 day)
    on {_LISTED} into name column_name value value
) order by column_name, value""",
        _values,
        history_sql=f"""
select column_name, value, min(seen_at) as since, max(seen_at) as seen_until from (
    unpivot (select requested_at_utc as seen_at, {", ".join(f"{name}::varchar as {name}" for name in VALUES)}
        from raw_events.requests where {_RECENT} and requested_at_utc < $now::timestamp - interval 7 day)
    on {_LISTED} into name column_name value value
) group by all order by column_name, value""",
        key=("column_name",),
        remedy="Nothing, where the application is new. Else a name was changed: an alias (model_aliases.csv) or the "
        "ownership of the new value keeps history together.",
    ),
    Suite(
        "landed_sizes_suite",
        REQUESTS,
        "Input and output tokens per request in the newest seven days, by powers of two: spread as in the 28 before.",
        f"""
select {_SIZES} from raw_events.requests
where {_RECENT} and requested_at_utc >= $now::timestamp - interval 7 day and status = 'ok'
order by hash(event_id) limit 20000""",
        _sizes,
        history_sql=f"""
select {_SIZES}, count(*) as requests from raw_events.requests
where {_RECENT} and requested_at_utc >= $now::timestamp - interval 35 day
    and requested_at_utc < $now::timestamp - interval 7 day and status = 'ok'
group by all order by all""",
        remedy="Where no application changed its prompts, a counter may mean something else now: compare a day with "
        "the bill (rpt_reconciliation).",
    ),
)
