"""Every measured rule on a month without a problem, and on the same month with one: silent there, one alert here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from orchestration.alerting import AlertDraft, decide
from orchestration.alerting.reading import read_situation
from orchestration.alerting.rulebook import Line, RuleBook
from orchestration.alerting.rules import alert_rules

AS_OF = date(2026, 11, 30)
CLEAN = """
create schema marts; create schema intermediate; create schema ml;
create table days as select unnest(generate_series(date '2026-10-01', date '2026-11-29', interval 1 day))::date as d;
create table marts.dim_teams as select 'search' as team_id, 'search-lead' as owner;
create table intermediate.int_metered_costs_daily as
    select d as usage_date, 'openai' as provider_id, 'p' as project_id, 'key_a' as api_key_id, 'gpt' as model_id,
        'search' as team_id, 'acme' as customer_id, (90 + day(d) % 5)::decimal(38,12) as cost_usd,
        10000::bigint as request_count
    from days;
create table marts.fct_llm_usage_hourly as
    select d + to_hours(h)::interval as usage_hour_utc, d as usage_date,
        (4 + h % 3)::decimal(38,12) as contracted_cost_usd
    from days, range(24) as r(h);
create table marts.fct_gpu_usage_hourly as
    select d as usage_date, 2000 as used_seconds, 1500 as idle_seconds, 100 as no_telemetry_seconds,
        40.0 as used_cost_usd, 20.0 as idle_cost_usd, 2.0 as no_telemetry_cost_usd
    from days;
create table marts.fct_allocated_costs_daily as
    select d as usage_date, 'llm' as cost_kind, 'ownership' as allocation_stage,
        100::decimal(38,12) as allocated_cost_usd
    from days union all select d, 'llm', 'unallocated', 5 from days;
create table marts.fct_tco_monthly as select date '2026-11-01' as month_start_date, 'gpu_compute' as category,
    500.0::decimal(38,12) as cost_usd;
create table marts.rpt_request_coverage_daily as
    select d as usage_date, 1000 as billable_request_count, 990 as priced_request_count from days;
create table marts.rpt_reconciliation_monthly as from (values
    ('openai', 'org', date '2026-10-01', 'billed', 'reconciled', 2000.0),
    ('openai', 'org', date '2026-10-01', 'unexplained', 'reconciled', 4.0),
    ('openai', 'org', date '2026-11-01', 'billed', 'open', 1000.0),
    ('openai', 'org', date '2026-11-01', 'unexplained', 'open', 900.0)
    ) as t(provider_id, account_id, month_date, line_type, status, amount_usd);
create table marts.rpt_recorded_cost_differences as
    select d as usage_date, 'litellm' as event_source, 0.1 as difference_usd, 50.0 as list_cost_usd from days;
create table marts.rpt_source_completeness as
    select 'api/openai' as source, 'costs' as endpoint, d as usage_date, 'complete' as status, null::varchar as reason
    from days;
create table marts.rpt_incomplete_days (
    source varchar, usage_date date, reason varchar, usual_share_pct decimal(38, 12)
);
create table marts.rpt_source_freshness as
    select 'events/litellm' as source, date '2026-11-29' as latest_data_date;
create table marts.dim_users as select 'u1' as user_id, 'user-1' as user_label, 'search' as team_id;
create table marts.rpt_usage_daily as
    select d as usage_date, 'u' || n as user_id, null::varchar as team_id, 10::decimal(38,12) as contracted_cost_usd,
        100::bigint as request_count
    from days, range(12) as users(n);
create table marts.dim_api_keys as
    select 'key_a' as api_key_id, 'search' as team_id, null::varchar as api_key_status,
        date '2026-01-01' as first_seen_date, date '2026-11-29' as last_seen_date;
create table marts.dim_budgets as select 'b' as budget_id, 'Search' as budget_name, 'search-lead' as owner,
    timestamp '2026-01-01' as valid_from_utc;
create table ml.budget_outlooks as select 'b' as budget_id, date '2026-11-01' as period_start_date,
    date '2026-12-31' as period_end_date, 1000.0 as amount_usd, 500.0 as spend_to_date_usd, 900.0 as forecast_cost_usd,
    0.1::double as breach_probability, null::date as breach_date;
create table ml.implied_prices as select 'openai' as provider_id, 'gpt-out' as sku_id, 'gpt' as model_id,
    false as is_drift, date '2026-11-20' as stretch_to_date, 0.0 as monthly_effect_usd, 'matches' as classification,
    1.0::double as price_ratio, null::date as changed_on_date;
create table ml.cost_anomalies as select false as is_anomaly, 'info' as severity, 0.0 as impact_usd,
    date '2026-11-20' as usage_date;
