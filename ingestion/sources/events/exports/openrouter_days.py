"""Sums of days of OpenRouter's activity that lie beside the single calls of the same days.

Put here: noticing them once all files have landed. Keep out: reading either (`openrouter`).
"""

from __future__ import annotations

from ingestion.config import Settings
from ingestion.landing.counting import counted
from ingestion.landing.database import connect
from ingestion.landing.notes import Note


def sums_beside_calls(settings: Settings) -> list[Note]:
    """A question for each file of sums by day whose days and models single calls of the same seller tell too."""
    if not (settings.events_dir / "openrouter").is_dir():  # opening the warehouse takes 70 ms
        return []
    with connect(settings.warehouse_path) as db:
        if not db.execute(_HAS_SUMS).fetchone()[0]:
            return []
        found = db.execute(_SUMS_BESIDE_CALLS).fetchall()
    return [
        Note(
            "rows_alike",
            f"{counted(days, 'sum of a day is', 'sums of days are')} of days and models whose single calls "
            f"{other} holds too; both count, as nothing says whether they are of one account",
            file=path,
            count=days,
        )
        for path, other, days in found
    ]


_IS_SUM = "event_id like '____-__-__/day/%'"
_HAS_SUMS = f"""
    select exists(from raw_events.files where source_format = 'openrouter')
        and exists(from raw_events.requests where event_source = 'openrouter' and {_IS_SUM})
"""
_SUMS_BESIDE_CALLS = f"""
    with told as (
        select
            requested_at_utc::date as usage_date,
            regexp_replace(split_part(served_model, ':', 1), '-\\d{{4}}-?\\d{{2}}-?\\d{{2}}$', '') as model,
            {_IS_SUM} as is_sum,
            _source_file_id as file_id
        from raw_events.requests
        where event_source = 'openrouter'
    )
    select sum_file.path, min(call_file.path), count(distinct (usage_date, model))
    from told as summed
    join told as single using (usage_date, model)
    join raw_events.files as sum_file on sum_file.file_id = summed.file_id
    join raw_events.files as call_file on call_file.file_id = single.file_id
    where summed.is_sum and not single.is_sum
    group by 1
    order by 1
"""
"""A model's name has its date in one of OpenRouter's exports and not in the other."""
