"""Where a provider's report covers events, each token is counted once and the report is what counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.dbt import tiny_company as company
from tests.support.warehouse import ScratchWarehouse

SELECTED = (
    "--select",
    "+fct_llm_usage_hourly",
    "+fct_llm_requests",
    "+fct_charges",
    "+int_llm_usage_daily",
    "int_exports_of_one_bill",
)
TESTS = (
    "assert_provider_usage_is_conserved",
    "assert_requests_are_conserved",
    "assert_token_totals_are_conserved",
    "assert_hourly_cost_equals_request_cost",
    "assert_daily_usage_equals_hourly",
    "assert_charges_are_conserved",
    "assert_reported_charges_are_conserved",
    "int_llm_usage_hourly",
)
COMPARED = (
    "intermediate.int_events_under_reports",
    "intermediate.int_reported_shares",
    "intermediate.int_llm_usage_hourly",
    "marts.fct_llm_usage_hourly",
)


def event(number: int, hour: int, **values: Any) -> dict[str, Any]:
    """One request of the first day through OpenAI."""
    return {
        "event_id": f"event-{number}",
        "requested_at_utc": company.DAY_ONE + timedelta(hours=hour, minutes=number),
        "provider_name": "OpenAI",
        "requested_model": "gpt-known",
        "project_id": "proj-1",
        "api_key_id": "key-1",
        "_source_file_id": 1,
    } | values


def bucket(hour: int, day: int = 0, **values: Any) -> dict[str, Any]:
    """One row of OpenAI's completions report."""
    start = company.DAY_ONE + timedelta(days=day, hours=hour)
    return {
        "endpoint": "completions",
        "bucket_start_utc": start,
        "bucket_end_utc": start + timedelta(hours=1),
        "project_id": "proj-1",
        "api_key_id": "key-1",
        "model": "gpt-known",
        "is_batch": False,
    } | values


def azure_event(number: int, hour: int, **values: Any) -> dict[str, Any]:
    """One request through Azure."""
    return event(number, hour, provider_name="azure", project_id=None, api_key_id=None, **values)


def metric(name: str, hour: int, subscription: str, quantity: int) -> dict[str, Any]:
    """One hour of a deployment as Azure Monitor counts it; each subscription has one resource."""
    return {
        "hour_start_utc": company.DAY_ONE + timedelta(hours=hour),
        "resource_id": f"/subscriptions/{subscription}/resourceGroups/rg"
        f"/providers/Microsoft.CognitiveServices/accounts/{subscription.replace('sub', 'oai')}",
        "metric": name,
        "aggregation": "total",
        "model_deployment_name": "chat",
        "model_name": "gpt-known",
        "quantity": Decimal(quantity),
    }


