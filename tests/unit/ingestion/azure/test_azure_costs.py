# ruff: noqa: DTZ001 - instants are naive UTC
"""Cost Management's quirks and Azure's access: each has a test named after it."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.api.client import ApiClient
from ingestion.api.errors import MalformedResponseError, WrongCredentialError
from ingestion.api.session import RetryPolicy
from ingestion.api.windows import DateRange, due_days
from ingestion.config import ApiSettings
from ingestion.sources.azure import parse
from ingestion.sources.azure import requests as ask
from ingestion.sources.azure.access import RETRY_HEADERS, NextLinkPaginator, Pace, connect, without_default_port
from ingestion.sources.azure.endpoints import CostQueryEndpoint
from ingestion.sources.azure.pipeline import LOOKBACK_DAYS, endpoints
from tests.support.http_stub import Answer, Asked, serving
from tests.unit.ingestion.azure.spooling import parse_payloads, spooled

NOW = datetime(2026, 8, 20, 12)
SCOPE = "subscriptions/0000"
COLUMNS = ["Cost", "CostUSD", "UsageDate", "Meter", "ResourceId", "Currency"]


def page(rows: list[list[Any]], columns: list[str] = COLUMNS, link: str | None = None) -> dict[str, Any]:
    return {"properties": {"nextLink": link, "columns": [{"name": c, "type": "String"} for c in columns], "rows": rows}}


def piece(columns: list[str], rows: str) -> str:
    return f'{{"columns": {json.dumps([{"name": c} for c in columns])}, "rows": {rows}}}'


def pull(answer: Any, days: DateRange, **more: Any) -> tuple[dict[date, Any], list[Asked]]:
    with serving(answer) as stub:
        client = ApiClient(stub.url, policy=RetryPolicy(max_attempts=3, base_seconds=0))
        pages = list(CostQueryEndpoint((SCOPE,), **more).pull(client, days, now=NOW))
        return {each.day: each for each in pages if each.day}, stub.asked


ROW_1 = [1.5, 1.5, 20260801, "gpt 4.1 Inp glbl Tokens", "/subscriptions/0000/x", "USD"]
ROW_2 = [2.25, 2.25, 20260802, "gpt 4.1 Outp glbl Tokens", "/subscriptions/0000/x", "USD"]
TWO_DAYS = DateRange(date(2026, 8, 1), date(2026, 8, 2))


def test_rows_are_positional_through_columns_whose_order_changes(tmp_path: Path) -> None:
    one = piece(["Cost", "UsageDate", "Meter", "Currency"], '[[12.345, 20260801, "gpt 4o", "EUR"]]')
    other = piece(["Currency", "Meter", "UsageDate", "PreTaxCost"], '[["EUR", "gpt 4o", 20260801, 12.345]]')
    rows, bad = parse_payloads(parse.cost_query, tmp_path, [one, other])
    assert not bad
    for row in rows:
        assert (row["cost"], row["cost_text"], row["meter"], row["currency"], row["usage_date"]) == (
            Decimal("12.345"), "12.345", "gpt 4o", "EUR", date(2026, 8, 1)
        )  # fmt: skip


@pytest.mark.parametrize("printed", ["20260801", "20260801.0", '"20260801"', '"2026-08-01T00:00:00"'])
def test_usage_date_is_a_number_yyyymmdd(tmp_path: Path, printed: str) -> None:
    ((row,), _) = parse_payloads(parse.cost_query, tmp_path, [piece(["Cost", "UsageDate"], f"[[1, {printed}]]")])
    assert row["usage_date"] == date(2026, 8, 1)


def test_monthly_gives_billing_month_as_a_datetime(tmp_path: Path) -> None:
    text = piece(["Cost", "UsageDate", "BillingMonth"], '[[1, 20260801, "2026-08-01T00:00:00"]]')
    ((row,), _) = parse_payloads(parse.cost_query, tmp_path, [text])
    assert row["billing_month"] == date(2026, 8, 1)


@pytest.mark.parametrize(("printed", "exact"), [("1.23e-7", "0.000000123"), ('"0.10"', "0.10"), ("3", "3")])
def test_money_is_decimal_from_number_text_or_scientific_notation(tmp_path: Path, printed: str, exact: str) -> None:
    ((row,), _) = parse_payloads(parse.cost_query, tmp_path, [piece(["Cost", "UsageDate"], f"[[{printed}, 20260801]]")])
    assert (row["cost_text"], row["cost"]) == (exact, Decimal(exact))


def test_rows_that_do_not_fit_their_columns_are_quarantined_alone(tmp_path: Path) -> None:
    text = piece(["Cost", "UsageDate"], '[[1, 20260801], [1], ["much", 20260801], [null, 20260801], [1, 20260802]]')
    rows, bad = parse_payloads(parse.cost_query, tmp_path, [text])
    assert len(rows) == 1
    assert [row.reason for row in bad] == ["wrong_field_count", "invalid_number", "missing_cost", "outside_day"]


def test_unknown_columns_are_kept_and_untagged_is_null(tmp_path: Path) -> None:
    columns = ["Cost", "UsageDate", "TagKey", "TagValue", "ChargeType"]
    text = piece(columns, '[[1, 20260801, "team", "", "usage"], [2, 20260801, "team", "a", "usage"]]')
    rows, _ = parse_payloads(parse.cost_query, tmp_path, [text])
    assert [(row["tag_key"], row["tag_value"]) for row in rows] == [("team", None), ("team", "a")]
    assert json.loads(rows[0]["dimensions"]) == {"ChargeType": "usage"}


def test_next_link_is_followed_with_post_and_the_same_body(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        if "$skiptoken" in asked.query:
            return Answer(page([ROW_2]))
        link = f"http://{asked.headers['host']}{asked.path}?api-version=x&$skiptoken=abc"
        return Answer(page([ROW_1], link=link))

    days, asked = pull(answer, TWO_DAYS)
    assert [request.method for request in asked] == ["POST", "POST"]
    assert asked[0].body == asked[1].body
    assert asked[0].query["$top"] == "5000"
    rows, _ = spooled(tmp_path, parse.cost_query, "cost_query", days[date(2026, 8, 2)])
    assert [(row["cost"], row["page_cursor"], row["scope"]) for row in rows] == [(Decimal("2.25"), "abc", SCOPE)]
    assert days[date(2026, 8, 1)].amount == Decimal("1.5")


def test_no_day_is_given_when_a_later_page_fails() -> None:
    def answer(asked: Asked) -> Answer:
        if "$skiptoken" in asked.query:
            return Answer("<html>gateway</html>")
        return Answer(page([ROW_1], link=f"http://{asked.headers['host']}{asked.path}?$skiptoken=abc"))

    with pytest.raises(MalformedResponseError):
        pull(answer, TWO_DAYS)


def test_a_next_link_that_repeats_is_an_error_not_a_loop() -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(page([ROW_1], link=f"http://{asked.headers['host']}{asked.path}?$skiptoken=abc"))

    with pytest.raises(MalformedResponseError, match="never end"):
        pull(answer, TWO_DAYS)


def test_next_link_may_spell_out_the_default_port() -> None:
    assert without_default_port("https://management.azure.com:443/a?b=1") == "https://management.azure.com/a?b=1"
    assert without_default_port("http://127.0.0.1:8443/a") == "http://127.0.0.1:8443/a"
    assert NextLinkPaginator("properties").has_next_page


def test_the_largest_of_the_retry_headers_is_waited_for() -> None:
    waits: list[float] = []
    own = "x-ms-ratelimit-microsoft.costmanagement-"
    headers = {"retry-after": "0", f"{own}qpu-retry-after": "3", f"{own}entity-retry-after": "11"}
    headers[f"{own}tenant-retry-after"] = "7"
    answers = [Answer({}, 429, headers), Answer(page([ROW_1]))]
    with serving(lambda asked: answers.pop(0)) as stub:
        policy = RetryPolicy(max_attempts=2, sleep=waits.append, retry_after_headers=RETRY_HEADERS)
        list(CostQueryEndpoint((SCOPE,)).pull(ApiClient(stub.url, policy=policy), TWO_DAYS, now=NOW))
    assert waits == [11.0]


def test_four_requests_a_minute_per_scope() -> None:
    clock, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    pace, policy = Pace(4), RetryPolicy(sleep=sleep, clock=lambda: clock[0])
    for _ in range(9):
        pace.wait(policy)
        clock[0] += 1
    assert slept == [56.0, 56.0]


def test_a_daily_query_spans_31_days_at_most() -> None:
    assert CostQueryEndpoint((SCOPE,)).window_days == 31
    with pytest.raises(ValueError, match="31 days"):
        ask.cost_body(date(2026, 8, 1), date(2026, 9, 1), ())


def test_grouping_is_by_two_at_most() -> None:
    with pytest.raises(ValueError, match="two"):
        ask.cost_body(date(2026, 8, 1), date(2026, 8, 1), [ask.Grouping("Dimension", name) for name in "abc"])


def test_resource_grouping_only_at_subscription_or_resource_group_scope() -> None:
    names = [grouping.name for grouping in ask.default_groupings("/subscriptions/s/resourceGroups/g")]
    assert names == ["Meter", "ResourceId"]
    billing = "providers/Microsoft.Billing/billingAccounts/1"
    assert [grouping.name for grouping in ask.default_groupings(billing)] == ["Meter", "SubscriptionId"]


def test_filter_and_needs_two_children() -> None:
    one, two = {"dimensions": {"name": "a"}}, {"dimensions": {"name": "b"}}
    assert ask.joined([]) is None
    assert ask.joined([one]) == one
    assert ask.joined([one, two]) == {"and": [one, two]}
    assert "filter" not in ask.cost_body(date(2026, 8, 1), date(2026, 8, 1), ())["dataset"]


def test_the_newest_day_is_partial_because_costs_lag() -> None:
    days, _ = pull(lambda asked: Answer(page([])), DateRange(date(2026, 8, 18), date(2026, 8, 19)))
    assert [days[day].is_complete for day in sorted(days)] == [True, False]


def test_a_month_closes_five_days_late_so_all_of_it_is_pulled_again_until_then() -> None:
    everything = DateRange(date(2026, 7, 1), date(2026, 9, 5))
    pulled = dict.fromkeys(everything, datetime(2026, 9, 4, 12))
    due = due_days(everything, pulled, LOOKBACK_DAYS, datetime(2026, 9, 5, 12))
    assert set(DateRange(date(2026, 8, 1), date(2026, 9, 5))) <= set(due)


def test_a_day_without_charges_is_a_fact_not_a_gap(tmp_path: Path) -> None:
    days, _ = pull(lambda asked: Answer(page([ROW_1])), TWO_DAYS)
    assert (days[date(2026, 8, 2)].row_count, len(days[date(2026, 8, 2)].records)) == (0, 1)
    assert spooled(tmp_path, parse.cost_query, "cost_query", days[date(2026, 8, 2)]) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"properties": {}},
        page([[1]], ["Cost"]),
        page([[1, 20260801, 3]], ["Cost", "UsageDate"]),
        page([[1, "soon"]], ["Cost", "UsageDate"]),
    ],
)
def test_an_answer_without_its_columns_is_an_error(body: Any) -> None:
    with pytest.raises(MalformedResponseError):
        pull(lambda asked: Answer(body), TWO_DAYS)


SECRETS = {"azure_tenant_id": "tenant", "azure_client_id": "client", "azure_client_secret": "planted-secret-value"}


def test_the_token_comes_from_the_authority_and_is_asked_for_once() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/login/tenant/oauth2/v2.0/token":
            return Answer({"token_type": "Bearer", "expires_in": "3599", "access_token": "tok"})
        return Answer(page([ROW_1]))

    with serving(answer) as stub:
        api = ApiSettings(azure_authority_url=f"{stub.url}/login", azure_management_url=stub.url, **SECRETS)
        client = connect(api)
        for _ in range(2):
            list(CostQueryEndpoint((SCOPE,)).pull(client, TWO_DAYS, now=NOW))
    assert [request.path.rsplit("/", 1)[1] for request in stub.asked] == ["token", "query", "query"]
    assert stub.asked[0].form == {
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_secret": "planted-secret-value",
        "scope": f"{stub.url}/.default",
    }
    assert stub.asked[1].headers["authorization"] == "Bearer tok"


@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_secret_is_an_error_that_names_the_variable_and_not_its_value(status: int) -> None:
    said = {"error": "invalid_client", "error_description": "planted-secret-value is wrong"}
    with serving(lambda asked: Answer(said, status)) as stub:
        client = connect(ApiSettings(azure_authority_url=stub.url, azure_management_url=stub.url, **SECRETS))
        with pytest.raises(WrongCredentialError, match="AZURE_CLIENT_SECRET") as caught:
            list(CostQueryEndpoint((SCOPE,)).pull(client, TWO_DAYS, now=NOW))
    assert "planted-secret-value" not in str(caught.value)


def test_configuration_decides_what_is_asked() -> None:
    api = ApiSettings(azure_subscription_id="a, b", azure_cost_tags=("team",))
    assert [endpoint.name for endpoint in endpoints(api)] == ["metrics", "cost_query", "cost_query_tag_team"]
    assert endpoints(api)[1].scopes == ("subscriptions/a", "subscriptions/b")  # type: ignore[attr-defined]
    assert endpoints(ApiSettings(azure_openai_resource_ids=("/x",)))[-1].name == "metrics"
