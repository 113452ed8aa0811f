"""A scratch warehouse with hours of usage written down by hand, built in one reporting zone after the other.

Put here: rows and the builds. Keep out: expectations.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.warehouse import ScratchWarehouse

MODELS = (
    "provider_aliases tag_key_spellings stg_org__tag_keys int_tag_key_spellings "
    "stg_org__budgets int_dates int_budgets int_budget_thresholds int_budget_days "
    "int_budget_spend_daily int_budget_spend_hourly int_budget_progress int_budget_status_hourly "
    "fct_budget_status_hourly "
    "fct_budget_status_daily dim_budgets rpt_budget_variance int_llm_usage_reporting_daily "
    "rpt_metered_cost_daily_reporting_zone"
).split()
ZONES = ("Europe/Berlin", "America/New_York", "UTC")
DAY_TEST = "assert_reporting_days_equal_hours"
TABLES = {
    "intermediate.int_usage_priced_hourly": "usage_hour_utc timestamp, usage_date date, provider_id varchar, "
    "account_id varchar, project_id varchar, workspace_id varchar, api_key_id varchar, user_id varchar, "
    "team_id varchar, customer_id varchar, feature varchar, environment varchar, model_id varchar, "
    "is_billable boolean, meter varchar, is_token boolean, quantity bigint, request_count bigint, error_count bigint, "
    "list_cost_usd decimal(38,12), "
    "contracted_cost_usd decimal(38,12), unpriced_reason varchar, usage_row_id bigint",
    "intermediate.int_usage_recorded_spend": "usage_row_id bigint, cost_basis varchar, "
    "recorded_cost_usd decimal(38,12)",
    "intermediate.int_allocated_costs_daily": "usage_date date, provider_id varchar, team_id varchar, "
    "owner_project_id varchar, project_id varchar, cost_center_id varchar, allocated_cost_usd decimal(38,12), "
    "cost_basis varchar, cost_kind varchar, unknown_cost_item_count bigint",
    "intermediate.int_spend_items": "usage_date date, provider_id varchar, tags varchar, "
    "spend_usd decimal(38,12), cost_kind varchar, "
    "cost_basis varchar, "
    "unknown_cost_item_count bigint",
    "intermediate.int_spend_owners": "owner_lookup_key varchar, team_id varchar, owner_project_id varchar, "
    "cost_center_id varchar",
    "intermediate.int_usage_file_days": "usage_date date",
    "intermediate.int_charges": "charge_date date, charge_period_end_utc timestamp",
    "staging.stg_gpu__gpu_samples": "sampled_at_utc timestamp",
    "staging.stg_gpu__gpu_sample_hours": "hour_start_utc timestamp, sample_count bigint",
    "intermediate.int_cost_center_ancestors": "cost_center_id varchar, ancestor_id varchar, valid_from_utc timestamp, "
    "valid_to_utc timestamp",
    "intermediate.int_fx_rates": "currency varchar, usd_per_unit decimal(38,12), valid_from_utc timestamp, "
    "valid_to_utc timestamp",
}
DERIVED = """
create schema if not exists marts;
create view marts.fct_llm_usage_hourly as select * from intermediate.int_usage_priced_hourly;
create table intermediate.int_llm_usage_hourly as
    select distinct usage_hour_utc, usage_date from intermediate.int_usage_priced_hourly;
create table intermediate.int_usage_day_fingerprints as
    select distinct usage_date, 'one' as inputs_fingerprint from intermediate.int_usage_priced_hourly;
create table intermediate.int_usage_cost_fingerprints as
    select *, false as has_agreed_costs from intermediate.int_usage_day_fingerprints;
