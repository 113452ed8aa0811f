"""A real LiteLLM price file beside the installed list: what disagrees is listed, and gone with the file."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.config import Settings
from ingestion.sources.prices.pipeline import land
from tests.support.shared_data import shared_data
from tests.support.warehouse import ScratchWarehouse

NOW = datetime.fromisoformat("2026-11-20")
REPORT = ("--select", "stg_prices__model_prices", "stg_prices__other_prices", "rpt_price_conflicts")


def home_of(warehouse: ScratchWarehouse) -> Settings:
    settings = Settings.from_env({}, warehouse.folder)
    settings.org_dir.mkdir(parents=True, exist_ok=True)
    return settings


def test_a_real_file_is_compared_price_by_price(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = shared_data("prices/litellm/litellm_1.109.1_model_prices.json.gz")
    warehouse = ScratchWarehouse.create(tmp_path)
    settings = home_of(warehouse)
    shutil.copy(real, settings.org_dir / "litellm_prices.json.gz")
    report = land(settings, now=NOW)
    assert report.rows_by_table["quarantine"] == 0
    warehouse.dbt("build", *REPORT)

    entries = json.loads(gzip.decompress(real.read_bytes()), parse_float=Decimal)
    rows = warehouse.rows(
        "select other_entry, other_field, other_price_text, other_price_usd_per_unit, list_price_usd_per_unit,"
        " difference_usd_per_unit, conflict_kind, meter, provider_id, model_id, price_variant, context_over_tokens"
        " from marts.rpt_price_conflicts"
    )
    assert len(rows) > 100
    for entry, field, text, other, listed, difference, kind, meter, *_ in rows:
        assert Decimal(text) == Decimal(entries[entry][field]), (entry, field)
        per_unit = Decimal(text) / 1000 if meter == "audio_millisecond" else Decimal(text)
        assert abs(other - per_unit) <= Decimal("5e-13")
        assert other - listed == difference != 0
        assert (kind == "free_in_one") == (0 in (other, listed))
    listed = dict(
        warehouse.rows(
            "select price_row_id, price_usd_per_unit from raw_prices.model_prices where known_to_utc is null"
        )
    )
    keys = warehouse.rows("select price_key, list_price_usd_per_unit from marts.rpt_price_conflicts")
    assert all(listed[key] == price for key, price in keys)

    agreeing = warehouse.value(
        "select count(*) from raw_prices.other_prices as o join raw_prices.model_prices as l on"
        " l.price_provider_id = o.price_provider_id and l.price_model_id = o.price_model_id and l.meter = o.meter"
        " and l.price_variant = o.price_variant and l.context_over_tokens = o.context_over_tokens"
        f" and l.valid_from_utc <= timestamp '{NOW}' and l.valid_to_utc > timestamp '{NOW}'"
        " and l.price_usd_per_unit = o.price_usd_per_unit"
    )
    assert agreeing > 1_000, "the two lists agree far more often than not, else the mapping is wrong"
    with capsys.disabled():
        kinds = warehouse.rows("select conflict_kind, count(*) from marts.rpt_price_conflicts group by 1 order by 1")
        print(f"\n{agreeing:,} prices agree, in conflict: {dict(kinds)}")

    (settings.org_dir / "litellm_prices.json.gz").unlink()
    land(settings, now=NOW)
    assert warehouse.value("select count(*) from raw_prices.other_prices") == 0
