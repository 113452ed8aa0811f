"""Request events of any size in a scratch home, with real model names and real prices.

Put here: making the data of the usage benchmarks. Keep out: measuring.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ingestion.config import Settings
from ingestion.landing import connect, ensure_tables
from ingestion.sources.prices.pipeline import land as land_prices

FIRST_DAY = "2026-09-01"
DAYS = 30
"""A company with a third of a million requests a day at ten million rows."""
NOW = datetime(2026, 11, 1, tzinfo=UTC)

_EVENTS = """
    select
        '{prefix}' || i as event_id, 'canonical' as event_source,
        timestamp '{start}' + to_microseconds((i * {step})::bigint) as requested_at_utc,
        providers[1 + i % 5] as provider_name, 'acct_' || (i % 5) as account_id,
        'proj_' || (hash(i) % 80 % 12) as project_id, 'key_' || (hash(i) % 80 % 40) as api_key_id,
        'user_' || (hash(i) % 80) as user_id, 'production' as environment,
        models[1 + i % 5] as served_model, false as is_batch, 'ok' as status, true as is_billable,
        (hash(i + 3) % 6000)::bigint as uncached_input_tokens, (hash(i + 4) % 3000)::bigint as cache_read_tokens,
        0::bigint as cache_write_tokens, (hash(i + 5) % 1500)::bigint as output_tokens,
        (hash(i + 6) % 200)::bigint as reasoning_tokens,
        1 + (i * {step}) // 86400000000 + {file} as _source_file_id, i as _source_row,
        timestamp '2026-10-01' as _loaded_at_utc
    from range({rows}) as t(i),
        (select ['openai', 'anthropic', 'google', 'mistral', 'groq'] as providers,
            ['gpt-5-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash', 'mistral-large-latest', 'llama-3.3-70b-versatile']
                as models)
"""


def make_home(home: Path, rows: int) -> Settings:
    """A home with `rows` requests of a month, loaded in time order, a file a day, and today's public prices."""
    settings = Settings.from_env({}, home)
    home.mkdir(parents=True, exist_ok=True)
    ensure_tables(settings.warehouse_path)
    step = DAYS * 86_400_000_000 // rows
    add_events(settings, _EVENTS.format(prefix="evt_", start=FIRST_DAY, step=step, rows=rows, file=0))
    land_prices(settings, now=NOW)
    return settings


def add_one_day(settings: Settings, rows: int) -> None:
    """A new file with one more day of `rows` requests after the history."""
    step = 86_400_000_000 // rows
    add_events(settings, _EVENTS.format(prefix="new_", start="2026-10-01", step=step, rows=rows, file=1000))


def add_events(settings: Settings, select: str) -> None:
    """Insert events and register their files, as landing would."""
    with connect(settings.warehouse_path) as db:
        db.execute("set preserve_insertion_order = true")
        db.execute(f"insert into raw_events.requests by name {select}")
        db.execute(
            "insert into raw_events.files by name "
            "select _source_file_id as file_id, 'canonical/' || _source_file_id || '.parquet' as path, "
            "'canonical' as source_format, 1 as size_bytes, timestamp '2026-10-01' as modified_at_utc, "
            "'hash-' || _source_file_id as content_hash, count(*) as row_count, 0 as quarantined_row_count, "
            "false as is_superseded, timestamp '2026-10-01' as landed_at_utc from raw_events.requests "
            "where _source_file_id not in (select file_id from raw_events.files) group by _source_file_id"
        )