create table intermediate.int_llm_usage_daily as
    select usage_date, provider_id, account_id, project_id, workspace_id, api_key_id, user_id, team_id, customer_id,
        feature, environment, model_id, is_billable, cast(sum(list_cost_usd) as decimal(38,12)) as list_cost_usd,
        cast(sum(contracted_cost_usd) as decimal(38,12)) as contracted_cost_usd, count(*) as usage_row_count,
        count(*) - count(contracted_cost_usd) as unknown_cost_row_count,
        cast(sum(request_count) as bigint) as request_count, cast(sum(error_count) as bigint) as error_count,
        cast(sum(case when meter = 'uncached_input' then quantity else 0 end) as bigint) as input_tokens,
        cast(sum(case when meter = 'output' then quantity else 0 end) as bigint) as output_tokens,
        'one' as _inputs_fingerprint, 'contracted' as cost_basis,
        cast(sum(contracted_cost_usd) as decimal(38,12)) as spend_usd,
        count(*) - count(contracted_cost_usd) as unknown_spend_row_count
    from intermediate.int_usage_priced_hourly group by all;
insert into intermediate.int_usage_file_days select distinct usage_date from intermediate.int_usage_priced_hourly;
"""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def used(when: str | datetime, user: str, usd: str | None, **more: Any) -> dict[str, Any]:
    """Input tokens of one UTC hour, a million per dollar; at list prices they cost twice as much."""
    at = instant(when) if isinstance(when, str) else when
    cost = None if usd is None else Decimal(usd)
    return {
        "usage_hour_utc": at, "usage_date": at.date(), "provider_id": "openai", "api_key_id": "key", "user_id": user,
        "model_id": "m", "is_billable": True, "meter": "uncached_input", "is_token": True,
        "quantity": 7 if cost is None else int(cost * 1_000_000), "list_cost_usd": None if cost is None else 2 * cost,
        "contracted_cost_usd": cost, "unpriced_reason": "no_price_at_time" if cost is None else None, **more,
    }  # fmt: skip


def every_hour(first: str, hours: int, user: str) -> list[dict[str, Any]]:
    """A dollar an hour."""
    return [used(instant(first) + timedelta(hours=n), user, "1") for n in range(hours)]


USAGE = [
    used("2026-01-01T02:00", "early", "3", feature="f"),
    # Days of 23 and of 25 hours in Berlin lie within these.
    *every_hour("2026-03-28T00:00", 72, "ana"),
    *every_hour("2026-10-24T00:00", 72, "ana"),
    # The end of March, and a key that changes hands with the UTC day.
    used("2026-03-31T21:00", "mona", "1", feature="f"),
    used("2026-03-31T22:00", "mona", "2", feature="f"),
    used("2026-03-31T23:00", "mona", "4", model_id="m2"),
    used("2026-04-01T00:00", "mona", "8"),
    used("2026-04-01T00:00", "mona", None, meter="output"),
    # Quarter, week and year; a custom period of 10 and 11 November.
    used("2026-09-30T21:00", "mona", "16"),
    used("2026-09-30T22:00", "mona", "32"),
    used("2026-11-01T22:00", "mona", "1"),
    used("2026-11-01T23:00", "mona", "2"),
    used("2026-11-09T22:00", "mona", "64"),
    used("2026-11-09T23:00", "mona", "128"),
    used("2026-11-11T22:00", "mona", "256"),
    used("2026-11-11T23:00", "mona", "512"),
    used("2026-12-31T22:00", "mona", "1"),
    used("2026-12-31T23:00", "mona", "2"),
    # The leap day, and a last hour that is of the next local day.
    used("2028-02-28T22:00", "mona", "4"),
    used("2028-02-28T23:00", "mona", "8"),
    used("2028-02-29T22:00", "mona", "16"),
    used("2028-02-29T23:00", "mona", "32"),
    used("2028-03-30T22:00", "mona", "64"),
    # Another meter, provider and what costs nothing.
    used("2026-10-25T00:00", "cached", "0", meter="request", is_token=False, quantity=5, request_count=5),
    used("2026-10-25T00:00", "cached", "0.000000000001", provider_id="groq", model_id="g", meter="output"),
]
BUDGETS = [
    ("ana_daily", "user", "ana", "day", "24"),
    ("model_daily", "model", "m", "day", "24"),
    ("everyone_daily", "global", None, "day", "24"),
    ("ana_hourly", "user", "ana", "hour", "0.5"),
    ("everyone_monthly", "global", None, "month", "1000"),
    ("feature_monthly", "feature", "f", "month", "10"),
    *((f"mona_{period}", "user", "mona", period, "1000") for period in ("day", "week", "month", "quarter", "year")),
    ("mona_custom", "user", "mona", "custom", "384"),
]  # fmt: skip


def owner_key(row: dict[str, Any]) -> str:
    """The key under which the owner of usage is found: that of its UTC day."""
    parts = ["usage_date", "provider_id", "account_id", "", "project_id", "workspace_id", "api_key_id", "team_id", ""]
    text = "\x1f".join("\x1e" if row.get(part) is None else str(row[part]) for part in parts)
    return hashlib.md5(text.encode()).hexdigest()


def team_of(row: dict[str, Any]) -> str:
    """The key is handed over from `old` to `new` on 1 April 2026, UTC."""
    return "new" if row["usage_date"].isoformat() >= "2026-04-01" else "old"


class ZonedWarehouse:
    """A warehouse that is built on in one zone after the other, and a copy of it as each zone left it."""

    def __init__(self, scratch: ScratchWarehouse) -> None:
        self.scratch = scratch
        self._left: dict[str, ScratchWarehouse] = {}

    def dbt(self, zone: str, *arguments: str, on: ScratchWarehouse | None = None, **more: Any) -> Any:
        """Run dbt in a zone."""
        given = ("--vars", json.dumps({"reporting_time_zone": zone}))
        return (on or self.scratch).dbt(*arguments, *given, **more)

    def build(self, zone: str) -> ScratchWarehouse:
        """Build on what is there, and check days against hours."""
        self.dbt(zone, "build", "--indirect-selection", "empty", "--select", *MODELS, DAY_TEST)
        return self.scratch

    def built(self, zone: str) -> ScratchWarehouse:
        """What the first build in the zone left."""
        if zone not in self._left:
            folder = self.scratch.folder / zone.replace("/", "_")
            folder.mkdir()
            shutil.copy(self.build(zone).path, folder)
            self._left[zone] = ScratchWarehouse(folder)
        return self._left[zone]


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ZonedWarehouse:
    """Everything above, built in Berlin, on that in New York, on that in UTC."""
    scratch = ScratchWarehouse.create(tmp_path_factory.mktemp("zones"))
    owners = {owner_key(row): {"team_id": team_of(row), "cost_center_id": "cc"} for row in USAGE}
    allocated = [
        {"usage_date": row["usage_date"], "provider_id": row["provider_id"], "cost_center_id": "cc",
         "allocated_cost_usd": row["contracted_cost_usd"], "cost_basis": "contracted", "cost_kind": "llm",
         "unknown_cost_item_count": int(row["contracted_cost_usd"] is None)}
        for row in USAGE
    ]  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {
        "intermediate.int_usage_priced_hourly": USAGE,
        "intermediate.int_allocated_costs_daily": allocated,
        "intermediate.int_spend_owners": [{"owner_lookup_key": key, **owner} for key, owner in owners.items()],
    }
    with scratch.connection() as connection:
        for table, columns in TABLES.items():
            connection.execute(f"create schema if not exists {table.partition('.')[0]}")
            connection.execute(f"create table {table} ({columns})")
            names = [column.split()[0] for column in columns.replace("decimal(38,12)", "money").split(",")]
            values = [[row.get(name) for name in names] for row in rows.get(table, [])]
            if values:
                connection.executemany(f"insert into {table} values ({', '.join('?' * len(names))})", values)
        connection.execute(DERIVED)
    valid = {"mona_custom": {"valid_from_utc": instant("2026-11-10"), "valid_to_utc": instant("2026-11-12")}}
    scratch.insert(
        "raw_org.budgets",
        [
            {"budget_id": name, "budget_name": name, "scope_type": scope, "scope_id": scope_id, "period": period,
             "amount": Decimal(amount), "currency": "USD", "amount_usd": Decimal(amount), **valid.get(name, {})}
            for name, scope, scope_id, period, amount in BUDGETS
        ],
    )  # fmt: skip
    zoned = ZonedWarehouse(scratch)
    for zone in ZONES:
        zoned.built(zone)
    return zoned
