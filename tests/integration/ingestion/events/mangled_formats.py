"""The event formats that are mangled: one good record each, and what makes it bad.

Put here: an `EventFormat` per format, added to `FORMATS`. Keep out: damage to lines and bytes (`mangling`).
"""

from __future__ import annotations

from tests.integration.ingestion.events.mangling import EventFormat, Record


def _canonical(event_id: str) -> Record:
    return {
        "event_id": event_id,
        "requested_at_utc": "2026-05-06T21:54:08.778215Z",
        "provider_name": "openai",
        "requested_model": "gpt-5-nano",
        "feature": "search",
        "uncached_input_tokens": 100,
        "cache_read_tokens": 20,
        "output_tokens": 50,
        "reasoning_tokens": 10,
        "recorded_cost_usd": "0.002987",
    }


CANONICAL = EventFormat(
    folder="canonical",
    record=_canonical,
    spoil={
        "negative tokens": lambda record: record | {"output_tokens": -5},
        "wrong type": lambda record: record | {"uncached_input_tokens": "many"},
        "fraction": lambda record: record | {"cache_read_tokens": 1.5},
        "past": lambda record: record | {"requested_at_utc": "1970-01-01T00:00:00Z"},
        "future": lambda record: record | {"requested_at_utc": "2187-01-01T00:00:00Z"},
        "no time": lambda record: record | {"requested_at_utc": None},
        "no date": lambda record: record | {"requested_at_utc": "yesterday"},
        "no model": lambda record: record | {"requested_model": None},
        "negative cost": lambda record: record | {"recorded_cost_usd": "-1"},
        "part exceeds whole": lambda record: record | {"reasoning_tokens": 51},
        "huge": lambda record: record | {"output_tokens": 10**30},
    },
    text_field="feature",
    containers=(".jsonl", ".csv", ".parquet", ".jsonl.gz", ".csv.gz"),
)

MAPPING = """
time_zone: Europe/Berlin
input_includes_cached: true
columns:
  event_id: call
  requested_at_utc: {from: [day, clock], format: "%d.%m.%Y %H:%M:%S"}
  provider_name: {constant: openai}
  requested_model: engine
  feature: purpose
  input_tokens: prompt
  cache_read_tokens: cached
  output_tokens: completion
  recorded_cost_usd: {from: cents, unit: cents, currency: USD}
"""


def _mapped(event_id: str) -> Record:
    return {
        "call": event_id,
        "day": "06.05.2026",
        "clock": "21:54:08",
        "engine": "gpt-5-nano",
        "purpose": "search",
        "prompt": 100,
        "cached": 20,
        "completion": 50,
        "cents": "0.29",
    }


MAPPED = EventFormat(
    folder="mapped/ledger",
    record=_mapped,
    spoil={
        "negative tokens": lambda record: record | {"completion": -5},
        "wrong type": lambda record: record | {"prompt": "many"},
        "more cached than input": lambda record: record | {"cached": 101},
        "past": lambda record: record | {"day": "06.05.1926"},
        "future": lambda record: record | {"day": "06.05.2126"},
        "other date": lambda record: record | {"day": "2026-05-06"},
        "no time": lambda record: record | {"clock": None},
        "negative cost": lambda record: record | {"cents": "-3"},
    },
    text_field="purpose",
    containers=(".csv", ".jsonl", ".parquet", ".jsonl.gz", ".csv.gz"),
    beside={"mapping.yml": MAPPING},
)

FORMATS: list[EventFormat] = [CANONICAL, MAPPED]
