# ruff: noqa: DTZ001 - instants are naive UTC
"""Azure Monitor's quirks: each has a test named after it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.api.client import ApiClient
from ingestion.api.errors import MalformedResponseError
from ingestion.api.model import DayPages
from ingestion.api.session import RetryPolicy
from ingestion.api.windows import DateRange
from ingestion.sources.azure import parse
from ingestion.sources.azure import requests as ask
from ingestion.sources.azure.endpoints import MetricsEndpoint
from tests.support.http_stub import Answer, Asked, serving
from tests.unit.ingestion.azure.spooling import parse_payloads, spooled

ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
NOW = datetime(2026, 8, 3, 12, 30)


def series(deployment: str, points: list[dict[str, Any]], model: str = "gpt-4o") -> dict[str, Any]:
    labels = {"modeldeploymentname": deployment, "modelname": model}
    return {
        "metadatavalues": [{"name": {"value": name, "localizedValue": name}, "value": v} for name, v in labels.items()],
        "data": points,
    }


def metric(name: str, timeseries: list[Any], unit: str = "Count") -> dict[str, Any]:
    return {"name": {"value": name}, "unit": unit, "timeseries": timeseries, "errorCode": "Success"}


def point(hour: str, **values: Any) -> dict[str, Any]:
    return {"timeStamp": f"{hour}:00:00Z", **values}


def payload(name: str, points: list[Any], unit: str = "Count", deployment: str = "chat") -> dict[str, Any]:
    known = {key: value for key, value in metric(name, [], unit).items() if key != "timeseries"}
    return {"resourceId": ACCOUNT, "interval": "PT1H", **known, **series(deployment, points)}


def pull(answer: Any, days: DateRange, endpoint: MetricsEndpoint | None = None) -> tuple[list[DayPages], list[Asked]]:
    with serving(answer) as stub:
        client = ApiClient(stub.url, policy=RetryPolicy(max_attempts=2, base_seconds=0))
        pages = list((endpoint or MetricsEndpoint((ACCOUNT,))).pull(client, days, now=NOW))
        return pages, stub.asked


def answering(tokens: list[Any], requests: list[Any] | None = None) -> Any:
    def answer(asked: Asked) -> Answer:
        names = asked.query["metricnames"].split(",")
        values = [metric(name, tokens if name in ask.TOKENS.metrics else requests or []) for name in names]
        return Answer({"value": values})

    return answer


def test_points_become_rows_by_deployment_with_hour_and_exact_number(tmp_path: Path) -> None:
    given = answering([series("chat", [point("2026-08-01T05", total=12.5), point("2026-08-02T05", total=3.0)])])
    pages, asked = pull(given, DateRange(date(2026, 8, 1), date(2026, 8, 2)))
    assert [page.day for page in pages] == [date(2026, 8, 1), date(2026, 8, 2)]
    rows, bad = spooled(tmp_path, parse.metrics, "metrics", pages[0])
    assert not bad
    assert {row["metric"]: row["quantity"] for row in rows} == dict.fromkeys(ask.TOKENS.metrics, Decimal("12.5"))
    assert {row["model_deployment_name"] for row in rows} == {"chat"}
    assert {row["hour_start_utc"] for row in rows} == {datetime(2026, 8, 1, 5)}
    query = asked[0].query
    assert query["timespan"] == "2026-08-01T00:00:00Z/2026-08-03T00:00:00Z"
    assert (query["interval"], query["aggregation"]) == ("PT1H", "Total")
    assert query["$filter"].startswith("ModelDeploymentName eq '*'")


def test_timestamps_are_utc_at_the_start_of_the_interval(tmp_path: Path) -> None:
    points = [point("2026-08-01T23", total=1), point("2026-08-02T00", total=2)]
    pages, _ = pull(answering([series("chat", points)]), DateRange(date(2026, 8, 1), date(2026, 8, 2)))
    for page, hour, total in zip(pages, (23, 0), (1, 2), strict=True):
        rows, _ = spooled(tmp_path, parse.metrics, "metrics", page)
        assert {(row["hour_start_utc"].hour, row["quantity"]) for row in rows} == {(hour, Decimal(total))}


def test_missing_points_are_no_zero_and_zero_is_kept(tmp_path: Path) -> None:
    points = [point("2026-08-01T01"), point("2026-08-01T02", total=None), point("2026-08-01T03", total=0.0)]
    rows, bad = parse_payloads(parse.metrics, tmp_path, [payload("GeneratedTokens", points)])
    assert not bad
    assert [(row["hour_start_utc"].hour, row["quantity"]) for row in rows] == [(3, Decimal(0))]


def test_a_day_without_any_series_was_asked_and_is_complete_without_rows(tmp_path: Path) -> None:
    (page,), _ = pull(answering([]), DateRange(date(2026, 8, 1), date(2026, 8, 1)))
    assert (page.is_complete, page.row_count, page.quantity) == (True, 0, None)
    assert spooled(tmp_path, parse.metrics, "metrics", page) == ([], [])


def test_a_renamed_deployment_is_a_new_series_and_both_count(tmp_path: Path) -> None:
    old, new = series("chat", [point("2026-08-01T01", total=5)]), series("chat-v2", [point("2026-08-01T01", total=7)])
    (page,), _ = pull(answering([old, new]), DateRange(date(2026, 8, 1), date(2026, 8, 1)))
    rows, _ = spooled(tmp_path, parse.metrics, "metrics", page)
    found = {(row["metric"], row["model_deployment_name"]): row["quantity"] for row in rows}
    assert found["GeneratedTokens", "chat"] == 5
    assert found["GeneratedTokens", "chat-v2"] == 7


def test_token_transaction_is_landed_but_not_in_the_measured_quantity(tmp_path: Path) -> None:
    (page,), _ = pull(
        answering([series("chat", [point("2026-08-01T01", total=4)])]), DateRange(date(2026, 8, 1), date(2026, 8, 1))
    )
    assert page.quantity == 8  # prompt and generated, without their sum
    rows, _ = spooled(tmp_path, parse.metrics, "metrics", page)
    assert "TokenTransaction" in {row["metric"] for row in rows}


def test_percent_metrics_are_asked_and_landed_as_averages_never_summed(tmp_path: Path) -> None:
    assert ask.PROVISIONED.aggregation == "Average"
    points = [point("2026-08-01T01", average=40.0), point("2026-08-01T02", average=60.5)]
    shown = payload("AzureOpenAIProvisionedManagedUtilizationV2", points, "Percent")
    rows, _ = parse_payloads(parse.metrics, tmp_path, [shown])
    assert [(row["unit"], row["aggregation"], row["quantity_text"]) for row in rows] == [
        ("Percent", "average", "40.0"),
        ("Percent", "average", "60.5"),
    ]


def test_spillover_stays_a_dimension_of_its_own(tmp_path: Path) -> None:
    shown = payload("AzureOpenAIRequests", [point("2026-08-01T01", total=1)])
    shown["metadatavalues"] += [
        {"name": {"value": "isspillover"}, "value": "True"},
        {"name": {"value": "x"}, "value": 1},
    ]
    ((row,), _) = parse_payloads(parse.metrics, tmp_path, [shown])
    assert row["is_spillover"] == "True"
    assert '"x": "1"' in row["dimensions"]


def test_no_legacy_metric_is_asked_for() -> None:
    names = {name for query in ask.METRIC_QUERIES for name in query.metrics}
    assert not names & {"TotalCalls", "DataIn", "DataOut", "TotalTokenCalls"}


def test_more_than_ten_series_are_asked_for() -> None:
    assert ask.TOKENS.params("a", "b", ("ModelDeploymentName",))["top"] == ask.MOST_SERIES > 10


def test_retention_of_93_days_is_not_asked_beyond_and_said() -> None:
    days = DateRange(date(2026, 4, 30), date(2026, 5, 4))
    pages, asked = pull(answering([]), days)
    assert [page.day for page in pages if page.reason and "93 days" in page.reason] == [
        date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 2)
    ]  # fmt: skip
    assert asked[0].query["timespan"].startswith("2026-05-03T")


def test_one_query_spans_thirty_days_at_most() -> None:
    assert MetricsEndpoint().window_days == 30


def test_dimensions_that_an_account_refuses_are_asked_for_once_and_then_left_out() -> None:
    def answer(asked: Asked) -> Answer:
        if "IsSpillover" in asked.query["$filter"] or "Percent" in asked.query["metricnames"]:
            return Answer({"error": {"message": "unknown dimension"}}, 400)
        if asked.query["aggregation"] == "Average":
            return Answer({"error": {"message": "unknown metric"}}, 400)
        return answering([series("chat", [point("2026-08-01T01", total=4)])])(asked)

    endpoint = MetricsEndpoint((ACCOUNT,))
    (page,), asked = pull(answer, DateRange(date(2026, 8, 1), date(2026, 8, 1)), endpoint)
    assert page.is_complete
    assert page.reason is not None
    assert "Utilization" in page.reason
    _, again = pull(answer, DateRange(date(2026, 8, 2), date(2026, 8, 2)), endpoint)
    assert (len(asked), len(again)) == (4, 2)


def test_accounts_are_found_through_the_subscription_page_by_page() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/accounts"):
            host = asked.headers["host"]
            if "page" not in asked.query:
                link = f"http://{host}{asked.path}?page=2"
                return Answer(
                    {"value": [{"id": ACCOUNT, "kind": "OpenAI"}, {"id": "/x", "kind": "Face"}], "nextLink": link}
                )
            return Answer({"value": [{"id": ACCOUNT + "2", "kind": "AIServices"}]})
        return answering([])(asked)

    _, asked = pull(answer, DateRange(date(2026, 8, 1), date(2026, 8, 1)), MetricsEndpoint((), ("s",)))
    metrics = {request.path.removesuffix("/providers/Microsoft.Insights/metrics") for request in asked[2:]}
    assert metrics == {ACCOUNT, ACCOUNT + "2"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": [{"name": {"value": "GeneratedTokens"}}]},
        {"value": [{**metric("GeneratedTokens", []), "errorCode": "InternalError", "errorMessage": "try later"}]},
        {"value": [metric("GeneratedTokens", [series("chat", [{"timeStamp": "soon", "total": 1}])])]},
    ],
)
def test_an_answer_that_is_not_as_published_is_an_error_not_a_quiet_day(body: Any) -> None:
    with pytest.raises(MalformedResponseError):
        pull(lambda asked: Answer(body), DateRange(date(2026, 8, 1), date(2026, 8, 1)))


def test_a_point_of_another_day_or_without_a_number_is_quarantined_alone(tmp_path: Path) -> None:
    points = [point("2026-08-01T01", total=1), point("2026-08-02T01", total=1), point("2026-08-01T02", total="many")]
    rows, bad = parse_payloads(parse.metrics, tmp_path, [payload("GeneratedTokens", points)])
    assert len(rows) == 1
    assert [row.reason for row in bad] == ["outside_day", "invalid_number"]
