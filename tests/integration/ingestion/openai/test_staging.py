"""The staging views of OpenAI: built by dbt over an empty warehouse, with their unit tests, and over real rows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from tests.support.warehouse import ScratchWarehouse


def test_usage_becomes_disjoint_meters_and_costs_become_charges(tmp_path: Path) -> None:
    warehouse = ScratchWarehouse.create(tmp_path)
    day = datetime(2026, 2, 1, tzinfo=UTC).replace(tzinfo=None)
    tokens = {"input_tokens": 1000, "input_cached_tokens": 300, "input_audio_tokens": 60}
    tokens |= {"input_cache_write_tokens": 40}
    hour = {"endpoint": "completions", "bucket_start_utc": day}
    speech = {"endpoint": "audio_transcriptions", "bucket_start_utc": day, "seconds": Decimal("12.345")}
    warehouse.insert("raw_openai.usage", [hour | tokens | {"output_tokens": 9}, speech])
    cost = {"bucket_start_utc": day, "amount": Decimal("1.000000000001"), "currency": "usd"}
    warehouse.insert("raw_openai.costs", [cost | {"line_item": "gpt-5, input_tokens", "amount_text": "1.000000000001"}])
    warehouse.dbt("build", "--select", "staging.openai")
    meters = "uncached_input_tokens, cache_read_tokens, cache_write_tokens, audio_input_tokens, output_tokens"
    assert warehouse.rows(f"select {meters} from staging.stg_openai__usage where endpoint = 'completions'") == [
        (600, 300, 40, 60, 9)
    ]
    assert warehouse.rows("select max(audio_milliseconds) from staging.stg_openai__usage") == [(12345,)]
    charges = "select billed_cost, billing_currency, model, line_item_kind from staging.stg_openai__costs"
    assert warehouse.rows(charges) == [(Decimal("1.000000000001"), "USD", "gpt-5", "input_tokens")]