create table marts.fct_budget_status_daily (
    budget_id varchar, budget_name varchar, period_start_date date, period_end_date date, usage_date date,
    amount_usd decimal(38,12), spend_to_date_usd decimal(38,12), scope_type varchar, scope_id varchar
);
"""
DAY, USED = "usage_date = date '2026-11-29'", "intermediate.int_metered_costs_daily"
PLANTED = [
    (
        "cost_spike_hour",  # the 24 hours before cost 5 on average, 14:00 of the four weeks before 4 + 2: 24 / 6
        "update marts.fct_llm_usage_hourly set contracted_cost_usd = 24 where usage_hour_utc = '2026-11-29 14:00'",
        "warning",
        "4",
    ),
    ("high_cost_per_request", f"update {USED} set request_count = 500 where {DAY}", "warning", "0.188"),  # 94 / 500
    ("low_gpu_efficiency", "update marts.fct_gpu_usage_hourly set used_seconds = 400", "warning", "20"),
    (
        "customer_cost_jump",  # 400 against 645 / 7 (seven days), which is more than 366 / 4 (four Sundays)
        f"update {USED} set customer_id = 'zeta' where usage_date >= date '2026-11-01';"
        f"update {USED} set cost_usd = 400 where {DAY}; update ml.cost_anomalies set is_anomaly = false",
        "warning",
        "4.34109",
    ),
    ("daily_cost_deviation", f"update {USED} set cost_usd = 150 where {DAY}", "warning", "43.011"),
    ("unpriced_share", "update marts.rpt_request_coverage_daily set priced_request_count = 800", "warning", "20"),
    ("unpriced_share", "update marts.rpt_request_coverage_daily set priced_request_count = 700", "critical", "30"),
    (
        "unallocated_share",  # 25 / 125
        "update marts.fct_allocated_costs_daily set allocated_cost_usd = 25 where allocation_stage = 'unallocated'",
        "warning",
        "20",
    ),
    (
        "reconciliation_gap",  # 60 / 2000
        "update marts.rpt_reconciliation_monthly set amount_usd = -60 where amount_usd = 4",
        "warning",
        "3",
    ),
    (
        "recorded_cost_difference",
        "update marts.rpt_recorded_cost_differences set difference_usd = -10",
        "warning",
        "20",
    ),
    ("price_drift", "update ml.implied_prices set is_drift = true, monthly_effect_usd = -12", "warning", "12"),
    (
        "source_stale",
        "delete from marts.rpt_source_completeness where usage_date > date '2026-11-25'",
        "warning",
        "5",
    ),
    (
        "source_incomplete",
        "update marts.rpt_source_completeness set status = 'missing' where usage_date = date '2026-11-20'",
        "warning",
        "1",
    ),
    (
        "source_stale",
        "update marts.rpt_source_freshness set latest_data_date = date '2026-11-25'; "
        "insert into marts.rpt_incomplete_days select 'events/litellm', date '2026-11-26' + n::int, 'no usage', 0.1 "
        "from range(4) as days(n)",
        "warning",
        "4",
    ),
    (
        "source_incomplete",
        "insert into marts.rpt_incomplete_days values ('events/litellm', '2026-11-20', 'no usage', 1), "
        "('events/few', '2026-11-20', 'no usage', 0.9), ('api/openai', '2026-11-20', 'never pulled', 50)",
        "warning",
        "1",
    ),
    (
        "key_new",
        "insert into marts.dim_api_keys values ('key_b', 'search', null, '2026-11-27', '2026-11-29')",
        "info",
        "1",
    ),
    (
        "key_unused",
        "update marts.dim_api_keys set last_seen_date = date '2026-10-20'",
        "info",
        "41",
    ),
    (
        "key_new_team",
        f"insert into {USED} select * replace ('ads' as team_id, 1 as cost_usd) from {USED} where {DAY}",
        "warning",
        "1",
    ),
    (
        "user_cost",  # 29 days of 10 and one of 900; the others cost 300
        f"update marts.rpt_usage_daily set contracted_cost_usd = 900 where user_id = 'u1' and {DAY}",
        "info",
        "1190",
    ),
    ("budget_breach_likely", "update ml.budget_outlooks set breach_probability = 0.85", "warning", "0.85"),
    ("budget_breach_likely", "update ml.budget_outlooks set breach_probability = 0.97", "critical", "0.97"),
    (
        "forecast_over_budget",
        "update ml.budget_outlooks set forecast_cost_usd = 1200, breach_probability = 0.99",
        "warning",
        "1.2",
    ),
]


@pytest.fixture(scope="module")
def month() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        found.execute(re.sub(r"\b(\d+\.\d+)\b", r"\1::decimal(38,12)", CLEAN))
        yield found


@pytest.fixture
def db(month: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    read_situation(month, AS_OF)  # makes the table of alerts
    month.execute("begin")
    yield month
    month.execute("rollback")


def drafts(db: duckdb.DuckDBPyConnection, as_of: date = AS_OF, **more: Any) -> list[AlertDraft]:
    decision = decide(read_situation(db, as_of, now=datetime(2026, 11, 30, 6), **more))  # noqa: DTZ001
    assert decision.failures == ()
    return list(decision.drafts)


@pytest.mark.parametrize("day", range(22, 31))
def test_a_clean_month_is_silent(db: duckdb.DuckDBPyConnection, day: int) -> None:
    if day < 30:  # later days are not there yet
        for table in ("marts.rpt_source_completeness", "intermediate.int_metered_costs_daily"):
            db.execute(f"delete from {table} where usage_date >= ?", [date(2026, 11, day)])
    assert drafts(db, date(2026, 11, day)) == []


def test_a_day_that_its_provider_restated_is_whole(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("update marts.rpt_source_completeness set status = 'restated' where usage_date > date '2026-11-10'")
    assert drafts(db) == []


@pytest.mark.parametrize(("rule", "sql", "severity", "value"), PLANTED)
def test_a_planted_problem_makes_one_alert(
    db: duckdb.DuckDBPyConnection, rule: str, sql: str, severity: str, value: str
) -> None:
    db.execute(sql)
    found = [draft for draft in drafts(db) if draft.rule == rule]
    assert [draft.severity for draft in found] == [severity]
    assert float(found[0].evidence["value"]) == pytest.approx(float(value), rel=0.001)
    assert found[0].evidence["what_to_do"]


@pytest.mark.parametrize(("rule", "sql", "severity", "value"), PLANTED[:3])
def test_a_rule_that_is_switched_off_says_nothing(
    db: duckdb.DuckDBPyConnection, rule: str, sql: str, severity: str, value: str
) -> None:
    db.execute(sql)
    book = RuleBook((Line(2, rule, "", "", "", "", {"enabled": False}),))
    assert rule not in {draft.rule for draft in drafts(db, book=book)}


def test_an_amount_for_a_kind_of_cost_comes_from_the_home_alone(db: duckdb.DuckDBPyConnection) -> None:
    said = {"threshold": 2000, "critical_threshold": 4000}
    (draft,) = drafts(db, book=RuleBook((Line(2, "category_amount", "llm", "", "", "", said),)))
    assert (draft.subject_id, draft.severity, draft.evidence["value"]) == ("llm", "warning", "3045.000000000000")


@pytest.mark.parametrize(("threshold", "told"), [("0.009", ["gpt"]), ("0.0093", [])])
def test_a_model_too_dear_for_its_requests_is_told_where_the_home_says_so(
    db: duckdb.DuckDBPyConnection, threshold: str, told: list[str]
) -> None:
    """30 days of 90 to 94 USD and 10,000 requests each: 0.0092 USD a request."""
    book = RuleBook((Line(2, "model_cost_per_request", "gpt*", "", "", "", {"threshold": Decimal(threshold)}),))
    assert [draft.subject_id for draft in drafts(db, book=book)] == told


@pytest.mark.parametrize(
    ("warning", "critical", "severity"),
    [("500", "600", "warning"), ("100", "500", "critical"), ("500.01", "600", None)],
)
def test_d40_a_category_at_its_amount_has_reached_it(
    db: duckdb.DuckDBPyConnection, warning: str, critical: str, severity: str | None
) -> None:
    """500 of GPUs: at or above critical, else at or above warning."""
    said = {"threshold": Decimal(warning), "critical_threshold": Decimal(critical)}
    book = RuleBook((Line(2, "category_amount", "gpu_compute", "", "", "", said),))
    assert [draft.severity for draft in drafts(db, book=book)] == ([severity] if severity else [])


def test_a_forecast_over_budget_is_not_told_twice(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("update ml.budget_outlooks set forecast_cost_usd = 1200, breach_probability = 0.99")
    assert [draft.rule for draft in drafts(db)] == ["forecast_over_budget"]


def test_low_use_on_days_that_are_incomplete_is_no_alert(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("update marts.fct_gpu_usage_hourly set used_seconds = 400")
    db.execute("delete from marts.fct_gpu_usage_hourly where day(usage_date) % 3 = 0")
    assert drafts(db) == []


def test_a_source_that_ended_before_anybody_looked_is_no_alert(db: duckdb.DuckDBPyConnection) -> None:
    db.execute(
        "update marts.rpt_source_freshness set latest_data_date = date '2026-05-31'; "
        "insert into marts.rpt_incomplete_days select 'events/litellm', date '2026-06-01' + n::int, 'no usage', 0.1 "
        "from range(14) as days(n)"
    )
    assert drafts(db) == []
    assert [draft.rule for draft in drafts(db, date(2026, 6, 20)) if draft.rule == "source_stale"] == ["source_stale"]


def test_a_rule_whose_table_is_held_back_is_silent_and_the_others_speak(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("update marts.rpt_request_coverage_daily set priced_request_count = 800")
    db.execute("update ml.implied_prices set is_drift = true, monthly_effect_usd = -12")
    found = drafts(db, held_back=["marts.rpt_request_coverage_daily"])
    assert [draft.rule for draft in found] == ["price_drift"]


def test_every_measured_rule_was_planted() -> None:
    measured = {rule.name for rule in alert_rules() if rule.query}
    assert {rule for rule, *_ in PLANTED} == measured - {"category_amount", "model_cost_per_request"}
