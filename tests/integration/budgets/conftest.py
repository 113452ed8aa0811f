"""A scratch warehouse with facts written down by hand, budgets and cost centers built from them where clocks change.

Put here: rows and the one build. Keep out: expectations.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.budgets.trees import tree_rows, tree_spend
from tests.support.warehouse import ScratchWarehouse

MODELS = (
    "provider_aliases tag_key_spellings stg_org__tag_keys int_tag_key_spellings "
    "stg_org__budgets stg_org__cost_centers stg_org__teams stg_org__ownership "
    "stg_org__fx_rates int_fx_rates int_budgets "
    "int_llm_usage_reporting_daily int_budget_thresholds int_budget_days int_budget_spend_daily "
    "int_budget_spend_hourly int_budget_progress "
    "int_cost_center_positions int_cost_center_ancestors int_budget_status_hourly "
    "fct_budget_status_hourly "
    "stg_org__tco_items stg_org__personnel int_own_cost_items int_tco_item_days int_tco_costs_daily "
    "int_provider_costs_daily fct_tco_monthly "
    "fct_budget_status_daily dim_budgets dim_cost_center_history rpt_budget_variance rpt_cost_center_monthly"
).split()
TABLES = {
    "intermediate.int_allocated_costs_daily": "usage_date date, provider_id varchar, team_id varchar, "
    "owner_project_id varchar, project_id varchar, cost_center_id varchar, allocated_cost_usd decimal(38,12), "
    "cost_basis varchar, cost_kind varchar, "
    "unknown_cost_item_count bigint",
    "intermediate.int_usage_priced_hourly": "usage_hour_utc timestamp, usage_date date, provider_id varchar, "
    "account_id varchar, project_id varchar, workspace_id varchar, api_key_id varchar, user_id varchar, "
    "team_id varchar, feature varchar, model_id varchar, is_billable boolean, "
    "contracted_cost_usd decimal(38,12), unpriced_reason varchar, usage_row_id bigint, meter varchar",
    "intermediate.int_usage_recorded_spend": "usage_row_id bigint, cost_basis varchar, "
    "recorded_cost_usd decimal(38,12)",
    "intermediate.int_spend_items": "usage_date date, provider_id varchar, tags varchar, "
    "spend_usd decimal(38,12), cost_basis varchar, "
    "cost_kind varchar, unknown_cost_item_count bigint",
    "intermediate.int_spend_owners": "owner_lookup_key varchar, team_id varchar, owner_project_id varchar, "
    "cost_center_id varchar",
    "intermediate.int_charges": "charge_date date, billed_cost_usd decimal(38,12)",
    "intermediate.int_bill_coverage": "provider_id varchar, account_id varchar, usage_date date",
    "intermediate.int_llm_usage_daily": "usage_date date, provider_id varchar, account_id varchar, "
    "request_count bigint, input_tokens bigint, output_tokens bigint, "
    "project_id varchar, workspace_id varchar, api_key_id varchar, team_id varchar, customer_id varchar, "
    "environment varchar, is_billable boolean, list_cost_usd decimal(38,12), usage_row_count bigint, "
    "error_count bigint, _inputs_fingerprint varchar, "
    "user_id varchar, model_id varchar, feature varchar, "
    "contracted_cost_usd decimal(38,12), unknown_cost_row_count bigint, "
    "cost_basis varchar, spend_usd decimal(38,12), unknown_spend_row_count bigint",
    "intermediate.int_charges_by_category": "charge_date date, cost_kind varchar, category varchar, "
    "provider_id varchar, service_name varchar, charge_category varchar, spend_usd decimal(38,12)",
    "intermediate.int_charges_to_allocate": "charge_date date, cost_kind varchar, provider_id varchar, "
    "billed_cost_usd decimal(38,12), spend_usd decimal(38,12)",
    "intermediate.int_gpu_costs_daily": "usage_date date, gpu_name varchar, cost_usd decimal(38,12), "
    "unknown_cost_item_count bigint",
    "intermediate.int_gpu_usage_hourly": "usage_date date",
    "staging.stg_adjustments__price_adjustments": "usage_date date, provider_id varchar, account_id varchar, "
    "contracted_difference_usd decimal(38,12)",
    "marts.rpt_cost_daily": "usage_date date, cost_center_id varchar, cost_kind varchar, spend_usd decimal(38,12), "
    "billed_spend_usd decimal(38,12)",
    "intermediate.int_dates": "date_day date",
}


def day(text: str) -> date:
    return date.fromisoformat(text)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def budget(name: str, scope: str, period: str, amount: str, **more: Any) -> dict[str, Any]:
    """A row of `raw_org.budgets`; scope is `type` or `type:id`, dates may be given as text."""
    kind, _, scope_id = scope.partition(":")
    currency = more.pop("currency", "USD")
    counts = more.pop("counts", None)
    dates = {f"{key}_utc": instant(value) for key, value in more.items()}
    return {
        "budget_id": name, "budget_name": name, "scope_type": kind, "scope_id": scope_id or None, "period": period,
        "amount": Decimal(amount), "currency": currency, "thresholds_pct": "50;75;90;100", "counts": counts,
        "amount_usd": Decimal(amount) if currency == "USD" else None, **dates,
    }  # fmt: skip


def spent(when: date | str, team: str | None, usd: str | None, **more: Any) -> dict[str, Any]:
    """An allocated row."""
    return {
        "usage_date": day(when) if isinstance(when, str) else when, "team_id": team, "cost_center_id": "unallocated",
        "allocated_cost_usd": None if usd is None else Decimal(usd), "cost_basis": "billed",
        "cost_kind": "llm", "unknown_cost_item_count": int(usd is None), **more,
    }  # fmt: skip


def steady(first: str, last: str) -> list[dict[str, Any]]:
    """Ten dollars a day of the team `steady`."""
    length = (day(last) - day(first)).days + 1
    return [spent(day(first) + timedelta(days=n), "steady", "10") for n in range(length)]


def hour(text: str, usd: str | None, **more: Any) -> dict[str, Any]:
    """Metered usage of one UTC hour."""
    at = instant(text)
    return {
        "usage_hour_utc": at, "usage_date": at.date(), "provider_id": "openai", "api_key_id": "night-key",
        "is_billable": True, "contracted_cost_usd": None if usd is None else Decimal(usd),
        "unpriced_reason": "no_price_at_time" if usd is None else None, **more,
    }  # fmt: skip


def owner_key(usage: dict[str, Any]) -> str:
    """The key under which the owner of usage is found."""
    parts = ["usage_date", "provider_id", "account_id", "", "project_id", "workspace_id", "api_key_id", "team_id", ""]
    text = "\x1f".join("\x1e" if usage.get(part) is None else str(usage[part]) for part in parts)
    return hashlib.md5(text.encode()).hexdigest()


BOUNDARIES = {
    "exactly_110": "55", "above_110": "55.000000000001", "exactly_100": "50", "above_100": "50.000000000001",
    "exactly_90": "45", "above_90": "45.000000000001",
}  # fmt: skip
"""Team to what it spent by 15 April."""
BUDGETS = [
    *(budget(name, f"team:{name}", "month", "100") for name in BOUNDARIES),
    budget("full", "team:full", "month", "100"),
    budget("beyond", "team:beyond", "month", "100"),
    *(budget(f"{period}ly", "team:steady", period, amount) for period, amount in
      [("day", "12"), ("week", "100"), ("month", "300"), ("quarter", "1000"), ("year", "4000")]),
    budget("sprint", "team:steady", "custom", "200", valid_from="2026-03-10", valid_to="2026-03-25"),
    budget("born_late", "team:steady", "month", "300", valid_from="2026-03-10"),
    budget("raised", "team:steady", "month", "300", valid_to="2026-03-16"),
    budget("raised", "team:steady", "month", "400", valid_from="2026-03-16"),
    budget("euros", "team:steady", "month", "300", currency="EUR"),
    budget("francs", "team:steady", "month", "240", currency="CHF"),
    budget("dark", "team:dark", "month", "300"),
    budget("idle", "team:nobody", "month", "300"),
    *(budget(f"by_{scope.partition(':')[0]}", scope, "month", "1000", valid_from="2026-05-01") for scope in
      ["global", "team:t1", "project:p1", "provider:OpenAI", "cost_center:mid", "tag:env=prod", "user:u1", "model:M1",
       "feature:f1"]),
    budget("hourly", "global", "hour", "5"),
    *(budget(f"counting_{kind or 'default'}", "team:mixed", "month", "1000", counts=kind) for kind in
      [None, "llm", "infrastructure", "own", "total"]),
    budget("hourly_night", "team:night", "hour", "5", valid_from="2026-03-29T02:00"),
]  # fmt: skip
ALLOCATED = [
    *(spent("2026-04-15", team, usd) for team, usd in BOUNDARIES.items()),
    spent("2026-04-30", "full", "100"),
    spent("2026-04-30", "beyond", "100.000000000001"),
    *steady("2026-01-01", "2026-04-30"),
    *steady("2028-01-01", "2028-03-31"),
    spent("2026-04-10", "dark", None),
    spent("2026-05-05", "t1", "1", owner_project_id="p1", project_id="px", cost_center_id="leaf", provider_id="openai"),
    spent(
        "2026-05-05", "t2", "2", project_id="p1", cost_center_id="mid", provider_id="openai", cost_basis="contracted"
    ),
    spent("2026-05-05", "t1", "4", cost_center_id="other", provider_id="anthropic"),
    spent("2026-05-05", None, "8", provider_id="openai"),
    spent("2026-06-05", "t2", "2", cost_center_id="leaf"),
    spent("2026-06-06", "mixed", "3", cost_center_id="elsewhere"),
    spent("2026-06-06", "mixed", "50", cost_center_id="elsewhere", cost_kind="infrastructure", cost_basis="rated"),
    spent("2026-06-06", "mixed", "700", cost_center_id="elsewhere", cost_kind="own", cost_basis="declared"),
]
HOURS = [
    hour("2026-03-29T00:00", "4"),
    hour("2026-03-29T01:00", "2"),
    hour("2026-03-29T01:00", "4", model_id="other"),
    hour("2026-03-29T02:00", "4.6"),
    hour("2026-10-25T00:00", "4"),
    hour("2026-10-25T01:00", "4"),
    hour("2026-10-26T01:00", None),
]
CENTERS = [
    {"cost_center_id": "root"},
    {"cost_center_id": "mid", "parent_cost_center_id": "root"},
    {"cost_center_id": "other", "parent_cost_center_id": "root"},
    {"cost_center_id": "leaf", "parent_cost_center_id": "mid", "valid_to_utc": instant("2026-05-20")},
    {"cost_center_id": "leaf", "parent_cost_center_id": "other", "valid_from_utc": instant("2026-05-20")},
]
CHARGES = [
    {"charge_date": day(when), "billed_cost_usd": Decimal(usd)}
    for when, usd in [("2028-01-01", "0"), ("2028-02-10", "55"), ("2028-02-10", "-5"), ("2028-03-31", "0")]
]
METERED = [
    {"usage_date": day("2028-02-10"), "provider_id": "openai", "account_id": account, "request_count": requests,
     "input_tokens": tokens, "output_tokens": 500_000, "contracted_cost_usd": Decimal(usd), "unknown_cost_row_count": 0}
    for account, requests, tokens, usd in [("free", 600, 1_500_000, "30"), ("covered", 400, 500_000, "999")]
]  # fmt: skip


def item(name: str, behavior: str, amount: str | None = None, period: str | None = None, **more: Any) -> dict[str, Any]:
    """A row of `raw_org.tco_items`."""
    return {
        "item_id": name, "item_name": name, "category": "other", "cost_behavior": behavior, "currency": "USD",
        "amount": None if amount is None else Decimal(amount), "period": period, **more,
    }  # fmt: skip


TCO_ITEMS = [
    item("licence", "fixed", "100", "month"),
    item("cent", "fixed", "0.01", "month"),
    item("office", "fixed", "100", "quarter"),
    item("insurance", "fixed", "366", "year"),
    item("partial", "fixed", "31", "month", valid_from_utc=instant("2028-01-10"), valid_to_utc=instant("2028-03-06")),
    item("training", "one_time", "610", "once", valid_from_utc=instant("2028-01-31"), amortization_months=Decimal(2)),
    item("per_request", "variable", driver="request", rate=Decimal("0.002")),
    item("per_token", "variable", driver="million_tokens", rate=Decimal("0.5")),
    item("reseller", "variable", driver="percent_of_spend", rate=Decimal("10")),
    item("support", "semi_variable", "29", "month", driver="request", rate=Decimal("0.001")),
    item("francs", "fixed", "31", "month", currency="CHF", valid_from_utc=instant("2028-01-01")),
    item("euros", "fixed", "100", "month", currency="EUR"),
]
RATES = [
    {"currency": "CHF", "usd_per_unit": Decimal(usd), "units_per_usd": Decimal("0.8"), "valid_from_utc": instant(start),
     "valid_to_utc": instant(stop)}
    for usd, start, stop in [("1.25", "2026-03-01", "2026-03-10"), ("2", "2026-03-10", "2026-05-01"),
                             ("1.25", "2028-01-01", "2028-02-01")]
]  # fmt: skip


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """Everything above, built once while the process is in Berlin."""
    scratch = ScratchWarehouse.create(tmp_path_factory.mktemp("budgets"))
    first, last = day("2026-01-01"), day("2028-12-31")
    rows = {
        "intermediate.int_allocated_costs_daily": ALLOCATED,
        "intermediate.int_usage_priced_hourly": HOURS,
        "intermediate.int_spend_items": [
            {"usage_date": day("2026-05-05"), "tags": tags, "spend_usd": Decimal(usd), "cost_basis": "billed",
             "cost_kind": "llm", "unknown_cost_item_count": 0}
            for tags, usd in [('{"env":"prod","app":"x"}', "16"), ('{"env":"test"}', "1000"), ('{"env":"prod"}', "32")]
        ],
        "intermediate.int_spend_owners": [
            {"owner_lookup_key": key, "team_id": "night", "cost_center_id": "leaf"}
            for key in sorted({owner_key(row) for row in HOURS})
        ],
        "intermediate.int_llm_usage_daily": [
            {"usage_date": day("2026-05-05"), column: value, "contracted_cost_usd": Decimal(usd),
             "unknown_cost_row_count": 0}
            for column, value, usd in [("user_id", "u1", "64"), ("model_id", "m1", "128"), ("feature", "f1", "256")]
        ] + METERED,
        "intermediate.int_charges": CHARGES,
        "intermediate.int_bill_coverage": [
            {"provider_id": "openai", "account_id": "covered", "usage_date": day("2028-02-10")}
        ],
        "marts.rpt_cost_daily": tree_spend(),
        "intermediate.int_dates": [{"date_day": first + timedelta(days=n)} for n in range((last - first).days + 1)],
    }  # fmt: skip
    with scratch.connection() as connection:
        for table, columns in TABLES.items():
            connection.execute(f"create schema if not exists {table.partition('.')[0]}")
            connection.execute(f"create table {table} ({columns})")
            names = [column.split()[0] for column in columns.replace("decimal(38,12)", "money").split(",")]
            values = [[row.get(name) for name in names] for row in rows.get(table, [])]
            if values:
                connection.executemany(f"insert into {table} values ({', '.join('?' * len(names))})", values)
        connection.execute(
            "update intermediate.int_llm_usage_daily set cost_basis = 'contracted', spend_usd = contracted_cost_usd, "
            "unknown_spend_row_count = unknown_cost_row_count; "
            "create view intermediate.int_llm_usage_hourly as select usage_date from intermediate.int_llm_usage_daily"
        )
    scratch.insert("raw_org.budgets", BUDGETS)
    scratch.insert("raw_org.fx_rates", RATES)
    scratch.insert("raw_org.tco_items", TCO_ITEMS)
    scratch.insert("raw_org.cost_centers", [*CENTERS, *tree_rows()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        scratch.dbt("build", "--select", *MODELS, "--exclude", "resource_type:unit_test", "resource_type:test")
    return scratch
