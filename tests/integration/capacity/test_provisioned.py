"""Provisioned throughput beside the API and own GPUs, worked out by hand: what a million tokens of it cost.

November has 30 days; use of both providers was seen on the 10th and 11th, so 48 hours count.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.support.warehouse import ScratchWarehouse

D = Decimal
MONEY = "decimal(38,12)"
STUBS = {
    "intermediate.int_dates": "date_day date",
    "intermediate.int_kpi_days": "usage_date date",
    "intermediate.int_own_cost_items": "item_id varchar",
    "intermediate.int_gpu_usage_hourly": "usage_date date",
    "intermediate.int_llm_usage_daily": "provider_id varchar, usage_date date",
    "intermediate.int_charges": (
        f"charge_key varchar, charge_date date, charge_period_end_utc timestamp, resource_id varchar, "
        f"commitment_discount_id varchar, billing_currency varchar, effective_cost {MONEY}, billed_cost_usd {MONEY}"
    ),
    "intermediate.int_served_tokens_daily": (
        f"usage_date date, model_name varchar, prompt_tokens {MONEY}, generation_tokens {MONEY}, "
        f"prefill_seconds {MONEY}, decode_seconds {MONEY}, gpu_cost_usd {MONEY}, used_seconds {MONEY}, "
        f"gpu_seconds {MONEY}, request_count {MONEY}"
    ),
    "intermediate.int_usage_priced_hourly": (
        f"provider_id varchar, model_id varchar, usage_hour_utc timestamp, usage_date date, meter varchar, "
        f"is_token boolean, quantity bigint, billable_quantity bigint, list_cost_usd {MONEY}, "
        f"contracted_cost_usd {MONEY}"
    ),
}
MODELS = (
    "provider_aliases meters stg_org__commitments int_commitment_days int_provisioned_tokens_monthly "
    "rpt_cost_per_million_tokens"
).split()
ARN = "arn:aws:bedrock:us-east-1:1:provisioned-model/abc123"


def usage(provider: str, model: str, hour: str, read: int, written: int, usd: str) -> list[dict[str, Any]]:
    """Tokens of one hour; a million of either costs the same."""
    at, cost = datetime.fromisoformat(hour), D(usd)
    return [
        {"provider_id": provider, "model_id": model, "usage_hour_utc": at, "usage_date": at.date(), "meter": meter,
         "is_token": True, "quantity": tokens, "billable_quantity": tokens,
         "list_cost_usd": 2 * cost * tokens / (read + written), "contracted_cost_usd": cost * tokens / (read + written)}
        for meter, tokens in (("uncached_input", read), ("output", written))
    ]  # fmt: skip


def bought(name: str, kind: str, provider: str, model: str | None, **more: Any) -> dict[str, Any]:
    given = {"quantity": D(1), "hourly_usd": D(1), "total_hourly_usd": D(1), "total_upfront_usd": D(0),
             "tokens_per_minute": D(1000), "valid_from_utc": datetime(2026, 11, 1),  # noqa: DTZ001
             "valid_to_utc": datetime(2027, 11, 1)}  # fmt: skip # noqa: DTZ001
    return {"commitment_id": name, "commitment_type": kind, "provider_name": provider, "model": model} | given | more


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Rows of the mart by offer, provider and model."""
    scratch = ScratchWarehouse.create(tmp_path_factory.mktemp("provisioned"))
    days = [date(2026, 11, 10), date(2026, 11, 11)]
    rows: dict[str, list[dict[str, Any]]] = {
        "intermediate.int_dates": [{"date_day": date(2026, 11, day)} for day in range(1, 31)],
        "intermediate.int_kpi_days": [{"usage_date": date(2026, 11, 1)}, {"usage_date": date(2026, 11, 30)}],
        "intermediate.int_llm_usage_daily": [
            {"provider_id": provider, "usage_date": day} for provider in ("azure", "aws", "google") for day in days
        ],
        "intermediate.int_usage_priced_hourly": [
            *usage("azure", "gpt-4o", "2026-11-10T10:00", 60_000, 30_000, "0.9"),
            *usage("azure", "gpt-4o", "2026-11-10T11:00", 160_000, 80_000, "2.4"),
            *usage("aws", "nova", "2026-11-11T09:00", 30_000, 30_000, "0.6"),
            *usage("aws", "nova-lite", "2026-11-11T09:00", 15_000, 15_000, "0.003"),
        ],
        "intermediate.int_charges": [
            # Half of a month, 20 USD a day, and a credit on one day; another resource is another's.
            {"charge_key": "a", "charge_date": date(2026, 11, 1), "resource_id": ARN, "billing_currency": "USD",
             "charge_period_end_utc": datetime(2026, 11, 16), "billed_cost_usd": D(300)},  # noqa: DTZ001
            {"charge_key": "b", "charge_date": date(2026, 11, 10), "resource_id": ARN, "billing_currency": "USD",
             "charge_period_end_utc": datetime(2026, 11, 11), "billed_cost_usd": D(-4)},  # noqa: DTZ001
            {"charge_key": "c", "charge_date": date(2026, 11, 10), "resource_id": "arn:aws:bedrock:us-east-1:1:x/other",
             "charge_period_end_utc": datetime(2026, 11, 11), "billing_currency": "USD",  # noqa: DTZ001
             "billed_cost_usd": D(999)},
        ],
        "intermediate.int_served_tokens_daily": [
            {"usage_date": days[0], "model_name": "house", "prompt_tokens": D(3_000_000),
             "generation_tokens": D(1_000_000), "gpu_cost_usd": D(20), "used_seconds": D(2700), "gpu_seconds": D(5400),
             "request_count": D(2100),
             "prefill_seconds": D(1), "decode_seconds": D(3)}
        ],
    }  # fmt: skip
    with scratch.connection() as connection:
        for table, columns in STUBS.items():
            connection.execute("create schema if not exists intermediate; create schema if not exists marts")
            connection.execute(f"create table {table} ({columns})")
            for row in rows.get(table, []):
                marks = ", ".join("?" for _ in row)
                connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))
        connection.execute("create view marts.fct_llm_usage_hourly as from intermediate.int_usage_priced_hourly")
    scratch.insert(
        "raw_org.commitments",
        [
            # Two units bought at different times are one pool: 2 × 60,000 tokens and 3 USD an hour.
            bought("first", "azure_ptu", "Azure", "GPT-4o"),
            bought("second", "azure_ptu", "Azure", "gpt-4o", total_hourly_usd=D(2)),
            bought("abc123", "bedrock_provisioned", "aws", None, tokens_per_minute=D(2000)),
            bought("unused", "gcp_gsu", "google", "gemini", total_hourly_usd=D("0.6")),
        ],
    )
    scratch.dbt("build", "--select", *MODELS, "--exclude", "resource_type:unit_test", "resource_type:test")
    with scratch.connection() as connection:
        cursor = connection.execute("from marts.rpt_cost_per_million_tokens")
        names = [column[0] for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {(row["offer"], row["provider_id"], row["model_id"]): row for row in found}


Rows = dict[tuple[str, str, str], dict[str, Any]]


def test_a_pool_serves_at_most_what_an_hour_holds(tokens: Rows) -> None:
    """90,000 at ten, of 240,000 at eleven the 120,000 that two units hold, two thirds of both read: 210,000 for
    48 × 3 USD. It could have served 48 × 120,000."""
    now = tokens["provisioned_throughput", "azure", "gpt-4o"]
    assert (now["input_tokens"], now["output_tokens"], now["cost_usd"]) == (140_000, 70_000, 144)
    assert now["cost_usd_per_million_tokens"] == D("685.714285714286")
    assert now["utilization_ratio"] == D("0.036458333333")
    full = tokens["provisioned_throughput_full", "azure", "gpt-4o"]
    # 144 USD ÷ 5.76 million; by the token 3.3 USD for 0.33 million are 10 a million: at no use is it cheaper.
    assert (full["cost_usd_per_million_tokens"], full["utilization_ratio"]) == (25, 1)
    assert now["provisioned_breakeven_ratio"] == full["provisioned_breakeven_ratio"] == D("2.5")


def test_a_bill_that_names_the_commitment_goes_before_its_file(tokens: Rows) -> None:
    """The bill says 20 - 4 + 20 USD for the two days, the file 48: two thirds of the 90,000 tokens are of one model.
    The pool holds 5.76 million, of which 90,000 are 1.5625 %."""
    nova, lite = (tokens["provisioned_throughput", "aws", model] for model in ("nova", "nova-lite"))
    assert (nova["cost_usd"], lite["cost_usd"]) == (24, 12)
    assert nova["utilization_ratio"] == lite["utilization_ratio"] == D("0.015625")
    full = tokens["provisioned_throughput_full", "aws", "nova"]
    assert (full["cost_usd"], full["cost_usd_per_million_tokens"]) == (D("0.375"), D("6.25"))
    # By the token nova costs 10 a million, its small sister 0.10.
    assert nova["provisioned_breakeven_ratio"] == D("0.625")
    assert lite["provisioned_breakeven_ratio"] == D("62.5")


def test_what_served_nothing_has_a_price_at_full_use_only(tokens: Rows) -> None:
    """48 × 0.6 USD for 48 × 60,000 tokens that nobody asked for."""
    now, full = (tokens[f"provisioned_throughput{end}", "google", "gemini"] for end in ("", "_full"))
    assert (now["cost_usd"], now["cost_usd_per_million_tokens"], now["utilization_ratio"]) == (D("28.8"), None, 0)
    assert (full["cost_usd_per_million_tokens"], full["provisioned_breakeven_ratio"]) == (10, None)


def test_every_way_of_buying_stands_side_by_side_with_its_break_even(tokens: Rows) -> None:
    """Own GPUs cost 5 USD a million half used and 2.50 never idle: a quarter of 10 by the token, a tenth of 25."""
    assert {offer for offer, *_ in tokens} == {
        *("api_list", "api_contracted", "provisioned_throughput", "provisioned_throughput_full"),
        *("own_gpu", "own_gpu_full"),
    }
    own, never_idle = (tokens[offer, "own", "house"] for offer in ("own_gpu", "own_gpu_full"))
    assert (own["cost_usd_per_million_tokens"], never_idle["cost_usd_per_million_tokens"]) == (5, D("2.5"))
    assert own["provisioned_breakeven_ratio"] is None
    # 2,100 requests in an hour and a half of one GPU.
    assert (own["requests_per_gpu_hour"], never_idle["requests_per_gpu_hour"]) == (1400, None)
    listed = tokens["api_list", "azure", "gpt-4o"]
    contracted = tokens["api_contracted", "azure", "gpt-4o"]
    full = tokens["provisioned_throughput_full", "azure", "gpt-4o"]
    prices = [row["cost_usd_per_million_tokens_of_own_mix"] for row in (listed, contracted, full)]
    assert prices == [20, 10, 25]
    assert [row["breakeven_utilization_ratio"] for row in (listed, contracted, full)] == [
        D("0.125"),
        D("0.25"),
        D("0.1"),
    ]
