"""Raw rows of charges small enough to check by hand: a savings plan, tokens in several units, an invoice, reports.

Put here: builders of raw rows. Keep out: expectations.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.support.warehouse import ScratchWarehouse

DAY = datetime.fromisoformat("2026-03-02")
MONTH = {"start": datetime.fromisoformat("2026-03-01"), "end": datetime.fromisoformat("2026-04-01")}
PLAN = "arn:aws:savingsplans::1:savingsplan/sp-1"


def aws(row: int, kind: str, cost: str, **more: Any) -> dict[str, Any]:
    return {
        "bill_payer_account_id": "1",
        "bill_billing_period_start_utc": MONTH["start"],
        "bill_billing_period_end_utc": MONTH["end"],
        "bill_invoicing_entity": "Amazon Web Services, Inc.",
        "bill_billing_entity": "AWS",
        "line_item_line_item_type": kind,
        "line_item_usage_start_utc": DAY,
        "line_item_usage_end_utc": DAY + timedelta(days=1),
        "line_item_product_code": "AmazonBedrock",
        "product_product_name": "Amazon Bedrock",
        "line_item_usage_account_id": "2",
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": Decimal(cost),
        "line_item_unblended_cost_text": cost,
        "_source_row": row,
    } | more


def focus(row: int, **more: Any) -> dict[str, Any]:
    return {
        "billed_cost": Decimal(1),
        "billed_cost_text": "1",
        "effective_cost": Decimal(1),
        "list_cost": Decimal(1),
        "contracted_cost": Decimal(1),
        "billing_account_id": "org",
        "billing_currency": "USD",
        "billing_period_start_utc": MONTH["start"],
        "billing_period_end_utc": MONTH["end"],
        "charge_period_start_utc": DAY,
        "charge_period_end_utc": DAY + timedelta(days=1),
        "charge_category": "Usage",
        "provider_name": "Mistral AI",
        "invoice_issuer_name": "Mistral AI",
        "service_name": "La Plateforme",
        "service_category": "AI and Machine Learning",
        "focus_version": "1.2",
        "_source_file_id": 2,
        "_source_row": row,
    } | more


def broken_charges() -> list[dict[str, Any]]:
    """Two charges of one issuer that break as many rules as they can, and the rest none."""
    odd = {"provider_name": "Odd Inc", "invoice_issuer_name": "Odd Inc", "service_name": "Odd", "sku_price_id": "odd"}
    usage = {
        "service_category": "Nonsense",
        "billing_currency": "XYZ",
        "charge_frequency": "Sometimes",
        "pricing_category": "Weird",
        "charge_period_end_utc": DAY - timedelta(days=1),
        "billing_period_end_utc": DAY - timedelta(days=9),
        "capacity_reservation_id": "c",
        "capacity_reservation_status": "Maybe",
        "commitment_discount_id": "d",
        "tags": "[1]",
        "sku_id": "odd 1",
        "pricing_quantity": Decimal(5),
        "list_unit_price": Decimal(-1),
        "list_cost": Decimal(7),
        "contracted_unit_price": Decimal("0.25"),
        "contracted_cost": Decimal("1.5"),
    }
    purchase = {
        "charge_category": "Purchase",
        "charge_frequency": "Usage-Based",
        "commitment_discount_id": "d",
        "sku_id": "odd 2",
        "service_category": "Compute",
    }
    return [focus(8, **odd | usage), focus(9, **odd | purchase)]


def charged_company(warehouse: ScratchWarehouse) -> None:
    """Bills of AWS and of Mistral in FOCUS, cost reports of OpenAI and Anthropic, one usage report."""
    warehouse.insert(
        "raw_prices.model_catalog",
        [
            {"price_provider_id": provider, "price_model_id": model}
            for provider, model in (("mistral", "mistral-large"), ("openai", "gpt-x"), ("anthropic", "claude-x"))
        ],
    )
    tokens = {
        "line_item_usage_type": "USE1-NovaLite-input-tokens",
        "product_sku": "SKU1",
        "pricing_rate_code": "SKU1.A.B",
    }
    warehouse.insert(
        "raw_billing.aws_cur_line_items",
        [
            aws(
                1,
                "SavingsPlanCoveredUsage",
                "10",
                savings_plan_savings_plan_arn=PLAN,
                savings_plan_savings_plan_effective_cost=Decimal(7),
                line_item_usage_type="BoxUsage",
                product_sku="SKU2",
            ),
            aws(2, "SavingsPlanNegation", "-10", savings_plan_savings_plan_arn=PLAN, line_item_usage_type="BoxUsage"),
            aws(
                3,
                "SavingsPlanRecurringFee",
                "9",
                savings_plan_savings_plan_arn=PLAN,
                product_sku="SKU3",
                savings_plan_total_commitment_to_date=Decimal(9),
                savings_plan_used_commitment=Decimal(7),
            ),
            aws(
                4,
                "Usage",
                "0.0144198600",
                pricing_unit="1K tokens",
                line_item_usage_amount=Decimal("240.331"),
                line_item_unblended_rate=Decimal("0.00006"),
                pricing_public_on_demand_rate=Decimal("0.00006"),
                pricing_public_on_demand_cost=Decimal("0.01441986"),
                **tokens,
            ),
            aws(5, "Usage", "0", pricing_unit="1K tokens", line_item_usage_amount=Decimal("0.0000000001"), **tokens),
            aws(6, "Tax", "0.5", line_item_usage_amount=Decimal(1), product_sku="SKU1"),
        ],
    )
    warehouse.insert(
        "raw_billing.focus_charges",
        [
            focus(
                1,
                sku_meter="Output Tokens",
                sku_id="mistral-large, output",
                sku_price_id="p1",
                consumed_unit="tokens",
                consumed_quantity=Decimal(1_500_000),
                pricing_unit="Tokens",
                pricing_quantity=Decimal(1_500_000),
                list_unit_price=Decimal("0.000000666667"),
                contracted_unit_price=Decimal("0.000000666667"),
                list_cost=Decimal("1.0000005"),
                contracted_cost=Decimal("1.0000005"),
                billed_cost=Decimal("1.0000005"),
                billed_cost_text="1.0000005000004",
                sku_price_details='{"Tier":"standard"}',
                invoice_id="INV-1",
            ),
            focus(
                2,
                charge_category="Credit",
                billed_cost=Decimal(-2),
                billed_cost_text="-2",
                list_cost=Decimal(-2),
                contracted_cost=Decimal(-2),
                effective_cost=Decimal(-2),
                invoice_id="INV-1",
                charge_class="Correction",
            ),
            focus(
                3,
                charge_category="Purchase",
                charge_frequency="One-Time",
                effective_cost=Decimal(0),
                sku_id="prepaid",
                billed_cost=Decimal(100),
                billed_cost_text="100",
                list_cost=Decimal(100),
                contracted_cost=Decimal(100),
                pricing_quantity=Decimal(100),
                pricing_unit="Credits",
                list_unit_price=Decimal(1),
                invoice_id="INV-2",
                contracted_unit_price=Decimal(1),
            ),
            focus(
                4,
                sku_id="prepaid",
                billed_cost=Decimal(0),
                billed_cost_text="0",
                effective_cost=Decimal(3),
                list_cost=Decimal(3),
                contracted_cost=Decimal(3),
                consumed_quantity=Decimal(3),
                consumed_unit="Credits",
                pricing_unit="Credits",
                pricing_quantity=Decimal(3),
                list_unit_price=Decimal(1),
                contracted_unit_price=Decimal(1),
            ),
            *broken_charges(),
        ],
    )
    landed = datetime.fromisoformat("2026-04-06")
    warehouse.insert(
        "raw_billing.files",
        [
            {"file_id": number, "path": str(number), "is_superseded": False, "landed_at_utc": landed}
            for number in (1, 2)
        ],
    )
    report = {"bucket_start_utc": DAY, "bucket_end_utc": DAY + timedelta(days=1), "currency": "usd"}
    warehouse.insert(
        "raw_openai.costs",
        [
            report
            | {
                "line_item": "text-embedding-3-small, input_tokens",
                "amount": Decimal("0.0002"),
                "amount_text": "2e-4",
                "quantity": Decimal("10.5"),
                "quantity_unit": "1000_tokens",
                "project_id": "proj_1",
            }
        ],
    )
    usage_hour = {
        "bucket_start_utc": DAY,
        "bucket_end_utc": DAY + timedelta(hours=1),
        "model": "claude-x",
        "workspace_id": "w",
    }
    hour = usage_hour | {"service_tier": "standard", "inference_geo": "global"}
    line = report | {"model": "claude-x", "workspace_id": "w", "service_tier": "standard", "inference_geo": "global"}
    warehouse.insert(
        "raw_anthropic.messages_usage",
        [
            hour | {"context_window": "0-200k", "uncached_input_tokens": 1_000, "output_tokens": 10, "api_key_id": "a"},
            hour | {"context_window": "0-200k", "uncached_input_tokens": 273, "output_tokens": 0, "api_key_id": "b"},
            hour | {"context_window": "200k-1M", "uncached_input_tokens": 0, "output_tokens": 5, "api_key_id": "b"},
        ],
    )
    warehouse.insert(
        "raw_anthropic.cost_report",
        [
            line
            | {
                "description": "Claude X Usage - Input Tokens",
                "cost_type": "tokens",
                "context_window": "0-200k",
                "token_type": "uncached_input_tokens",
                "amount": Decimal("0.003819"),
                "amount_text": "0.003819",
            },
            line
            | {
                "description": "Claude X Usage - Output Tokens",
                "cost_type": "tokens",
                "context_window": "0-200k",
                "token_type": "output_tokens",
                "amount": Decimal("0.1"),
                "amount_text": "0.1",
            },
            line
            | {
                "description": "Claude X Usage - Output Tokens, Long Context",
                "cost_type": "tokens",
                "context_window": "200k-1M",
                "token_type": "output_tokens",
                "amount": Decimal("0.2"),
                "amount_text": "0.2",
            },
        ],
    )
