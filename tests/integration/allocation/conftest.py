"""A scratch warehouse with ten thousand random companies, allocated by the models as they are."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ingestion.raw_schemas import arrow_schema
from tests.integration.allocation.scenarios import Companies, Row, make_companies
from tests.support.warehouse import ScratchWarehouse

COMPANIES = 10_000
FIRST = (
    "provider_aliases",
    "tag_key_spellings",
    "stg_org__tag_keys",
    "int_tag_key_spellings",
    "stg_org__allocation_rules",
    "stg_org__service_shares",
    "stg_org__projects",
    "stg_org__teams",
    "stg_org__ownership",
    "stg_org__tco_items",
    "stg_org__personnel",
    "int_own_cost_items",
    "stg_adjustments__price_adjustments",
    "int_ownership",
)
MODELS = (
    *("int_allocation_rules", "int_allocation_day_fingerprints", "int_spend_lines", "int_allocation_rebuild_days"),
    *("int_rule_scopes", "int_evidence_shares", "int_portions_owned", "int_rule_shares", "int_portions_shared"),
    "int_allocated_costs_daily",
    "fct_allocated_costs_daily",
)
TEXTS = (
    "spend_item_type provider_id account_id billing_account_id project_id workspace_id api_key_id user_id team_id "
    "customer_id feature environment model_id charge_category service_name tags cost_kind cost_basis owner_lookup_key"
).split()
MONEY = ("spend_usd", "list_cost_usd", "metered_cost_usd")
COUNTS = ("spend_item_count", "unknown_cost_item_count", "request_count", "input_tokens", "output_tokens")
ITEMS = pa.schema(
    [pa.field(name, pa.string()) for name in TEXTS]
    + [pa.field(name, pa.decimal128(38, 12)) for name in MONEY]
    + [pa.field(name, pa.int64()) for name in COUNTS]
    + [pa.field(name, pa.date32()) for name in ("usage_date", "charge_last_date")]
    + [pa.field("is_llm_charge", pa.bool_())]
)
OWNERS = pa.schema([pa.field(name, pa.string()) for name in (
    "owner_lookup_key", "allocation_method", "team_id", "owner_project_id", "cost_center_id")])  # fmt: skip


MADE_OF = (
    "create view intermediate.int_charges_to_allocate as select usage_date as charge_date, provider_id, "
    "billing_account_id, project_id as sub_account_id, model_id, charge_category, service_name, tags, is_llm_charge, "
    "cost_kind, cast(charge_last_date as timestamp) + interval 1 day as charge_period_end_utc, "
    "'USD' as billing_currency, spend_usd as billed_cost_usd, spend_usd, list_cost_usd as list_cost "
    "from intermediate.int_spend_items where spend_item_type = 'charge'",
    "create view intermediate.int_llm_usage_daily as select *, metered_cost_usd as contracted_cost_usd, "
    "spend_item_count as usage_row_count, unknown_cost_item_count as unknown_spend_row_count "
    "from intermediate.int_spend_items where spend_item_type <> 'charge'",
    "create table intermediate.int_tco_costs_daily (usage_date date, item_id varchar, item_name varchar, "
    "category varchar, cost_usd decimal(38, 12))",
    "create table intermediate.int_gpu_costs_daily (usage_date date, host varchar, workload varchar, "
    "namespace varchar, team_id varchar, gpu_name varchar, "
    "cost_basis varchar, cost_usd decimal(38, 12), telemetry_cost_usd decimal(38, 12), gpu_hour_count bigint, "
    "unknown_cost_item_count bigint)",
    "create table intermediate.int_bill_coverage (usage_date date, provider_id varchar, account_id varchar)",
)
"""What spend items are made of, and the fingerprints of their days with them."""


def _columns(schema: pa.Schema) -> str:
    types = {pa.string(): "varchar", pa.int64(): "bigint", pa.date32(): "date", pa.bool_(): "boolean"}
    return ", ".join(f"{field.name} {types.get(field.type, 'decimal(38, 12)')}" for field in schema)


@dataclass
class Allocated:
    """The companies and the warehouse in which they were allocated."""

    warehouse: ScratchWarehouse
    companies: Companies

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The result of a query as dicts."""
        with self.warehouse.connection() as connection:
            return connection.execute(sql).to_arrow_table().to_pylist()


def scratch(folder: Path) -> ScratchWarehouse:
    """A warehouse with what allocation reads, empty, and the views it reads it through."""
    warehouse = ScratchWarehouse.create(folder)
    for statement in (
        "create schema intermediate; create schema marts",
        "create table intermediate.int_dates as select cast(d as date) as date_day from "
        "generate_series(timestamp '2026-01-01', timestamp '2027-12-31', interval 1 day) as days(d)",
        "create table intermediate.int_gpu_usage_hourly "
        "(usage_date date, workload varchar, used_seconds decimal(10, 6))",
        f"create table intermediate.int_spend_items ({_columns(ITEMS)})",
        *MADE_OF,
    ):
        warehouse.execute(statement)
    warehouse.dbt("build", "--select", *FIRST, "--exclude", "resource_type:test")
    return warehouse


def fill(warehouse: ScratchWarehouse, companies: Companies, seed: int = 0) -> None:
    """Replace the contents of all inputs, their rows in a random order of `seed`."""
    chance = random.Random(seed)

    def shuffled(rows: list[Row]) -> list[Row]:
        return chance.sample(rows, len(rows))

    with warehouse.connection() as connection:
        for table, schema, rows in (
            ("intermediate.int_spend_items", ITEMS, companies.items),
            ("intermediate.int_spend_owners", OWNERS, companies.owners),
        ):
            connection.register("incoming", pa.Table.from_pylist(shuffled(rows), schema=schema))
            connection.execute(f"create or replace table {table} as select * from incoming")
        for name, rows in (
            ("allocation_rules", companies.rules),
            ("service_shares", companies.service_shares),
            ("teams", companies.teams),
            ("projects", companies.projects),
        ):
            schema = arrow_schema("raw_org", name)
            connection.register("incoming", pa.Table.from_pylist(shuffled(rows), schema=schema))
            connection.execute(f"create or replace table raw_org.{name} as select * from incoming")


@pytest.fixture(scope="package")
def allocated(tmp_path_factory: pytest.TempPathFactory) -> Allocated:
    """Ten thousand companies, allocated once for all tests here."""
    found = Allocated(scratch(tmp_path_factory.mktemp("allocation")), make_companies(COMPANIES))
    fill(found.warehouse, found.companies)
    found.warehouse.dbt("run", "--select", *MODELS)
    return found
