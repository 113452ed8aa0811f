"""A scratch warehouse with one October written down by hand, and the models of total cost of ownership built on it.

Put here: rows and the one build. Keep out: expectations.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.warehouse import ScratchWarehouse

MODELS = (
    "provider_aliases kpi_definitions stg_org__tco_items stg_org__personnel stg_org__business_metrics "
    "stg_org__kpi_targets stg_org__tco_scenarios stg_org__commitments stg_org__fx_rates int_fx_rates "
    "int_own_cost_items int_tco_item_days "
    "int_tco_costs_daily int_charges_by_category int_charge_costs_monthly int_provider_costs_daily int_kpi_days "
    "fct_tco_monthly rpt_cost_by_category_daily rpt_tco_summary_monthly "
    "rpt_tco_breakdown_monthly rpt_tco_scenarios_monthly rpt_infrastructure_summary rpt_kpis_daily rpt_kpis "
    "rpt_unit_economics_monthly "
    "fct_commitment_usage_hourly int_commitment_days rpt_commitments_monthly"
).split()
MONEY = "decimal(38,12)"
CHARGE = (
    f"charge_key varchar, charge_date date, charge_period_end_utc timestamp, provider_id varchar, cost_kind varchar, "
    f"charge_category varchar, service_name varchar, service_category varchar, charge_description varchar, "
    f"sku_id varchar, sku_meter varchar, resource_id varchar, spend_usd {MONEY}, billed_cost_usd {MONEY}, "
    f"effective_cost {MONEY}, billing_currency varchar, commitment_discount_id varchar, "
    f"commitment_discount_status varchar, pricing_category varchar, consumed_quantity {MONEY}, "
    f"consumed_unit varchar, pricing_quantity {MONEY}, pricing_unit varchar"
)
TABLES = {
    "intermediate.int_charges_to_allocate": CHARGE,
    "intermediate.int_charges": CHARGE,
    "intermediate.int_llm_usage_daily": (
        f"usage_date date, provider_id varchar, account_id varchar, user_id varchar, feature varchar, "
        f"customer_id varchar, request_count bigint, input_tokens bigint, output_tokens bigint, spend_usd {MONEY}, "
        f"contracted_cost_usd {MONEY}, unknown_spend_row_count bigint, unknown_cost_row_count bigint"
    ),
    "intermediate.int_llm_usage_hourly": "usage_date date",
    "intermediate.int_bill_coverage": "provider_id varchar, account_id varchar, usage_date date",
    "intermediate.int_gpu_costs_daily": (
        f"usage_date date, host varchar, gpu_name varchar, cost_basis varchar, cost_usd {MONEY}, "
        "unknown_cost_item_count bigint"
    ),
    "intermediate.int_gpu_usage_hourly": (
        f"usage_date date, usage_hour_utc timestamp, host varchar, gpu_id varchar, gpu_name varchar, "
        f"gpu_type varchar, team_id varchar, used_seconds {MONEY}, idle_seconds {MONEY}, no_telemetry_seconds {MONEY}"
    ),
    "intermediate.int_infrastructure_rates": "resource_type varchar, sku varchar, provider varchar, gpu_type varchar",
    "intermediate.int_dates": "date_day date",
    "staging.stg_adjustments__price_adjustments": (
        f"usage_date date, provider_id varchar, account_id varchar, contracted_difference_usd {MONEY}"
    ),
    "marts.dim_budgets": (
        f"scope_type varchar, counts varchar, period varchar, amount_usd {MONEY}, valid_from_utc timestamp, "
        "valid_to_utc timestamp"
    ),
    "marts.rpt_projection_accuracy": (
        f"scope_type varchar, cost_kind varchar, period_start_date date, trained_through_date date, "
        f"forecast_cost_usd {MONEY}, scored_at_utc timestamp"
    ),
    "marts.rpt_cost_monthly": "month_start_date date, cache_read_tokens bigint, input_tokens bigint",
    "marts.fct_llm_usage_hourly": (
        f"provider_id varchar, model_id varchar, team_id varchar, usage_hour_utc timestamp, usage_date date, "
        f"quantity bigint, is_token boolean, contracted_cost_usd {MONEY}"
    ),
}


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def charge(when: str, provider: str, service: str, usd: str, **more: Any) -> dict[str, Any]:
    """A line of a bill in US dollars."""
    amount = Decimal(usd)
    return {
        "charge_date": day(when), "provider_id": provider, "service_name": service, "cost_kind": "infrastructure",
        "charge_category": "Usage", "spend_usd": amount, "billed_cost_usd": amount, "effective_cost": amount,
        "billing_currency": "USD", **more,
    }  # fmt: skip


EC2 = "Amazon Elastic Compute Cloud"
CHARGES = [
    charge("2026-09-10", "openai", "API", "204", cost_kind="llm"),
    charge("2026-10-05", "openai", "API", "3000", cost_kind="llm"),
    charge("2026-10-10", "aws", EC2, "600", charge_description="BoxUsage:m5.large instance", resource_id="i-1",
           commitment_discount_id="sp-1", commitment_discount_status="Used"),
    charge("2026-10-10", "aws", EC2, "400", charge_description="BoxUsage:m5.large instance", resource_id="i-2"),
    charge("2026-10-10", "aws", EC2, "1000", charge_description="BoxUsage:p5.48xlarge", resource_id="i-3"),
    charge("2026-10-10", "aws", "Amazon EBS", "400", charge_description="volume of gp3", consumed_unit="GB-Mo",
           consumed_quantity=Decimal(5000)),
    charge("2026-10-10", "aws", "AWS Data Transfer", "90", charge_description="egress to the internet"),
    charge("2026-10-10", "aws", "Amazon OpenSearch", "110", service_category="Analytics"),
    charge("2026-10-10", "aws", "AWS Support", "30", charge_category="Purchase"),
]  # fmt: skip
USAGE = [
    {"usage_date": day("2026-10-05"), "provider_id": "openai", "account_id": "org", "user_id": "u2", "feature": "f2",
     "request_count": 9000, "input_tokens": 8_000_000, "output_tokens": 1_000_000, "spend_usd": Decimal(2900),
     "contracted_cost_usd": Decimal(2900), "unknown_spend_row_count": 0, "unknown_cost_row_count": 0},
    {"usage_date": day("2026-10-06"), "provider_id": "groq", "user_id": "u1", "feature": "f1", "customer_id": "c1",
     "request_count": 1000, "input_tokens": 900_000, "output_tokens": 100_000, "spend_usd": Decimal(100),
     "contracted_cost_usd": Decimal(100), "unknown_spend_row_count": 2, "unknown_cost_row_count": 2},
    {"usage_date": day("2026-10-07"), "provider_id": "groq", "request_count": 0, "input_tokens": 0, "output_tokens": 0,
     "unknown_spend_row_count": 0, "unknown_cost_row_count": 0},
]  # fmt: skip
REFERENCE = (
    ("Datadog/Monitoring", "software_licenses", 5000), ("PagerDuty", "software_licenses", 500),
    ("GitHub Enterprise", "software_licenses", 2000), ("Slack", "software_licenses", 1000),
    ("Security Tools", "security_compliance", 3000), ("Development Tools", "software_licenses", 2000),
    ("AWS Support", "support_maintenance", 3000), ("Database Support", "support_maintenance", 1500),
    ("SOC 2 Audit", "security_compliance", 2500), ("Security Assessments", "security_compliance", 1000),
    ("Training", "overhead", 2000),
)  # fmt: skip
"""Overhead of a month by D35, in June only."""
ITEMS = [
    {"item_id": "tools", "category": "overhead", "amount": Decimal(310), "period": "month"},
    {"item_id": "plan", "category": "support_maintenance", "cost_behavior": "semi_variable", "amount": Decimal(155),
     "period": "month", "vendor_name": "Example Ltd", "quantity": Decimal(5), "unit": "seats", "tags": "env=prod",
     "notes": "renewed"},
    {"item_id": "rack", "category": "infrastructure", "cost_behavior": "one_time", "amount": Decimal(10960),
     "period": "once", "amortization_months": Decimal(36), "provider_name": "On_Premise",
     "valid_from_utc": at("2026-01-01")},
    {"item_id": "labels", "category": "data_annotation", "amount": Decimal(31), "period": "month"},
    {"item_id": "yearly", "category": "software_licenses", "amount": Decimal(3650), "period": "year",
     "valid_from_utc": at("2026-06-01"), "valid_to_utc": at("2026-08-01")},
    *({"item_id": item, "category": category, "amount": Decimal(usd), "period": "month",
       "valid_from_utc": at("2026-06-01"), "valid_to_utc": at("2026-07-01")} for item, category, usd in REFERENCE),
]  # fmt: skip
ROWS = {
    "intermediate.int_charges_to_allocate": CHARGES,
    "intermediate.int_charges": CHARGES,
    "intermediate.int_llm_usage_daily": USAGE,
    "intermediate.int_llm_usage_hourly": [{"usage_date": day("2026-06-01")}, {"usage_date": day("2026-10-31")}],
    "intermediate.int_bill_coverage": [
        {"provider_id": "openai", "account_id": "org", "usage_date": day("2026-10-05")}
    ],
    "intermediate.int_gpu_costs_daily": [
        {"usage_date": day("2026-10-10"), "host": "h1", "gpu_name": "NVIDIA L4", "cost_basis": "rated",
         "cost_usd": Decimal(200), "unknown_cost_item_count": 0},
        {"usage_date": day("2026-10-10"), "host": "i-3", "gpu_name": "NVIDIA H100", "cost_basis": "billed",
         "cost_usd": Decimal(0), "unknown_cost_item_count": 0},
    ],
    "intermediate.int_gpu_usage_hourly": [
        {"usage_date": day("2026-10-10"), "usage_hour_utc": at(f"2026-10-10T{hour:02}:00"), "host": "h1", "gpu_id": "0",
         "gpu_name": "NVIDIA L4", "gpu_type": "l4-24gb", "used_seconds": Decimal(1800), "idle_seconds": Decimal(1800),
         "no_telemetry_seconds": Decimal(0)}
        for hour in range(10)
    ],
    "intermediate.int_infrastructure_rates": [
        {"resource_type": "instance_hour", "sku": "p5.48xlarge", "provider": "aws", "gpu_type": "h100-80gb"}
    ],
    "intermediate.int_dates": [{"date_day": day("2026-06-01") + timedelta(days=n)} for n in range(183)],
    "marts.dim_budgets": [
        {"scope_type": "global", "counts": "total", "period": "month", "amount_usd": Decimal(10_000),
         "valid_from_utc": at("2026-10-01"), "valid_to_utc": at("2200-01-01")},
        {"scope_type": "global", "counts": "llm", "period": "month", "amount_usd": Decimal(1),
         "valid_from_utc": at("1900-01-01"), "valid_to_utc": at("2200-01-01")},
    ],
    "marts.rpt_projection_accuracy": [
        {"scope_type": scope, "cost_kind": kind, "period_start_date": day("2026-09-01"),
         "trained_through_date": day(through), "forecast_cost_usd": Decimal(usd), "scored_at_utc": at(through)}
        for scope, kind, through, usd in [
            ("total", "llm", "2026-08-20", "999"), ("total", "llm", "2026-08-31", "200"),
            ("cost_kind", "infrastructure", "2026-08-31", "300"), ("cost_kind", "own", "2026-08-31", "3300"),
            ("total", "llm", "2026-09-15", "777"), ("team", "llm", "2026-08-31", "5"),
        ]
    ],
    "marts.rpt_cost_monthly": [
        {"month_start_date": day("2026-10-01"), "cache_read_tokens": 30, "input_tokens": 100}
    ],
    "marts.fct_llm_usage_hourly": [
        {"provider_id": "groq", "model_id": "m", "team_id": team, "usage_hour_utc": at("2026-10-06T10:00"),
         "usage_date": day("2026-10-06"), "quantity": tokens, "is_token": is_token,
         "contracted_cost_usd": Decimal(usd)}
        for team, tokens, is_token, usd in [
            ("t1", 60_000, True, "0.6"), ("t2", 180_000, True, "1.8"), ("t2", 50, False, "0")
        ]
    ],
}  # fmt: skip


@pytest.fixture(scope="session")
def tco(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """Everything above, built once."""
    scratch = ScratchWarehouse.create(tmp_path_factory.mktemp("tco"))
    with scratch.connection() as connection:
        for table, columns in TABLES.items():
            connection.execute(f"create schema if not exists {table.partition('.')[0]}")
            connection.execute(f"create table {table} ({columns})")
            for row in ROWS.get(table, []):
                marks = ", ".join("?" for _ in row)
                connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))
    items = [{"item_name": item["item_id"], "cost_behavior": "fixed", "currency": "USD", **item} for item in ITEMS]
    scratch.insert("raw_org.tco_items", items)
    scratch.insert(
        "raw_org.personnel",
        [{"role_id": "ml", "role_name": "ML engineer", "role_type": "engineering", "annual_cost": Decimal(36_500),
          "currency": "USD", "headcount": Decimal(2), "team_id": "t1"}],
    )  # fmt: skip
    october = {"valid_from_utc": at("2026-10-01"), "valid_to_utc": at("2026-11-01")}
    scratch.insert(
        "raw_org.business_metrics",
        [
            {"metric": "documents", "value": Decimal(50_000), **october},
            {"metric": "user_actions", "value": Decimal(310_000), **october},
            {"metric": "revenue_usd", "value": Decimal(12_000), **october},
            {"metric": "revenue_usd", "subject_type": "customer", "subject_id": "c1", "value": Decimal(150), **october},
        ],
    )
    scratch.insert(
        "raw_org.kpi_targets",
        [{"kpi": "infrastructure_unit_cost", "target": Decimal(300), "warning": Decimal(400)}],
    )
    scratch.insert(
        "raw_org.commitments",
        [{"commitment_id": "ptu", "commitment_name": "PTU", "commitment_type": "gcp_gsu", "provider_name": "Groq",
          "model": "M", "quantity": Decimal(2), "hourly_usd": Decimal("1.5"), "upfront_usd": Decimal(365),
          "total_hourly_usd": Decimal(3), "total_upfront_usd": Decimal(730), "tokens_per_minute": Decimal(1000),
          "term_months": Decimal(12), "team_id": "t1", "valid_from_utc": at("2026-10-01"),
          "valid_to_utc": at("2027-10-01")}],
    )  # fmt: skip
    scratch.insert(
        "raw_org.tco_scenarios",
        [
            {"scenario_id": "cheaper", "scenario_name": "Cheaper", **change, "_source_row": row}
            for row, change in enumerate([
                {"cost_group": "llm_api", "change_pct": Decimal(-30)},
                {"category": "overhead", "monthly_usd": Decimal(15), "one_time_usd": Decimal(1800)},
                {"category": "overhead", "change_pct": Decimal(100)},
                {"provider_name": "Groq", "change_pct": Decimal(-100)},
            ])
        ],
    )  # fmt: skip
    scratch.dbt("build", "--select", *MODELS, "--exclude", "resource_type:unit_test", "resource_type:test")
    return scratch
