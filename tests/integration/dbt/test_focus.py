"""FOCUS views on a small warehouse with figures worked out by hand, and on real bills where they are here."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.config import Settings
from ingestion.sources.billing.pipeline import land
from tests.integration.dbt.focus_company import PLAN, charged_company
from tests.support.shared_data import shared_data
from tests.support.warehouse import ScratchWarehouse

MODELS = (
    "+focus_cost_and_usage",
    "+focus_invoice_detail",
    "+focus_cost_and_usage_1_2",
    "+rpt_focus_conformance",
    "+rpt_charge_rounding_monthly",
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """The small company's views; the dbt tests of FOCUS pass on it."""
    made = ScratchWarehouse.create(tmp_path_factory.mktemp("focus"))
    charged_company(made)
    build(made)
    return made


def build(made: ScratchWarehouse) -> None:
    cautious = ("--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")
    made.dbt("build", "--select", *MODELS, *cautious)


def charges(warehouse: ScratchWarehouse, columns: str, where: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(f"select {columns} from marts.focus_cost_and_usage where {where} order by all")


def test_names_and_types_are_those_of_the_standard(warehouse: ScratchWarehouse) -> None:
    """1.2 against the table of its specification; 1.4 has 65 columns and the notes say which names came and went."""
    kinds = {
        view: dict(
            warehouse.rows(
                "select column_name, data_type from information_schema.columns "
                f"where table_schema = 'marts' and table_name = '{view}' order by ordinal_position"
            )
        )
        for view in ("focus_cost_and_usage", "focus_cost_and_usage_1_2")
    }
    own = {view: {name for name in names if not name.startswith("x_")} for view, names in kinds.items()}
    newer, older = own["focus_cost_and_usage"], own["focus_cost_and_usage_1_2"]
    assert len(newer) == 65
    assert older - newer == {"ProviderName", "PublisherName"}
    assert newer - older == set(
        "AllocatedMethodDetails AllocatedMethodId AllocatedResourceId AllocatedResourceName AllocatedTags "
        "CommitmentProgramEligibilityDetails ContractApplied HostProviderName InvoiceDetailId "
        "ServiceProviderName".split()
    )
    lines = shared_data("../specs/focus/focus_1.2_columns.md").read_text().splitlines()
    table = [line.split("|") for line in lines if line.startswith("| ") and "---" not in line]
    stated = {cells[1].strip(): cells[5].strip() for cells in table if cells[1].strip() != "ColumnId"}
    types = {"Decimal": "DECIMAL(38,12)", "String": "VARCHAR", "JSON": "VARCHAR", "Date/Time": "TIMESTAMP"}
    assert older == set(stated)
    assert {name: kinds["focus_cost_and_usage_1_2"][name] for name in stated} == {
        name: types[kind] for name, kind in stated.items()
    }


def test_what_a_savings_plan_pays_is_billed_by_its_purchase_only(warehouse: ScratchWarehouse) -> None:
    rows = charges(
        warehouse,
        "ChargeCategory, CommitmentDiscountStatus, BilledCost, EffectiveCost, PricingCategory",
        f"CommitmentDiscountId = '{PLAN}'",
    )
    assert rows == [
        ("Purchase", None, 9, 0, "Committed"),
        ("Usage", "Unused", 0, 2, "Committed"),
        ("Usage", "Used", 0, 7, "Committed"),
    ]
    assert sum(row[2] for row in rows) == sum(row[3] for row in rows) == 9


def test_tokens_of_any_unit_are_tokens_and_millions_by_moving_the_point(warehouse: ScratchWarehouse) -> None:
    rows = charges(
        warehouse,
        "x_Meter, ConsumedQuantity, ConsumedUnit, PricingQuantity, PricingUnit, ListUnitPrice, ListCost",
        "ChargeCategory = 'Usage' and x_ChargeSource in ('focus', 'aws_cur', 'openai_api') and x_Meter is not null",
    )
    exact = [Decimal(number) for number in ("240331", "0.240331", "0.06", "0.01441986")]
    assert ("uncached_input", exact[0], "Tokens", exact[1], "1000000 Tokens", exact[2], exact[3]) in rows
    assert (
        "output",
        1_500_000,
        "Tokens",
        Decimal("1.5"),
        "1000000 Tokens",
        Decimal("0.666667"),
        Decimal("1.0000005"),
    ) in rows
    assert ("uncached_input", 10_500, "Tokens", Decimal("0.0105"), "1000000 Tokens", None, Decimal("0.0002")) in rows
    kept = [row for row in rows if row[4] == "1000 Tokens"]
    assert [(row[1], row[3]) for row in kept] == [(Decimal("0.0000001"), Decimal("1e-10"))], "a digit would be lost"


def test_anthropic_lines_take_their_tokens_from_the_usage_report(warehouse: ScratchWarehouse) -> None:
    rows = charges(
        warehouse,
        "ChargeDescription, ConsumedQuantity, PricingQuantity, x_DerivedColumns like '%ConsumedQuantity%'",
        "x_ChargeSource = 'anthropic_api'",
    )
    assert rows == [
        ("Claude X Usage - Input Tokens", 1_273, Decimal("0.001273"), True),
        ("Claude X Usage - Output Tokens", 10, Decimal("0.00001"), True),
        ("Claude X Usage - Output Tokens, Long Context", 5, Decimal("0.000005"), True),
    ]


def test_taxes_and_models_and_prepayments(warehouse: ScratchWarehouse) -> None:
    (tax,) = charges(
        warehouse,
        "SkuId, SkuPriceId, PricingQuantity, PricingUnit, ConsumedQuantity, PricingCategory",
        "ChargeCategory = 'Tax'",
    )
    assert tax == (None,) * 6
    (details,) = charges(warehouse, "SkuPriceDetails", "SkuId = 'mistral-large, output'")
    assert details == ('{"x_Model":"mistral-large","x_Meter":"output","Tier":"standard"}',)
    prepaid = charges(warehouse, "ChargeCategory, BilledCost, EffectiveCost", "SkuId = 'prepaid'")
    assert prepaid == [("Purchase", 100, 0), ("Usage", 0, 3)]


def test_invoices_and_billing_periods(warehouse: ScratchWarehouse) -> None:
    lines = warehouse.rows(
        "select InvoiceId, ChargeCategory, BilledCost, InvoiceDetailGrain, InvoiceIssueStatus "
        "from marts.focus_invoice_detail order by 1, 2"
    )
    grain = '{"ServiceName":"La Plateforme"}'
    assert lines == [
        ("INV-1", "Credit", -2, grain, "Issued"),
        ("INV-1", "Usage", Decimal("1.0000005"), grain, "Issued"),
        ("INV-2", "Purchase", 100, grain, "Issued"),
    ]
    periods = warehouse.rows(
        "select InvoiceIssuerName, BillingPeriodStatus from marts.focus_billing_period "
        "where InvoiceIssuerName <> 'Odd Inc'"
    )
    others = dict.fromkeys(("Amazon Web Services, Inc.", "OpenAI", "Anthropic"), "Open")
    assert dict(periods) == {"Mistral AI": "Closed"} | others
    assert len(periods) == 4


def test_what_rounding_moved_is_shown_by_source_and_month(warehouse: ScratchWarehouse) -> None:
    rows = warehouse.rows(
        "select charge_source, charge_count, rounded_charge_count, unknown_rounding_charge_count, billed_cost_rounding "
        "from marts.rpt_charge_rounding_monthly where provider_id <> 'odd inc' order by 1"
    )
    assert rows == [
        ("anthropic_api", 3, 0, 0, 0),
        ("aws_cur", 6, 0, 0, 0),
        ("focus", 4, 1, 0, Decimal("4e-13")),
        ("openai_api", 1, 0, 0, 0),
    ]


def test_every_rule_that_a_charge_breaks_is_reported(warehouse: ScratchWarehouse) -> None:
    """The sound charges of the company break none; a credit that corrects an earlier month has no price to check."""
    found = warehouse.rows(
        "select rule, failing_charge_count, example_charge_key from marts.rpt_focus_conformance "
        "where charge_source = 'focus' and failing_charge_count > 0"
    )
    assert {rule: count for rule, count, _ in found} == {
        "consumed_quantity_of_usage": 1,
        "pricing_quantity": 1,
        "list_unit_price": 1,
        "contracted_unit_price": 1,
        "prices_are_not_negative": 1,
        "list_cost": 1,
        "contracted_cost": 1,
        "one_sku_per_price": 2,
        "one_category_per_service": 2,
        "charge_period": 1,
        "billing_period": 1,
        "charge_within_billing_period": 1,
        "charge_frequency": 2,
        "pricing_category_value": 1,
        "commitment_status": 1,
        "capacity_status": 1,
        "service_category": 1,
        "currency": 1,
        "commitment_purchase": 1,
        "commitment_usage": 1,
        "key_values": 1,
    }
    broken = {key for (key,) in charges(warehouse, "x_ChargeKey", "ServiceProviderName = 'Odd Inc'")}
    assert {key for _, _, key in found} <= broken


REAL = {
    "focus": "focus_sample_1_0/focus_sample.csv",
    "aws_cur": "native_samples/sample-anonymous-aws-export-dataset.csv.gz",
    "azure": "native_samples/sample-anonymous-ea-export-dataset.csv",
    "oci": "native_samples/reports_cost-csv_0000000030000269.csv.gz",
}


def test_real_bills_break_only_the_rules_that_the_files_break(tmp_path: Path) -> None:
    """Counts of the FOCUS sample are read from the file itself."""
    real = ScratchWarehouse.create(tmp_path)
    settings = Settings.from_env({"COSTOPS_HOME": str(tmp_path)})
    settings.billing_dir.mkdir(parents=True)
    for part in REAL.values():
        path = shared_data(f"billing/{part}")
        shutil.copy2(path, settings.billing_dir / path.name)
    land(settings, now=datetime(2026, 1, 1, tzinfo=UTC))
    build(real)
    failing = real.rows(
        "select charge_source, rule, failing_charge_count from marts.rpt_focus_conformance "
        "where failing_charge_count > 0"
    )
    found = {(source, rule): count for source, rule, count in failing}
    with shared_data(f"billing/{REAL['focus']}").open(encoding="utf-8-sig") as lines:
        sample = list(csv.DictReader(lines))

    def number(row: dict[str, str], name: str) -> Decimal | None:
        return None if row[name] in ("", "NULL") else Decimal(row[name])

    categories = {(row["ServiceName"], row["ServiceCategory"]) for row in sample}
    several = {name for name, count in Counter(name for name, _ in categories).items() if count > 1}
    assert several == {"Amazon Elastic Compute Cloud"}
    assert found.pop(("focus", "one_category_per_service")) == sum(row["ServiceName"] in several for row in sample)
    assert found.pop(("focus", "prices_are_not_negative")) == sum(
        (number(row, "ContractedUnitPrice") or 0) < 0 for row in sample
    )
    assert found.pop(("focus", "contracted_unit_price")) == sum(
        row["ChargeCategory"] in ("Usage", "Purchase") and number(row, "ContractedUnitPrice") is None for row in sample
    )
    assert found.pop(("oci", "list_unit_price")) == 506, "OCI's report has no list price"
    rest = {
        ("aws_cur", "contracted_cost"),
        ("focus", "charge_within_billing_period"),
        ("focus", "contracted_cost"),
        ("focus", "list_cost"),
    }
    assert set(found) == rest