def pulled(day: int, status: str) -> dict[str, Any]:
    """State of a pull of the completions report."""
    date = (company.DAY_ONE + timedelta(days=day)).date()
    return {"endpoint": "usage_completions", "usage_date": date, "status": status, "row_count": 1}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """Day one complete (hours 0, 1, 2), day two partial to the end of hour 1."""
    made = ScratchWarehouse.create(tmp_path_factory.mktemp("reports"))
    company.describe_organisation(made)
    company.add_price_list(made, "gpt-known")
    company.resolve(made, "gpt-known", "gpt-known")
    known = {"provider_name": "openai", "model": "gpt-known", "price_provider_id": "openai"}
    made.insert("raw_prices.model_aliases", [known | {"price_model_id": "gpt-known", "price_model_name": "gpt-known"}])
    rows = [
        event(1, 0, feature="chat", output_tokens=60, recorded_cost_usd=Decimal("0.01")),
        event(2, 0, feature="search", output_tokens=30),
        event(3, 1, feature="chat", output_tokens=7),
        event(4, 1, feature="search", output_tokens=7),
        event(5, 1, feature="mail", output_tokens=7),
        event(6, 2, feature="chat", project_id="proj-2", output_tokens=1_000),
        event(7, 5, feature="chat", output_tokens=500),
        event(8, 0, feature="cached", output_tokens=99, is_billable=False),
        event(9, 24, feature="chat", output_tokens=40),
        event(10, 26, feature="late", output_tokens=40),
        event(11, 0, feature="other", output_tokens=40, provider_name="elsewhere"),
        azure_event(21, 0, feature="by name", account_id="OAI-A", uncached_input_tokens=100, output_tokens=10),
        azure_event(22, 0, feature="by host", account_id="oai-b.openai.azure.com", output_tokens=5),
        azure_event(23, 0, feature="declared", account_id="west", output_tokens=5),
        azure_event(24, 0, feature="elsewhere", account_id="sub-c", output_tokens=77),
        azure_event(25, 3, feature="sure", account_id="sub-b", uncached_input_tokens=900, output_tokens=2),
        azure_event(26, 3, feature="no account", uncached_input_tokens=300, output_tokens=30),
        azure_event(
            27, 3, feature="no account either", uncached_input_tokens=50, cache_read_tokens=50, output_tokens=3
        ),
    ]
    company.land_file(made, 1, rows)
    made.insert("raw_org.account_aliases", [{"provider_name": "Azure", "alias": "West", "account_id": "sub-b"}])
    prompt, output = "ProcessedPromptTokens", "GeneratedTokens"
    counted = {
        (0, "sub-a"): (100, 10),
        (0, "sub-b"): (0, 10),
        (3, "sub-a"): (400, 33),
        (3, "sub-b"): (950, 40),
    }
    made.insert(
        "raw_azure.metrics",
        [
            metric(name, hour, subscription, quantity)
            for (hour, subscription), quantities in counted.items()
            for name, quantity in zip((prompt, output), quantities, strict=True)
        ],
    )
    azure_pull = pulled(0, "complete") | {"endpoint": "metrics"}
    made.insert("raw_azure.pulls", [azure_pull])
    made.insert(
        "raw_openai.usage",
        [
            bucket(0, input_tokens=1_000, input_cached_tokens=200, output_tokens=100, num_model_requests=3),
            bucket(1, input_tokens=0, output_tokens=20, num_model_requests=3),
            bucket(2, input_tokens=0, output_tokens=11, num_model_requests=1),
            bucket(2, project_id="proj-2", api_key_id="key-2", output_tokens=5, num_model_requests=1),
            bucket(1, day=1, output_tokens=4, num_model_requests=1),
        ],
    )
    made.insert("raw_openai.pulls", [pulled(0, "complete"), pulled(1, "partial")])
    made.dbt("seed")
    made.dbt("run", *SELECTED)
    return made


def parts(warehouse: ScratchWarehouse, hour: int, meter: str = "output") -> set[tuple[Any, ...]]:
    at = company.DAY_ONE + timedelta(hours=hour)
    return set(
        warehouse.rows(
            "select feature, project_id, is_unseen, event_source, quantity from marts.fct_llm_usage_hourly "
            f"where usage_hour_utc = timestamp '{at}' and meter = '{meter}' and provider_id = 'openai'"
        )
    )


def test_events_say_how_the_report_splits_and_the_rest_is_unseen(warehouse: ScratchWarehouse) -> None:
    assert parts(warehouse, 0) == {
        ("chat", "proj-1", False, "api/openai", 60),
        ("search", "proj-1", False, "api/openai", 30),
        (None, "proj-1", True, "api/openai", 10),
        ("cached", "proj-1", False, "canonical", 99),
    }
    assert parts(warehouse, 0, "cache_read") == {(None, "proj-1", True, "api/openai", 200)}
    assert parts(warehouse, 0, "uncached_input") == {(None, "proj-1", True, "api/openai", 800)}


def test_events_that_count_more_share_the_report_by_largest_remainder(warehouse: ScratchWarehouse) -> None:
    shares = sorted(row[-1] for row in parts(warehouse, 1))
    assert shares == [6, 7, 7]
    assert not any(row[2] for row in parts(warehouse, 1))


def test_an_event_of_another_project_does_not_split_this_one(warehouse: ScratchWarehouse) -> None:
    assert parts(warehouse, 2) == {(None, "proj-1", True, "api/openai", 11), (None, "proj-2", True, "api/openai", 5)}


