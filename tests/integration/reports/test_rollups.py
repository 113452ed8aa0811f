"""Every rollup beside the same figures worked out in plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.integration.reports import expected
from tests.integration.reports.conftest import Warehouse
from tests.integration.reports.facts import FIRST_DAY, LAST_DAY, TREE

MONEY = ("spend_usd", "billed_spend_usd", "list_cost_usd", "contracted_cost_usd")
COUNTS = ("request_count", "input_tokens", "cache_read_tokens", "output_tokens", "total_tokens", "unpriced_tokens")
SCOPES = {
    "total:all": lambda row: True,
    "provider:openai": lambda row: row["provider_id"] == "openai",
    "provider:none": lambda row: row["provider_id"] is None,
    "model:unheard-of": lambda row: row["model_id"] == "unheard-of",
    "team:search": lambda row: row["team_id"] == "search",
    "team:unallocated": lambda row: row["team_id"] is None,
    "project:owned": lambda row: row["owner_project_id"] == "owned",
    "cost_center:cc-product": lambda row: row["cost_center_id"] == "cc-product",
}


@pytest.mark.parametrize(
    ("table", "column", "period"),
    [
        ("rpt_cost_daily", "usage_date", lambda day: day),
        ("rpt_cost_weekly", "week_start_date", expected.week),
        ("rpt_cost_monthly", "month_start_date", expected.month),
    ],
)
def test_cost_rollups_equal_the_facts_to_the_last_decimal(warehouse: Warehouse, table, column, period) -> None:
    want = expected.cost_rollup(warehouse.facts, period)
    rows = warehouse.rows(f"from marts.{table}")
    got = {(row[column], *(row[c] for c in expected.DIMENSIONS)): row for row in rows}
    assert len(rows) == len(got)
    assert got.keys() == want.keys()
    for key, row in want.items():
        measures = (*MONEY, *COUNTS, "cost_basis")
        assert {m: got[key][m] for m in measures} == {m: row.get(m) for m in measures}, key


@pytest.mark.parametrize("table", ["rpt_cost_daily", "rpt_cost_weekly", "rpt_cost_monthly", "rpt_cost_center_monthly"])
def test_no_rollup_loses_or_doubles_spend(warehouse: Warehouse, table) -> None:
    measure = "own_spend_usd" if table == "rpt_cost_center_monthly" else "spend_usd"
    [row] = warehouse.rows(f"select sum({measure}) as spend_usd from marts.{table}")
    assert row["spend_usd"] == expected.add(row["allocated_cost_usd"] for row in warehouse.facts.allocated)


def test_iso_week_belongs_to_the_year_of_its_thursday(warehouse: Warehouse) -> None:
    weeks = {row["week_start_date"]: row["iso_week"] for row in warehouse.rows("from marts.rpt_cost_weekly")}
    assert weeks == {day: "{}-W{:02}".format(*day.isocalendar()[:2]) for day in weeks}


@pytest.mark.parametrize("series_id", SCOPES)
def test_series_and_moving_averages(warehouse: Warehouse, series_id) -> None:
    want = expected.daily_series(warehouse.facts, SCOPES[series_id])
    rows = warehouse.rows(f"from marts.rpt_cost_moving_averages where series_id = '{series_id}'")
    assert {row["usage_date"]: row["spend_usd"] for row in rows} == want
    for row in rows:
        for days in (7, 14, 30):
            known = expected.trailing(want, row["usage_date"], days)
            assert row[f"trailing_{days}_day_known_days"] == len(known)
            assert row[f"trailing_{days}_day_spend_usd"] == expected.add(known)
            average = row[f"trailing_{days}_day_average_usd_per_day"]
            assert average == (pytest.approx(sum(known) / len(known), abs=Decimal("1e-9")) if known else None)


@pytest.mark.parametrize("series_id", SCOPES)
def test_running_totals(warehouse: Warehouse, series_id) -> None:
    series = expected.daily_series(warehouse.facts, SCOPES[series_id])
    for row in warehouse.rows(f"from marts.rpt_cost_cumulative where series_id = '{series_id}'"):
        day = row["usage_date"]
        so_far = {d: value for d, value in series.items() if d <= day}
        assert row["cumulative_spend_usd"] == expected.add(so_far.values())
        assert row["year_to_date_spend_usd"] == expected.add(v for d, v in so_far.items() if d.year == day.year)
        this_month = [v for d, v in so_far.items() if expected.month(d) == expected.month(day)]
        assert row["month_to_date_spend_usd"] == expected.add(this_month)


@pytest.mark.parametrize("series_id", SCOPES)
@pytest.mark.parametrize(("period_type", "period"), [("day", lambda day: day), ("month", expected.month)])
def test_year_over_year(warehouse: Warehouse, series_id, period_type, period) -> None:
    totals = defaultdict(list)
    for day, value in expected.daily_series(warehouse.facts, SCOPES[series_id]).items():
        totals[period(day)].append(value)
    rows = warehouse.rows(
        f"from marts.rpt_cost_year_over_year where series_id = '{series_id}' and period_type = '{period_type}'"
    )
    assert {row["period_start_date"] for row in rows} == totals.keys()
    for row in rows:
        before = totals.get(expected.year_before(row["period_start_date"]))
        now = expected.add(totals[row["period_start_date"]])
        assert row["spend_usd"] == now
        assert row["previous_year_spend_usd"] == (expected.add(before) if before else None)
        assert row["previous_year_day_count"] == (len(before) if before else None)
        if before is None or now is None or expected.add(before) is None:
            assert row["spend_change_usd"] is None
            assert row["spend_change_pct"] is None
        else:
            assert row["spend_change_usd"] == now - expected.add(before)


def test_year_over_year_on_the_leap_day_and_at_the_edges(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "from marts.rpt_cost_year_over_year where series_id = 'total:all' order by period_type, period_start_date"
    )
    days = {row["period_start_date"]: row for row in rows if row["period_type"] == "day"}
    leap_day, edge = FIRST_DAY.replace(year=2024, month=2, day=29), FIRST_DAY.replace(year=2024)
    assert days[leap_day]["previous_year_start_date"] == leap_day.replace(year=2023, day=28)
    assert days[leap_day]["previous_year_spend_usd"] is None
    assert days[leap_day.replace(year=2025, day=28)]["previous_year_start_date"] == leap_day.replace(day=28)
    assert days[edge]["previous_year_spend_usd"] == days[FIRST_DAY]["spend_usd"]
    months = {row["period_start_date"]: row for row in rows if row["period_type"] == "month"}
    assert months[leap_day.replace(year=2025, day=1)]["is_like_for_like"]
    assert not months[LAST_DAY.replace(day=1)]["is_like_for_like"]
    assert not months[edge.replace(day=1)]["is_like_for_like"]


def test_cost_by_user_equals_usage(warehouse: Warehouse) -> None:
    lines = defaultdict(list)
    for row in warehouse.facts.usage:
        user = f"key of {row['user_id']}" if row["user_id"] else None
        key = (expected.month(row["usage_date"]), user, row["provider_id"], row["model_id"])
        lines[key].append(expected.usage_measures(row))
    rows = warehouse.rows("from marts.rpt_cost_by_user_monthly")
    got = {(r["month_start_date"], r["user_key"], r["provider_id"], r["model_id"]): r for r in rows}
    assert len(got) == len(rows)
    assert got.keys() == lines.keys()
    for key, members in lines.items():
        for measure in members[0]:
            assert got[key][measure] == expected.add(m[measure] for m in members), (key, measure)


def test_model_comparison_shares_and_unit_costs(warehouse: Warehouse) -> None:
    rows = warehouse.rows("from marts.rpt_model_comparison")
    by_period = defaultdict(list)
    for row in rows:
        by_period[row["period_type"], row["period_start_date"]].append(row)
    for members in by_period.values():
        for share in ("spend_share_ratio", "contracted_cost_share_ratio", "request_share_ratio"):
            assert abs(expected.add(m[share] for m in members) - 1) < Decimal("1e-9")
    for row in rows:
        cost = None if row["unpriced_tokens"] else row["contracted_cost_usd"]
        assert row["contracted_cost_usd_per_request"] == _quotient(cost, row["request_count"])
        millions = None if cost is None else cost * 10**6
        assert row["contracted_cost_usd_per_million_tokens"] == _quotient(millions, row["total_tokens"])
        assert row["cache_read_ratio"] == _quotient(row["cache_read_tokens"], row["input_tokens"])
        assert row["output_tokens_per_input_token"] == _quotient(row["output_tokens"], row["input_tokens"])
    assert any(row["contracted_cost_usd_per_request"] is None for row in rows)
    assert any(row["contracted_cost_usd_per_request"] is not None for row in rows)
    all_time = expected.add(row["spend_usd"] for row in rows if row["period_type"] == "all_time")
    assert all_time == expected.add(row["allocated_cost_usd"] for row in warehouse.facts.allocated)


def test_percentiles_are_values_that_occurred(warehouse: Warehouse) -> None:
    groups = defaultdict(list)
    for row in warehouse.facts.requests:
        if row["is_billable"]:
            groups[row["usage_date"], row["provider_id"], row["model_id"]].append(row)
    rows = warehouse.rows("from marts.rpt_request_percentiles")
    assert {(r["usage_date"], r["provider_id"], r["model_id"]) for r in rows} == groups.keys()
    for row in rows:
        members = groups[row["usage_date"], row["provider_id"], row["model_id"]]
        good = [m for m in members if m["status"] != "error"]
        assert row["request_count"] == len(members)
        assert row["failed_request_count"] == len(members) - len(good)
        for measure in ("contracted_cost_usd", "total_tokens", "duration_ms"):
            values = [m[measure] for m in good if m[measure] is not None]
            for percent in (50, 90, 95, 99):
                assert row[f"{measure}_p{percent}"] == expected.percentile(values, percent)


def test_coverage_counts_requests_of_known_cost(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        "select sum(request_count) as n, sum(billable_request_count) as b, sum(priced_request_count) as p "
        "from marts.rpt_request_coverage_daily"
    )
    billable = [r for r in warehouse.facts.requests if r["is_billable"]]
    priced = [r for r in billable if r["contracted_cost_usd"] is not None]
    assert (row["n"], row["b"], row["p"]) == (len(warehouse.facts.requests), len(billable), len(priced))


def test_cohorts_follow_users_from_their_first_month(warehouse: Warehouse) -> None:
    months = defaultdict(set)
    cost = defaultdict(list)
    for row in warehouse.facts.usage:
        if row["user_id"]:
            months[row["user_id"]].add(expected.month(row["usage_date"]))
            cost[row["user_id"], expected.month(row["usage_date"])].append(row["contracted_cost_usd"])
    last = max(max(m) for m in months.values())
    rows = warehouse.rows("from marts.rpt_user_cohorts")
    got = {(row["cohort_month_start_date"], row["months_since_first_use"]): row for row in rows}
    assert len(got) == len(rows)
    first = {user: min(seen) for user, seen in months.items()}
    for cohort in set(first.values()):
        users = [u for u, start in first.items() if start == cohort]
        later = sorted({expected.month(cohort + timedelta(days=n)) for n in range((last - cohort).days + 1)})
        for n, when in enumerate(later):
            active = [u for u in users if when in months[u]]
            row = got.pop((cohort, n))
            assert (row["cohort_user_count"], row["active_user_count"]) == (len(users), len(active))
            assert row["retained_ratio"] == _quotient(len(active), len(users))
            spend = expected.add(c for u in active for c in cost[u, when])
            assert row["contracted_cost_usd"] == (spend if active else 0)
            each = _quotient(spend, len(active)) if active and spend is not None else None
            assert row["contracted_cost_usd_per_active_user"] == each
    assert not got


def test_a_cost_center_equals_its_children_plus_its_own(warehouse: Warehouse) -> None:
    rows = warehouse.rows("from marts.rpt_cost_center_monthly")
    own = defaultdict(list)
    for row in warehouse.facts.allocated:
        own[expected.month(row["usage_date"]), row["cost_center_id"]].append(expected.known_spend(row))
    got = {(row["month_start_date"], row["cost_center_id"]): row for row in rows}
    assert len(got) == len(rows)
    for (when, center), row in got.items():
        children = [c for c, parent in TREE.items() if parent == center]
        below = [got[when, c]["total_spend_usd"] for c in children if (when, c) in got]
        mine = expected.add(own[when, center]) if own[when, center] else Decimal(0)
        assert row["own_spend_usd"] == mine
        assert row["total_spend_usd"] == expected.add([mine, *below])
        assert row["descendants_spend_usd"] == (expected.add(below) or 0)
    roots = [row["total_spend_usd"] for row in rows if row["depth"] == 0]
    assert expected.add(roots) == expected.add(row["allocated_cost_usd"] for row in warehouse.facts.allocated)


def test_unallocated_names_every_unowned_dollar_once(warehouse: Warehouse) -> None:
    unowned = [row for row in warehouse.facts.allocated if row["cost_center_id"] == "unallocated"]
    want = defaultdict(list)
    for row in unowned:
        kinds = [kind for kind in ("api_key", "project", "workspace", "account") if row[f"{kind}_id"]]
        kind, subject = (kinds[0], row[f"{kinds[0]}_id"]) if kinds else ("none", "none")
        is_refund = (row["allocated_cost_usd"] or 0) < 0
        reason = "refund_or_correction" if is_refund else "no_owner"
        want[row["provider_id"], kind, subject, reason].append(row)
    rows = warehouse.rows("from marts.rpt_unallocated order by spend_rank")
    names = ("provider_id", "subject_type", "subject_id", "unallocated_reason")
    assert {tuple(row[name] for name in names) for row in rows} == want.keys()
    for row in rows:
        members = want[tuple(row[name] for name in names)]
        assert row["spend_usd"] == expected.add(m["allocated_cost_usd"] for m in members)
        assert row["last_seen_date"] == max(m["usage_date"] for m in members)
        recent = [m for m in members if (LAST_DAY - m["usage_date"]).days < 30]
        assert row["last_30_days_spend_usd"] == expected.add(m["allocated_cost_usd"] for m in recent)
    spends = [row["spend_usd"] or 0 for row in rows]
    assert spends == sorted(spends, reverse=True)


def test_ranking_shares_sum_to_one(warehouse: Warehouse) -> None:
    for row in warehouse.rows(
        "select scope_type, month_start_date, sum(spend_share_ratio) as s, sum(spend_usd) as spend_usd, "
        "count(*) filter (spend_rank = 1) as firsts from marts.rpt_spend_ranking_monthly group by all"
    ):
        assert abs(row["s"] - 1) < Decimal("1e-9")
        assert row["firsts"] == 1


def test_freshness_names_each_source_with_its_newest_day_and_coverage(warehouse: Warehouse) -> None:
    rows = {row["source"]: row for row in warehouse.rows("from marts.rpt_source_freshness")}
    assert rows.keys() == {"events/canonical", "events/litellm", "events/otel"}
    for name in ("canonical", "litellm"):
        usage = [row for row in warehouse.facts.usage if row["event_source"] == name]
        row = rows[f"events/{name}"]
        assert (row["earliest_data_date"], row["latest_data_date"]) == (
            min(r["usage_date"] for r in usage),
            max(r["usage_date"] for r in usage),
        )
        tokens = [r for r in usage if r["is_token"]]
        priced = sum(r["quantity"] for r in tokens if not r["unpriced_reason"])
        assert row["token_coverage_pct"] == _quotient(100 * priced, sum(r["quantity"] for r in tokens), 1e-6)
        billable = [r for r in warehouse.facts.requests if r["event_source"] == name and r["is_billable"]]
        known = [r for r in billable if r["contracted_cost_usd"] is not None]
        assert row["coverage_pct"] == _quotient(100 * len(known), len(billable), 1e-6)
    silent = rows["events/otel"]
    assert silent["latest_data_date"] is silent["coverage_pct"] is silent["token_coverage_pct"] is None
    assert silent["quarantined_row_count"] == 2


def test_the_projects_own_checks_hold(warehouse: Warehouse) -> None:
    warehouse.scratch.dbt("test", "--select", "path:tests/reports")


def test_building_by_day_gives_what_a_full_build_gives(warehouse: Warehouse) -> None:
    tables = ("rpt_usage_daily", "rpt_request_percentiles", "rpt_request_coverage_daily")
    before = {table: warehouse.rows(f"from marts.{table} order by all") for table in tables}
    for table in tables:
        warehouse.scratch.execute(f"delete from marts.{table} where usage_date between '2024-05-01' and '2024-05-20'")
        warehouse.scratch.execute(f"update marts.{table} set request_count = 0 where usage_date = '{LAST_DAY}'")
        warehouse.scratch.execute(
            f"insert into marts.{table} select * replace (date '2030-01-01' as usage_date) from marts.{table} limit 1"
        )
    warehouse.scratch.dbt("run", "--select", *tables)
    assert {table: warehouse.rows(f"from marts.{table} order by all") for table in tables} == before


def _quotient(numerator, denominator, within=1e-9):
    if numerator is None or not denominator:
        return None
    return pytest.approx(Decimal(numerator) / denominator, abs=Decimal(within))
