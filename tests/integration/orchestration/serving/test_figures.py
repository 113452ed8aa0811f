"""Every figure that the API gives equals plain SQL on the published marts, to the last decimal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

from tests.support.served_home import Served

MARCH = "period_start=2026-03-01&period_end=2026-03-31"
LLM = "cost_kind = 'llm' and usage_date between date '2026-03-01' and date '2026-03-31'"


@pytest.fixture(scope="module")
def marts(served: Served) -> Iterator[duckdb.DuckDBPyConnection]:
    with served.marts as connection:
        yield connection


def one(marts: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = marts.execute(sql).fetchone()
    assert row
    return row[0] if len(row) == 1 else row


@pytest.fixture
def get(client: TestClient, served: Served) -> Any:
    def asked(path: str, who: str = "ann") -> dict[str, Any]:
        answer = client.get(f"/api/v1/{path}", headers=served.headers(who))
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asked


def amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def test_metrics_are_the_sums_of_the_period(get: Any, marts: duckdb.DuckDBPyConnection) -> None:
    found = get(f"cost/metrics?{MARCH}")
    # 10.5 + 20.000000000001 + 0.1 + 7777.123456789012 + 3.25; the unknown amount is left out.
    assert Decimal(found["total_cost"]) == Decimal("7810.973456789013")
    assert amount(found["total_cost"]) == one(marts, f"select sum(spend_usd) from rpt_cost_daily where {LLM}")
    assert found["total_requests"] == one(marts, f"select sum(request_count) from rpt_cost_daily where {LLM}") == 361
    assert found["total_tokens"] == one(marts, f"select sum(total_tokens) from rpt_cost_daily where {LLM}")
    assert Decimal(found["avg_cost_per_request"]) == Decimal("21.637045586673")  # 7810.973456789013 / 361
    assert Decimal(found["cache_hit_rate"]) == Decimal("0.277008310249")  # 1000 / 3610
    assert (found["previous_period_start"], found["previous_period_end"]) == ("2026-01-29", "2026-02-28")
    earlier = one(
        marts,
        "select sum(spend_usd) from rpt_cost_daily where cost_kind = 'llm'"
        " and usage_date between date '2026-01-29' and date '2026-02-28'",
    )
    assert amount(found["previous_total_cost"]) == earlier
    one_day = get("cost/metrics?period_start=2026-03-02&period_end=2026-03-02")
    days = {
        day: one(marts, f"select sum(spend_usd) from rpt_cost_daily where cost_kind = 'llm' and usage_date = '{day}'")
        for day in ("2026-03-01", "2026-03-02")
    }
    change = days["2026-03-02"] - days["2026-03-01"]
    assert (amount(one_day["previous_total_cost"]), amount(one_day["change"])) == (days["2026-03-01"], change)
    assert float(one_day["change_percent"]) == pytest.approx(float(change / days["2026-03-01"] * 100))
    by_model = {name: (amount(each["cost"]), each["requests"]) for name, each in found["by_model"].items()}
    rows = marts.execute(
        f"select model_id, sum(spend_usd), sum(request_count) from rpt_cost_daily where {LLM} group by 1"
    )
    assert by_model == {model: (cost, requests) for model, cost, requests in rows.fetchall()}
    assert by_model["new-model"] == (None, 7)


def test_metrics_of_a_user_and_of_every_kind_of_money(get: Any, marts: duckdb.DuckDBPyConnection) -> None:
    found = get(f"cost/metrics?{MARCH}&user_id=u1")
    assert Decimal(found["total_cost"]) == Decimal("30.500000000001")
    assert (found["total_requests"], found["total_tokens"]) == (300, 3500)
    assert Decimal(found["cache_hit_rate"]) == Decimal("0.333333333333")
    assert Decimal(get(f"cost/metrics?{MARCH}&cost_kind=own")["total_cost"]) == 1000
    whole = one(marts, "select sum(spend_usd) from rpt_cost_daily where usage_date >= date '2026-03-01'")
    assert amount(get(f"cost/metrics?{MARCH}&cost_kind=total")["total_cost"]) == whole
    nobody = get(f"cost/metrics?{MARCH}&user_id=nobody")
    assert (nobody["total_cost"], nobody["total_requests"], nobody["avg_cost_per_request"]) == (None, None, None)


def test_each_part_of_a_breakdown_sums_to_the_total(get: Any, marts: duckdb.DuckDBPyConnection) -> None:
    found = get(f"cost/breakdown?{MARCH}")
    for part, column in (("by_model", "model_id"), ("by_team", "team_id"), ("by_user", "user_id"),
                         ("by_feature", "feature"), ("by_provider", "provider_id")):  # fmt: skip
        shown = {row["name"]: amount(row["cost"]) for row in found[part]}
        sql = f"select {column}, sum(allocated_cost_usd) from fct_allocated_costs_daily where {LLM} group by 1"
        assert shown == dict(marts.execute(sql).fetchall())
        assert sum(each for each in shown.values() if each is not None) == Decimal(found["total_cost"])


def test_a_trend_has_complete_periods_and_what_was_forecast(get: Any, marts: duckdb.DuckDBPyConnection) -> None:
    found = get("cost/trend?period=daily&num_periods=3")
    rows = marts.execute(
        "select usage_date::varchar, sum(spend_usd) from rpt_cost_daily where cost_kind = 'llm' group by 1 order by 1"
    ).fetchall()
    assert [(each["period_start"], amount(each["cost"])) for each in found["points"]] == rows[-3:]
    assert (found["direction"], Decimal(found["forecast_next_period"])) == ("rising", 9)
    assert (Decimal(found["confidence_interval_low"]), Decimal(found["confidence_interval_high"])) == (8, 10)
    assert Decimal(found["percent_change"]) == 50
    hours = get("cost/trend?period=hourly&num_periods=2")
    assert [amount(each["cost"]) for each in hours["points"]] == [Decimal("7797.223456789013"), Decimal("3.25")]
    assert "daily" in hours["reason"]
    assert Decimal(get("cost/trend", "lea")["forecast_next_period"]) == 5


def test_a_report_says_total_projection_and_who_costs_most(get: Any) -> None:
    found = get("cost/report?period_days=14")
    assert (found["period_start"], found["period_end"]) == ("2026-03-01", "2026-03-14")
    assert Decimal(found["summary"]["total_cost"]) == Decimal("7810.973456789013")
    assert Decimal(found["monthly_projection"]["forecast_spend_usd"]) == 9
    assert [each["name"] for each in found["top_users"]] == ["beta-user", "u1", "u2"]
    assert sum(Decimal(each["cost"]) for each in found["trends"]) == Decimal(found["summary"]["total_cost"])


def test_budgets_stand_as_of_their_newest_day(get: Any) -> None:
    found = {each["budget_id"]: each for each in get("cost/budgets")["budgets"]}
    assert found.keys() == {"b-all", "b-alpha", "b-u1", "b-beta"}
    assert Decimal(found["b-all"]["current_spend"]) == Decimal("7810.973456789013")
    assert (found["b-u1"]["user_id"], found["b-alpha"]["user_id"]) == ("u1", None)
    assert found["b-alpha"]["alert_thresholds"] == [75.0, 90.0, 100.0]
    status = get("cost/budgets/Alpha/status")
    assert (status["budget_id"], Decimal(status["remaining"])) == ("b-alpha", Decimal("9.399999999999"))
    assert get("cost/budgets/b-alpha/status")["name"] == "Alpha"


def test_alerts_by_their_marks(get: Any) -> None:
    def ids(question: str) -> list[str]:
        return sorted(each["id"] for each in get(f"cost/alerts?{question}")["alerts"])

    assert ids("") == ["a1", "a2", "a3", "a4"]
    assert (ids("acknowledged=true"), ids("acknowledged=false")) == (["a2"], ["a1", "a3", "a4"])
    assert (ids("severity=critical"), ids("severity=critical&acknowledged=true")) == (["a1", "a4"], [])


def test_suggestions_save_by_the_month_and_say_when_they_pay(get: Any) -> None:
    found = get("cost/suggestions")["suggestions"]
    assert [each["id"] for each in found] == ["rec-alpha", "rec-beta", "rec-none"]
    # 30 USD in 30 days are 30.4375 in a month of 30.4375 days.
    assert Decimal(found[0]["potential_savings_per_month"]) == Decimal("30.4375")
    assert found[0]["action_items"] == ["do it"]
    roi = get("cost/suggestions/rec-none/roi?implementation_cost=0&implementation_days=0")
    assert Decimal(roi["monthly_savings"]) == Decimal("101.458333333333")  # 100 × 30.4375 / 30
    paid = get("cost/suggestions/rec-none/roi?implementation_cost=101.458333333333&implementation_days=0")
    assert Decimal(paid["break_even_months"]) == 1
    assert get("cost/suggestions?lookback_days=1")["suggestions"] == []


def test_an_estimate_has_its_parts_to_six_decimals_at_least(client: TestClient, served: Served) -> None:
    # The list price of Gemini 2.0 Flash-Lite, 0.075 and 0.30 USD a million, gives the sum of the guide's example.
    question = {"model": "gemini-2.0-flash-lite", "input_tokens": 1000, "output_tokens": 2000}
    found = client.post("/api/v1/cost/estimate", json=question, headers=served.headers("vic")).json()
    assert (found["input_cost"], found["output_cost"], found["total_cost"]) == ("0.000075", "0.000600", "0.000675")
    assert found["total_tokens"] == 3000
    wrong = client.post("/api/v1/cost/estimate", json=question | {"model": "nonsense"}, headers=served.headers("vic"))
    assert (wrong.status_code, wrong.json()["field"]) == (422, "model")


def test_aggregates_group_filter_order_and_cut(get: Any, marts: duckdb.DuckDBPyConnection) -> None:
    days = "start_date=2026-03-01&end_date=2026-03-31"
    found = get(f"cost/aggregate?{days}&group_by=date,model&metrics=sum,count,avg,min,max,stddev&order_by=-sum")
    assert found["rows"][0]["model"] == "beta-model"
    assert found["rows"][-1] == {"date": "2026-03-03", "model": "new-model", "sum": None, "count": 7, "avg": None,
                                 "min": None, "max": None, "stddev": None}  # fmt: skip
    total = get(f"cost/aggregate?{days}")["rows"]
    assert [Decimal(each["sum"]) for each in total] == [Decimal("7810.973456789013")]
    alpha = get(f"cost/aggregate?{days}&group_by=week&team_id=alpha&metrics=sum,min,max")["rows"]
    assert [(each["week"], Decimal(each["min"]), Decimal(each["max"])) for each in alpha] == [
        ("2026-02-23", Decimal("10.5"), Decimal("10.5")),
        ("2026-03-02", Decimal("20.100000000001"), Decimal("20.100000000001")),
    ]
    tags = get(f"cost/aggregate?{days}&group_by=tag:team&order_by=tag:team")["rows"]
    assert [each["tag:team"] for each in tags] == ["alpha", "beta", None]
    slash = get(f"cost/aggregate?{days}&group_by=tag:a/b")["rows"]
    assert [each["tag:a/b"] for each in slash] == ["1", None]
    cut = get(f"cost/aggregate?{days}&group_by=model&limit=1&offset=1")
    assert (len(cut["rows"]), cut["has_more"]) == (1, True)


def test_statistics_over_requests(get: Any, marts: duckdb.DuckDBPyConnection) -> None:
    found = get(
        "cost/aggregate?start_date=2026-03-01&end_date=2026-03-31&of=requests&metrics=sum,count,avg,min,max,stddev"
    )
    row = found["rows"][0]
    sql = """select sum(contracted_cost_usd), count(*), min(contracted_cost_usd), max(contracted_cost_usd),
        stddev_samp(contracted_cost_usd::double) from fct_llm_requests where usage_date >= date '2026-03-01'"""
    assert (amount(row["sum"]), row["count"], amount(row["min"]), amount(row["max"]), row["stddev"]) == one(marts, sql)
    assert Decimal(row["avg"]) == Decimal("1562.194691357803")  # 7810.973456789013 / 5: one request has no price


@pytest.mark.parametrize(("of", "mart", "cost"), [
    ("requests", "fct_llm_requests", "select contracted_cost_usd from fct_llm_requests where {}"),
    ("spend", "fct_allocated_costs_daily", "select sum(allocated_cost_usd) from fct_allocated_costs_daily where {} and"
                                           " cost_kind = 'llm' group by usage_date"),
])  # fmt: skip
def test_percentiles_are_values_that_occurred(
    get: Any, marts: duckdb.DuckDBPyConnection, of: str, mart: str, cost: str
) -> None:
    days = "usage_date between date '2026-03-01' and date '2026-03-31'"
    row = get(f"cost/aggregate?start_date=2026-03-01&end_date=2026-03-31&of={of}&metrics=p50,p75,p90,p95,p99,tokens")[
        "rows"
    ][0]
    known = sorted(value for (value,) in marts.execute(cost.format(days)).fetchall() if value is not None)
    # The smallest value that at least so many of 100 do not exceed: the k-th, k the next whole number of their share.
    expected = {f"p{percent}": known[-(-percent * len(known) // 100) - 1] for percent in (50, 75, 90, 95, 99)}
    assert {name: amount(row[name]) for name in expected} == expected
    tokens = "total_tokens" if of == "requests" else "input_tokens + output_tokens"
    kind = "" if of == "requests" else " and cost_kind = 'llm'"
    assert row["tokens"] == one(marts, f"select sum({tokens})::bigint from {mart} where {days}{kind}")
    ordered = get(f"cost/aggregate?start_date=2026-03-01&end_date=2026-03-31&of={of}&group_by=model&order_by=-p95")
    assert set(ordered["rows"][0]) == {"model", "sum", "count"}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_of_requests_have_each_of_them_once(get: Any, size: int) -> None:
    found: list[str] = []
    cursor = ""
    for _ in range(20):
        page = get(f"cost/records?start_date=2026-01-01&end_date=2026-12-31&limit={size}{cursor}")
        found += [each["id"] for each in page["rows"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(found) == len(set(found)) == 7
    by_offset = get(f"cost/records?start_date=2026-01-01&end_date=2026-12-31&limit={size}&offset=1")
    assert [each["id"] for each in by_offset["rows"]] == found[1 : 1 + size]


def test_metrics_by_name_are_what_their_definitions_say(get: Any, marts: duckdb.DuckDBPyConnection) -> None:
    assert [each["name"] for each in get("metrics")["metrics"]] == sorted(
        ["spend_usd", "request_count", "spend_usd_per_request", "spend_to_date_usd", "spend_change_usd"]
    )
    march = "start_date=2026-03-01&end_date=2026-03-03&filter=cost_kind:llm"
    found = get(f"metrics/spend_usd?group_by=day&{march}")["rows"]
    sql = f"select usage_date::varchar, sum(spend_usd) from rpt_cost_daily where {LLM} group by 1 order by 1"
    assert [(each["day"], amount(each["spend_usd"])) for each in found] == marts.execute(sql).fetchall()
    change = get(f"metrics/spend_change_usd?group_by=day&{march}")["rows"]
    assert [amount(each["spend_change_usd"]) for each in change] == [
        None, Decimal("7797.223456789013") - Decimal("10.5"), Decimal("3.25") - Decimal("7797.223456789013"),
    ]  # fmt: skip
    to_date = get("metrics/spend_to_date_usd?start_date=2026-03-02&end_date=2026-03-02&filter=cost_kind:llm")["rows"]
    assert amount(to_date[0]["spend_to_date_usd"]) == Decimal("7807.723456789013")
    ratio = get(f"metrics/spend_usd_per_request?{march}")["rows"][0]["spend_usd_per_request"]
    assert ratio == pytest.approx(7810.973456789013 / 361)


def test_teams_projects_and_the_caller(get: Any) -> None:
    assert [(each["id"], each["budget"]) for each in get("teams", "vic")["teams"]] == [("alpha", "40.000000000000")]
    assert [each["id"] for each in get("projects")["projects"]] == ["alpha-project", "beta-project"]
    me = get("me", "lea")
    assert (me["name"], me["role"], me["teams"]) == ("lea", "team_lead", ["alpha"])


def test_decimals_as_numbers_keep_every_digit_and_tables_come_as_csv_and_arrow(
    client: TestClient, served: Served
) -> None:
    path = "/api/v1/cost/aggregate?start_date=2026-03-01&end_date=2026-03-31&group_by=model&order_by=-sum"
    number = client.get(f"{path}&decimals=number", headers=served.headers("ann"))
    assert '"sum":7777.123456789012' in number.text
    table = client.get(path, headers=served.headers("ann") | {"Accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[:2] == ["model,sum,count", "beta-model,7777.123456789012,50"]
    arrow = pa.ipc.open_stream(
        io.BytesIO(client.get(f"{path}&format=arrow", headers=served.headers("ann")).content)
    ).read_all()
    assert arrow["sum"].to_pylist()[0] == Decimal("7777.123456789012")
    assert arrow.schema.field("sum").type == pa.decimal128(38, 12)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("cost/metrics?period_start=yesterday", "period_start"),
        ("cost/metrics?period_start=2026-03-02&period_end=2026-03-01", "period_start"),
        ("cost/breakdown?period_end=2026-03-01", "period_start"),
        ("cost/trend?num_periods=0", "num_periods"),
        ("cost/aggregate?group_by=nothing", "group_by"),
        ("cost/aggregate?order_by=team_id", "order_by"),
        ("cost/aggregate?filter=nothing:x", "nothing"),
        ("cost/aggregate?time_range=soon", "time_range"),
        ("cost/aggregate?metrics=median", "metrics"),
        ("cost/records?cursor=nonsense", "cursor"),
        ("cost/suggestions/rec-alpha/roi?implementation_cost=-1", "implementation_cost"),
        ("cost/budgets/check?amount=x", "amount"),
        ("cost/budgets/check?amount=1&scope=planet:mars", "scope"),
        ("metrics/spend_usd?group_by=moon", "group_by"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_remedy(client: TestClient, served: Served, path: str, field: str) -> None:
    answer = client.get(f"/api/v1/{path}", headers=served.headers("ann"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["field"] == field
    assert answer.json()["remedy"]