def test_hours_that_a_complete_report_leaves_out_have_no_usage(warehouse: ScratchWarehouse) -> None:
    assert parts(warehouse, 5) == set()


def test_a_partial_day_covers_events_to_the_end_of_its_newest_hour(warehouse: ScratchWarehouse) -> None:
    assert parts(warehouse, 24) == set()
    assert parts(warehouse, 25) == {(None, "proj-1", True, "api/openai", 4)}
    assert parts(warehouse, 26) == {("late", "proj-1", False, "canonical", 40)}


def azure_parts(warehouse: ScratchWarehouse, hour: int) -> set[tuple[Any, ...]]:
    at = company.DAY_ONE + timedelta(hours=hour)
    return set(
        warehouse.rows(
            "select feature, account_id, event_source, meter, quantity from marts.fct_llm_usage_hourly "
            f"where usage_hour_utc = timestamp '{at}' and meter <> 'request' and provider_id = 'azure'"
        )
    )


def test_events_that_call_an_account_otherwise_are_of_its_report(warehouse: ScratchWarehouse) -> None:
    """A resource's name or host and a declared name are the subscription; one without a report counts beside it."""
    assert azure_parts(warehouse, 0) == {
        ("by name", "sub-a", "api/azure", "uncached_input", 100),
        ("by name", "sub-a", "api/azure", "output", 10),
        ("by host", "sub-b", "api/azure", "output", 5),
        ("declared", "sub-b", "api/azure", "output", 5),
        ("elsewhere", "sub-c", "canonical", "output", 77),
    }


def test_events_without_an_account_go_with_all_meters_where_they_fit(warehouse: ScratchWarehouse) -> None:
    """Sub-b has more of everything, but what its own events leave over does not hold them."""
    assert azure_parts(warehouse, 3) == {
        ("sure", "sub-b", "api/azure", "uncached_input", 900),
        ("sure", "sub-b", "api/azure", "output", 2),
        ("no account", "sub-a", "api/azure", "uncached_input", 300),
        ("no account", "sub-a", "api/azure", "output", 30),
        ("no account either", "sub-a", "api/azure", "uncached_input", 50),
        ("no account either", "sub-a", "api/azure", "cache_read", 50),
        ("no account either", "sub-a", "api/azure", "output", 3),
        (None, "sub-b", "api/azure", "uncached_input", 50),
        (None, "sub-b", "api/azure", "output", 38),
    }


def test_recorded_cost_and_requests_follow_the_split(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select feature, request_count, recorded_cost_usd from marts.fct_llm_usage_hourly "
        "where meter = 'request' and event_source = 'api/openai' and usage_hour_utc = timestamp '2026-03-01' order by 1"
    )
    assert found == [("chat", 1, Decimal("0.01")), ("search", 1, None), (None, 1, None)]


def test_reported_usage_is_priced_like_events(warehouse: ScratchWarehouse) -> None:
    cost = warehouse.value(
        "select sum(list_cost_usd) from marts.fct_llm_usage_hourly "
        "where event_source = 'api/openai' and usage_hour_utc = timestamp '2026-03-01'"
    )
    assert cost == 800 * Decimal("0.0000025") + 200 * Decimal("0.00000125") + 100 * Decimal("0.00001")


def test_every_event_stays_a_request(warehouse: ScratchWarehouse) -> None:
    assert warehouse.value("select count(*) from marts.fct_llm_requests") == 18


def test_conservation_holds(warehouse: ScratchWarehouse) -> None:
    warehouse.dbt("test", "--select", *TESTS, "--exclude", "resource_type:unit_test")


