# ruff: noqa: DTZ001 - instants are naive UTC
"""Cost Explorer's quirks, through boto3 against a local endpoint: each has a test named after it."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ingestion.api.errors import BadRequestError, MalformedResponseError, TransportError, WrongCredentialError
from ingestion.api.model import DayPages
from ingestion.api.windows import DateRange
from ingestion.config import ApiSettings
from ingestion.sources.aws import parse
from ingestion.sources.aws import spec as spec_module
from ingestion.sources.aws.endpoints import (
    SERVICE,
    USAGE_TYPE,
    DailyCosts,
    Forecast,
    Group,
    MonthlyCosts,
    first_of_month,
)
from ingestion.sources.aws.explorer import BudgetUsedError
from ingestion.sources.aws.pipeline import LOOKBACK_DAYS, source
from ingestion.sources.aws.spec import missing
from tests.support.http_stub import Answer, Asked
from tests.unit.ingestion.aws.stub import amount, body, explorer, failing, group, operation, result
from tests.unit.ingestion.azure.spooling import parse_payloads, spooled

NOW = datetime(2026, 8, 20, 12)
DAILY = DailyCosts("cost_daily", (SERVICE, USAGE_TYPE))
TWO_DAYS = DateRange(date(2026, 8, 1), date(2026, 8, 2))
KEYS = ["Amazon Bedrock", "USE1-NovaLite-input-tokens"]
COST_DAILY = partial(parse.cost_explorer, "cost_daily")
GROUPED = {"group_by": ["DIMENSION:SERVICE", "DIMENSION:USAGE_TYPE"]}


def pull(
    answer: Any, days: DateRange = TWO_DAYS, endpoint: Any = DAILY, **settings: Any
) -> tuple[dict[Any, DayPages], list[Asked]]:
    with explorer(answer, **settings) as (client, stub):
        pages = {page.day: page for page in endpoint.pull(client, days, now=NOW)}
        return pages, stub.asked


def rows_of(tmp_path: Path, *payloads: Any, **request: Any) -> tuple[list[dict[str, Any]], list[str]]:
    rows, bad = parse_payloads(COST_DAILY, tmp_path, list(payloads), **(GROUPED | request))
    return rows, [row.reason for row in bad]


def test_the_request_is_one_botocore_accepts_and_the_end_is_exclusive() -> None:
    _, (asked,) = pull(lambda asked: Answer(body()))
    assert operation(asked) == "GetCostAndUsage"
    assert asked.headers["authorization"].startswith("AWS4-HMAC-SHA256")
    assert asked.json == {
        "TimePeriod": {"Start": "2026-08-01", "End": "2026-08-03"},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost", "AmortizedCost", "UsageQuantity"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
    }


def test_amount_is_a_string_with_more_digits_than_a_float(tmp_path: Path) -> None:
    text = "1.2345678901234567890"
    ((row,), _) = rows_of(tmp_path, result("2026-08-01", "2026-08-02", [group(KEYS, text)]))
    assert row["unblended_cost_text"] == text
    assert row["unblended_cost"] == Decimal("1.234567890123")
    assert (row["service"], row["usage_type"], row["currency"]) == (*KEYS, "USD")


def test_total_is_empty_when_grouped_and_counts_when_not(tmp_path: Path) -> None:
    total = {"UnblendedCost": amount("3"), "UsageQuantity": amount("2", "N/A")}
    grouped = result("2026-08-01", "2026-08-02", [group(KEYS, "3")])
    ((row,), _) = rows_of(tmp_path, grouped)
    assert row["unblended_cost"] == 3
    ((row,), bad) = rows_of(tmp_path, result("2026-08-01", "2026-08-02", []) | {"Total": total}, group_by=[])
    assert (row["unblended_cost"], row["service"], bad) == (3, None, [])


def test_estimated_is_kept_and_at_least_35_days_are_pulled_again(tmp_path: Path) -> None:
    ((row,), _) = rows_of(tmp_path, result("2026-08-01", "2026-08-02", [group(KEYS, "3")], is_estimated=True))
    assert row["is_estimated"] is True
    assert LOOKBACK_DAYS >= 35


def test_costs_lag_by_a_day_so_the_newest_day_is_partial() -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(body(result("2026-08-18", "2026-08-19", []), result("2026-08-19", "2026-08-20", [])))

    pages, _ = pull(answer, DateRange(date(2026, 8, 18), date(2026, 8, 19)))
    assert [pages[day].is_complete for day in sorted(pages)] == [True, False]


def test_tag_keys_come_back_with_the_tag_and_a_dollar(tmp_path: Path) -> None:
    groups = [group(["team$search$eu", "Amazon Bedrock"], "1"), group(["team$", "Amazon Bedrock"], "2")]
    rows, bad = rows_of(
        tmp_path, result("2026-08-01", "2026-08-02", groups), group_by=["TAG:team", "DIMENSION:SERVICE"]
    )
    assert [(row["tag_key"], row["tag_value"]) for row in rows] == [("team", "search$eu"), ("team", None)]
    odd = result("2026-08-01", "2026-08-02", [group(["owner$x", "s"], "1")])
    assert rows_of(tmp_path, odd, group_by=["TAG:team", "DIMENSION:SERVICE"]) == ([], ["unexpected_tag_key"])
    assert bad == []


def test_usage_quantity_over_mixed_units_has_no_meaning(tmp_path: Path) -> None:
    groups = [group(KEYS, "1", "41152.263", "N/A"), group(["a", "b"], "1", "41152.263", "1K tokens")]
    rows, _ = rows_of(tmp_path, result("2026-08-01", "2026-08-02", groups))
    assert [row["usage_quantity"] for row in rows] == [None, Decimal("41152.263")]
    assert rows[0]["usage_quantity_text"] == "41152.263"


def test_record_type_separates_credits_refunds_and_tax_in_the_monthly_report(tmp_path: Path) -> None:
    groups = [group(["Amazon Bedrock", "Usage"], "10"), group(["Amazon Bedrock", "Credit"], "-4")]
    monthly = result("2026-08-01", "2026-09-01", groups)
    rows, bad = rows_of(tmp_path, monthly, group_by=["DIMENSION:SERVICE", "DIMENSION:RECORD_TYPE"])
    assert [(row["record_type"], row["unblended_cost"]) for row in rows] == [("Usage", 10), ("Credit", -4)]
    assert (bad, MonthlyCosts().groups[1].key) == ([], "RECORD_TYPE")


def test_five_thousand_groups_then_a_next_page_token_and_a_day_split_over_pages(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.json.get("NextPageToken") == "p2":
            return Answer(body(result("2026-08-02", "2026-08-03", [group(["a", "y"], "2")])))
        one = result("2026-08-01", "2026-08-02", [group(KEYS, "1")])
        return Answer(body(one, result("2026-08-02", "2026-08-03", [group(["a", "x"], "1")]), token="p2"))

    pages, asked = pull(answer)
    assert len(asked) == 2
    second = pages[date(2026, 8, 2)]
    assert (second.row_count, second.amount, second.bucket_count) == (2, Decimal(3), 1)
    rows, bad = spooled(tmp_path, COST_DAILY, "cost_daily", second)
    assert [(row["usage_type"], row["page_cursor"]) for row in rows] == [("x", None), ("y", "p2")]
    assert bad == []


def test_no_day_is_given_when_a_later_page_fails_and_a_repeated_token_ends() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.json.get("NextPageToken"):
            return failing("ValidationException")
        return Answer(body(result("2026-08-01", "2026-08-02", []), token="p2"))

    with pytest.raises(BadRequestError):
        pull(answer)
    with pytest.raises(MalformedResponseError, match="never end"):
        pull(lambda asked: Answer(body(token="again")))


def test_history_of_13_months_is_not_asked_beyond_and_said() -> None:
    pages, (asked,) = pull(lambda asked: Answer(body()), DateRange(date(2025, 6, 29), date(2025, 7, 2)))
    assert asked.json["TimePeriod"]["Start"] == "2025-07-01"
    assert pages[date(2025, 6, 30)].reason == "Cost Explorer keeps 13 months"
    assert first_of_month(date(2026, 1, 31), -13) == date(2024, 12, 1)


@pytest.mark.parametrize("code", ["ThrottlingException", "LimitExceededException"])
def test_throttling_is_waited_for(code: str) -> None:
    answers = [failing(code), Answer("", 503), Answer(body())]
    pages, asked = pull(lambda asked: answers.pop(0))
    assert len(asked) == 3
    assert all(page.bucket_count == 0 for page in pages.values())


def test_patience_ends_with_a_clear_error() -> None:
    with pytest.raises(TransportError, match=r"ThrottlingException.*tried 3 times"):
        pull(lambda asked: failing("ThrottlingException"))


@pytest.mark.parametrize(
    "answer", [Answer("<html>proxy</html>"), Answer("[1]"), Answer({"nothing": 1}), Answer(body({"Groups": []}))]
)
def test_an_answer_that_is_not_as_published_is_an_error_not_an_empty_day(answer: Answer) -> None:
    with pytest.raises(MalformedResponseError):
        pull(lambda asked: answer)


def test_a_cut_connection_is_asked_again() -> None:
    answers = [Answer(body(), is_cut=True), Answer(body())]
    _, asked = pull(lambda asked: answers.pop(0))
    assert len(asked) == 2


@pytest.mark.parametrize("code", ["UnrecognizedClientException", "AccessDeniedException", "ExpiredTokenException"])
def test_a_wrong_key_names_the_variables_and_no_value(code: str) -> None:
    with pytest.raises(WrongCredentialError, match="AWS_SECRET_ACCESS_KEY") as caught:
        pull(lambda asked: Answer({"__type": code, "message": "AKIAPLANTED planted-secret-key"}, 400))
    assert "planted" not in str(caught.value).lower()


def test_each_request_costs_a_cent_so_a_run_has_a_budget() -> None:
    with explorer(lambda asked: Answer(body()), aws_max_requests=2) as (client, stub):
        for _ in range(2):
            list(DAILY.pull(client, TWO_DAYS, now=NOW))
        assert str(client.spent_usd) == "0.02"
        with pytest.raises(BudgetUsedError, match="COSTOPS_AWS_MAX_REQUESTS"):
            list(DAILY.pull(client, TWO_DAYS, now=NOW))
    assert len(stub.asked) == 2


def test_unknown_fields_and_unknown_groups_are_kept(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        given = group(["claude"], "1") | {"Novelty": {"x": 1.50}}
        return Answer(body(result("2026-08-01", "2026-08-02", [given])))

    endpoint = DailyCosts("cost_daily", (Group("PRODUCT_ATTRIBUTE", "model"),))
    pages, (asked,) = pull(answer, endpoint=endpoint)
    rows, _ = spooled(tmp_path, COST_DAILY, "cost_daily", pages[date(2026, 8, 1)])
    assert asked.json["GroupBy"] == [{"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}]
    assert json.loads(rows[0]["group_keys"]) == ["claude"]
    assert json.loads(rows[0]["extra_columns"]) == {"Groups.Novelty": {"x": 1.5}}


def test_bad_groups_are_quarantined_alone(tmp_path: Path) -> None:
    groups = [group(KEYS, "1"), group(["one"], "1"), group(["a", "b"], "n/a"), {"Keys": ["c", "d"], "Metrics": {}}, 7]
    rows, reasons = rows_of(tmp_path, result("2026-08-01", "2026-08-02", groups))
    assert len(rows) == 1
    assert reasons == ["wrong_field_count", "invalid_number", "missing_cost", "not_an_object"]


def test_the_monthly_report_is_a_list_of_months_that_survive() -> None:
    pages, (asked,) = pull(
        lambda asked: Answer(body(result("2026-07-01", "2026-08-01", [group(["s", "Usage"], "1")]))),
        endpoint=MonthlyCosts(),
    )
    assert asked.json["TimePeriod"] == {"Start": "2025-07-01", "End": "2026-09-01"}
    assert pages[None].amount == 1
    assert MonthlyCosts().key_of(pages[None].records[0].payload) == "2026-07-01"


def test_the_forecast_is_asked_with_an_interval_and_is_no_charge(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        part = {
            "TimePeriod": {"Start": "2026-09-01", "End": "2026-10-01"},
            "MeanValue": "10.5",
            "PredictionIntervalLowerBound": "9",
            "PredictionIntervalUpperBound": "12",
        }
        return Answer({"Total": amount("10.5"), "ForecastResultsByTime": [part]})

    pages, (asked,) = pull(answer, endpoint=Forecast())
    assert operation(asked) == "GetCostForecast"
    assert asked.json["PredictionIntervalLevel"] == 80
    ((row,), bad) = spooled(tmp_path, parse.cost_forecast, "cost_forecast", pages[None])
    assert (row["mean_cost"], row["upper_cost"], row["currency"], bad) == (Decimal("10.5"), 12, "USD", [])


def test_a_forecast_without_enough_history_is_said_and_no_error() -> None:
    pages, _ = pull(lambda asked: failing("DataUnavailableException"), endpoint=Forecast())
    assert not pages[None].is_complete
    assert "DataUnavailableException" in str(pages[None].reason)


def test_the_source_is_off_without_keys_or_without_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "AWS_ACCESS_KEY_ID" in str(missing(ApiSettings()))
    assert "AWS_SECRET_ACCESS_KEY" in str(missing(ApiSettings(aws_access_key_id="a")))
    keys = ApiSettings(aws_access_key_id="a", aws_secret_access_key="b")
    assert missing(keys) is None
    monkeypatch.setattr(spec_module, "find_spec", lambda name: None)
    assert "llm-cost-ops[aws]" in str(missing(keys))


def test_reports_by_service_and_usage_type_by_tag_by_month_and_forecast() -> None:
    names = [endpoint.name for endpoint in source(ApiSettings(aws_cost_tags=("team",))).endpoints]
    assert names == ["cost_daily", "cost_tag_team", "cost_monthly", "cost_forecast"]


def test_linked_accounts_are_asked_for_one_by_one_because_a_report_groups_by_two(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        if operation(asked) == "GetDimensionValues":
            values = [{"Value": name, "Attributes": {"description": name}} for name in ("111", "222")]
            return Answer({"DimensionValues": values, "ReturnSize": 2, "TotalSize": 2})
        account = asked.json["Filter"]["Dimensions"]["Values"][0]
        return Answer(body(result("2026-08-01", "2026-08-02", [group(KEYS, account)])))

    pages, asked = pull(answer, endpoint=DailyCosts("cost_daily", (SERVICE, USAGE_TYPE), most_accounts=2))
    rows, bad = spooled(tmp_path, COST_DAILY, "cost_daily", pages[date(2026, 8, 1)])
    assert [(row["linked_account_id"], row["unblended_cost"]) for row in rows] == [("111", 111), ("222", 222)]
    assert (len(asked), bad) == (3, [])


def test_too_many_linked_accounts_are_asked_for_together_because_requests_cost() -> None:
    def answer(asked: Asked) -> Answer:
        if operation(asked) == "GetDimensionValues":
            values = [{"Value": name} for name in ("111", "222")]
            return Answer({"DimensionValues": values, "ReturnSize": 2, "TotalSize": 2})
        return Answer(body())

    _, asked = pull(answer, endpoint=DailyCosts("cost_daily", (SERVICE, USAGE_TYPE), most_accounts=1))
    assert [operation(each) for each in asked] == ["GetDimensionValues", "GetCostAndUsage"]
    assert "Filter" not in asked[1].json
