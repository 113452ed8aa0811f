"""What dbt makes of the clouds: its unit tests pass, every Bedrock usage type keeps its row and its money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.warehouse import ScratchWarehouse

BEDROCK = "Amazon Bedrock"
EXAMPLES = {
    "USE1-Claude4.6Opus-input-tokens-cross-region-global": ("uncached_input", "standard", "global"),
    "USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global": ("cache_read", "standard", "global"),
    "USE1-Claude4Sonnet-cache-write-input-token-count-1-hour": ("cache_write_1h", "standard", "regional"),
    "USE1-Llama4-Maverick-17B-input-tokens-batch": ("uncached_input", "batch", "regional"),
    "USE1-GPT-OSS-Safeguard-20B-input-tokens-priority": ("uncached_input", "priority", "regional"),
    "USE1-mistral.large-mantle-input-tokens-standard": ("uncached_input", "standard", "regional"),
    "USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global-standard": ("cache_write", "standard", "global"),
    "USE1-NovaLite-input-tokens-custom-model": ("uncached_input", "standard", "custom-model"),
    "USW2-MP:USW2_InputTokenCount-Units": ("uncached_input", "standard", "regional"),
}
MEANINGS = (
    "int_charges_azure_cost_query int_charges_aws_cost_explorer int_charges_gcp int_bedrock_usage_types "
    "rpt_cloud_costs_by_tag_daily rpt_bedrock_usage_daily rpt_provider_utilization_hourly"
).split()
UNKNOWN = "USE1-Something-nobody-has-seen"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """Cost Explorer rows of every example of a usage type, staged."""
    scratch = ScratchWarehouse.create(tmp_path_factory.mktemp("clouds"))
    rows = [
        {
            "report": "cost_daily",
            "period_start_date": date(2026, 8, 1),
            "period_end_date": date(2026, 8, 2),
            "service": BEDROCK,
            "usage_type": usage_type,
            "unblended_cost": Decimal("0.1"),
            "unblended_cost_text": "0.1",
            "currency": "USD",
            "usage_quantity": Decimal("2.5"),
            "usage_quantity_unit": "Units" if "MP:" in usage_type else "1K tokens",
        }
        for usage_type in (*EXAMPLES, UNKNOWN)
    ]
    scratch.insert("raw_aws.cost_explorer", rows)
    scratch.dbt("seed")
    folders = [f"path:models/staging/{name}" for name in ("aws", "azure", "gcp")]
    scratch.dbt(
        "build",
        "--select",
        *folders,
        "stg_billing__aws_cur_line_items",
        *MEANINGS,
        "--exclude",
        "assert_charges_are_conserved",
    )
    return scratch


def test_bedrock_usage_types_are_parsed_into_meter_tier_and_scope(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select usage_type, meter, service_tier, routing_scope, region_code from intermediate.int_bedrock_usage_types"
    )
    assert {row[0]: row[1:4] for row in found if row[0] != UNKNOWN} == EXAMPLES
    assert {row[0]: row[4] for row in found}["USE1-NovaLite-input-tokens-custom-model"] == "USE1"


def test_bedrock_models_come_from_a_mapping_table_with_an_unmapped_bucket(warehouse: ScratchWarehouse) -> None:
    models = dict(warehouse.rows("select usage_type, model_id from intermediate.int_bedrock_usage_types"))
    assert models["USE1-Claude4.6Opus-input-tokens-cross-region-global"] == "global.anthropic.claude-opus-4-6-v1:0"
    assert models["USW2-MP:USW2_InputTokenCount-Units"] == "unmapped"
    assert models[UNKNOWN] == "unmapped"


def test_no_bedrock_row_is_dropped_and_its_money_stays(warehouse: ScratchWarehouse) -> None:
    (found,) = warehouse.rows("select count(*), sum(billed_cost) from marts.rpt_bedrock_usage_daily")
    assert found == (len(EXAMPLES) + 1, Decimal("0.1") * (len(EXAMPLES) + 1))


def test_units_are_tokens_only_where_they_say_so(warehouse: ScratchWarehouse) -> None:
    tokens = dict(warehouse.rows("select usage_type, token_quantity from marts.rpt_bedrock_usage_daily"))
    assert tokens["USE1-NovaLite-input-tokens-custom-model"] == 2500
    assert tokens["USW2-MP:USW2_InputTokenCount-Units"] is None


def test_every_raw_column_is_declared(warehouse: ScratchWarehouse) -> None:
    import yaml

    from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS

    for name in ("aws", "azure", "gcp"):
        path = Path(__file__).parents[4] / f"dbt_project/models/staging/{name}/src_{name}.yml"
        declared = {
            table["name"]: {column["name"]: column["data_type"].upper() for column in table["columns"]}
            for table in yaml.safe_load(path.read_text())["sources"][0]["tables"]
        }
        raw = RAW_SCHEMAS[f"raw_{name}"]
        assert declared == {table: {c: DUCKDB_TYPES[kind] for c, kind in raw[table].items()} for table in raw}