def test_restated_and_new_days_are_rebuilt_as_if_built_anew(warehouse: ScratchWarehouse) -> None:
    warehouse.execute("update raw_openai.usage set output_tokens = 130 where output_tokens = 100")
    warehouse.execute("update raw_openai.pulls set status = 'complete' where status = 'partial'")
    warehouse.insert("raw_openai.usage", [bucket(4, day=2, output_tokens=9, num_model_requests=1)])
    warehouse.dbt("run", *SELECTED)
    assert (None, "proj-1", True, "api/openai", 40) in parts(warehouse, 0)
    assert parts(warehouse, 26) == set()
    assert parts(warehouse, 52) == {(None, "proj-1", True, "api/openai", 9)}
    for table in COMPARED:
        warehouse.execute(f"create or replace table main.{table.split('.')[1]} as select * from {table}")
    warehouse.dbt("run", "--full-refresh", *SELECTED)
    for table in COMPARED:
        kept = f"main.{table.split('.')[1]}"
        assert warehouse.rows(f"select * from {kept} except all select * from {table}") == [], table
        assert warehouse.rows(f"select * from {table} except all select * from {kept}") == [], table
    warehouse.dbt("test", "--select", *TESTS, "--exclude", "resource_type:unit_test")


def test_usage_of_a_report_that_vanished_is_the_events_again(warehouse: ScratchWarehouse) -> None:
    for table in ("raw_openai.usage", "raw_openai.pulls", "raw_azure.metrics", "raw_azure.pulls"):
        warehouse.execute(f"delete from {table}")
    warehouse.dbt("run", *SELECTED)
    assert warehouse.value("select sum(request_count) from marts.fct_llm_usage_hourly") == 18
    assert warehouse.value("select count(*) from marts.fct_llm_usage_hourly where event_source like 'api/%'") == 0


def test_cost_report_is_charged_as_billed_until_a_bill_arrives(warehouse: ScratchWarehouse) -> None:
    day = datetime.fromisoformat("2026-03-01")
    lines = [("gpt-4o-2024-08-06, input", "0.123456789012"), ("gpt-4o-2024-08-06, output", "7.5"), ("credit", "-1")]
    warehouse.insert(
        "raw_openai.costs",
        [
            {
                "bucket_start_utc": day + timedelta(days=number),
                "bucket_end_utc": day + timedelta(days=number + 1),
                "project_id": "proj-1",
                "line_item": item,
                "amount": Decimal(amount),
                "amount_text": amount,
                "currency": "usd",
            }
            for number in range(2)
            for item, amount in lines
        ],
    )
    exported = {"project_id": "proj-1", "organization_id": "org-1", "line_item": lines[1][0], "currency": "usd"}
    warehouse.insert(
        "raw_billing.openai_costs",
        [
            exported | {"bucket_start_utc": day + timedelta(days=number), "amount": Decimal(9), "amount_text": "9"}
            for number in range(3)
        ],
    )
    warehouse.dbt("run", "--select", "+fct_charges")
    found = warehouse.rows(
        "select charge_date::varchar, charge_source, sub_account_id, charge_description, billed_cost, charge_category "
        "from marts.fct_charges where charge_date = date '2026-03-01' order by billed_cost"
    )
    assert [(row[3], row[4], row[5]) for row in found] == [
        ("credit", Decimal("-1"), "Credit"),
        (lines[0][0], Decimal(lines[0][1]), "Usage"),
        (lines[1][0], Decimal("7.5"), "Usage"),
    ]
    assert {row[1:3] for row in found} == {("openai_api", "proj-1")}
    bill = {
        "charge_period_start_utc": day,
        "charge_period_end_utc": day + timedelta(days=1),
        "provider_name": "OpenAI",
        "billing_account_id": "org-1",
        "charge_category": "Usage",
        "billed_cost": Decimal("6.6"),
        "billed_cost_text": "6.6",
        "billing_currency": "USD",
    }
    warehouse.insert("raw_billing.focus_charges", [bill])
    warehouse.dbt("run", "--select", "+fct_charges")
    by_day = warehouse.rows(
        "select charge_date::varchar, min(charge_source), max(charge_source), sum(billed_cost) from marts.fct_charges "
        "group by 1 order by 1"
    )
    assert by_day == [
        ("2026-03-01", "focus", "focus", Decimal("6.6")),
        ("2026-03-02", "openai_api", "openai_api", Decimal("6.623456789012")),
        ("2026-03-03", "openai_dashboard", "openai_dashboard", Decimal(9)),
    ]
    warehouse.dbt("test", "--select", "assert_reported_charges_are_conserved", "int_charges_openai_dashboard")
