"""Groq, Azure, AWS and OpenRouter: sums equal the truth, limits hold, keys are checked."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pandas as pd
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers import Options, Urls, running_simulator
from ingestion.demo.providers.aws.lines import usage_type
from ingestion.demo.providers.azure.costs import meter_name
from ingestion.demo.providers.azure.dialect import ACCOUNTS, DEPLOYMENTS
from ingestion.demo.providers.openrouter import example_activity

LAST = date(2026, 11, 21)
FIRST = LAST - timedelta(days=44)


def groq_session(urls: Urls, key: str | None = None) -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key or urls.simulator.keys.groq_api_key}"
    return session


def query_range(urls: Urls, query: str, start: Any, end: Any, step: Any = 300) -> requests.Response:
    params = {"query": query, "start": start, "end": end, "step": step}
    return groq_session(urls).get(f"{urls.groq}/api/v1/query_range", params=params, timeout=10)


@pytest.mark.parametrize(
    ("metric", "columns"),
    [
        ("model_project_id:tokens_in:rate5m", ["uncached_input_tokens", "cache_read_tokens"]),
        ("model_project_id:tokens_out:rate5m", ["output_tokens"]),
        ("model_project_id_status_code:requests:rate5m", ["request_count"]),
    ],
)
def test_groq_rates_over_their_span_sum_to_the_truth(
    urls: Urls, reached: pd.DataFrame, metric: str, columns: list[str]
) -> None:
    found: Counter[tuple[str | None, str | None]] = Counter()
    for day in (date(2026, 11, 18) + timedelta(days=number) for number in range(4)):
        start = f"{day}T00:05:00Z"
        answer = query_range(urls, metric, start, f"{day + timedelta(days=1)}T00:00:00Z")
        for series in answer.json()["data"]["result"]:
            labels = series["metric"]
            found[labels["model"], labels.get("project_id")] += sum(
                round(float(value) * 300) for _, value in series["values"]
            )
    rows = reached[(reached["provider_id"] == "groq") & (reached["requested_at_utc"] >= "2026-11-18")]
    due: Counter[tuple[str | None, str | None]] = Counter()
    for row in rows.to_dict("records"):
        place = row["project_id"] if isinstance(row["project_id"], str) else None
        due[row["model"], place] += sum(row[name] for name in columns)
    assert found == due


def test_groq_limits_points_and_understands_sums(urls: Urls) -> None:
    metric = "model_project_id:tokens_in:rate5m"
    too_many = query_range(urls, metric, "2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z", 60)
    assert too_many.status_code == 400
    assert "11,000 points" in too_many.json()["error"]
    summed = query_range(urls, f"sum by (model) ({metric})", "2026-11-20T00:05:00Z", "2026-11-21T00:00:00Z", "5m")
    assert all(set(one["metric"]) == {"model"} for one in summed.json()["data"]["result"])
    assert query_range(urls, "rate(x[5m])", 0, 300).status_code == 422
    both = query_range(urls, metric, 1795392300, 1795392600).json()["data"]["result"]
    assert all(values[0] in (1795392300.0, 1795392600.0) for one in both for values in one["values"])


def test_groq_tells_not_entitled_from_wrong(urls: Urls) -> None:
    address = f"{urls.groq}/api/v1/labels"
    assert groq_session(urls, urls.simulator.keys.groq_developer_key).get(address, timeout=10).status_code == 404
    assert groq_session(urls, "gsk_wrong").get(address, timeout=10).status_code == 401
    assert "project_id" in groq_session(urls).get(address, timeout=10).json()["data"]


def metrics(urls: Urls, session: requests.Session, resource: str, **params: Any) -> requests.Response:
    address = f"{urls.azure}{resource}/providers/Microsoft.Insights/metrics"
    base = {"api-version": "2024-02-01", "aggregation": "Total", "interval": "PT1H"}
    return session.get(address, params={**base, **params}, timeout=10)


def test_azure_metrics_by_deployment_sum_to_the_truth(
    urls: Urls, azure: requests.Session, reached: pd.DataFrame
) -> None:
    found: Counter[tuple[str, str, str]] = Counter()
    for account in ACCOUNTS.values():
        answer = metrics(
            urls,
            azure,
            account.resource_id,
            metricnames="ProcessedPromptTokens,GeneratedTokens,AzureOpenAIRequests,TokenTransaction",
            timespan="2026-10-23T00:00:00Z/2026-11-22T00:00:00Z",
            **{"$filter": "ModelDeploymentName eq '*' and ModelVersion eq '*'"},
        ).json()
        for metric in answer["value"]:
            for series in metric["timeseries"]:
                names = {one["name"]["value"]: one["value"] for one in series["metadatavalues"]}
                assert len(series["data"]) == 30 * 24
                total = sum(int(one.get("total", 0)) for one in series["data"])
                model = DEPLOYMENTS[names["modeldeploymentname"]]
                found[account.project.id, model, metric["name"]["value"]] += total
    rows = reached[(reached["provider_id"] == "azure") & (reached["requested_at_utc"] >= "2026-10-23")]
    due: Counter[tuple[str, str, str]] = Counter()
    for row in rows.to_dict("records"):
        key = (row["project_id"], row["model"])
        prompt = row["uncached_input_tokens"] + row["cache_read_tokens"]
        due[(*key, "ProcessedPromptTokens")] += prompt
        due[(*key, "GeneratedTokens")] += row["output_tokens"]
        due[(*key, "TokenTransaction")] += prompt + row["output_tokens"]
        due[(*key, "AzureOpenAIRequests")] += 1
    assert +found == +due


def test_azure_metrics_are_forgotten_and_limited(urls: Urls, azure: requests.Session) -> None:
    resource = next(iter(ACCOUNTS.values())).resource_id
    urls.simulator.now = datetime(2027, 2, 1, tzinfo=UTC)
    old = metrics(
        urls, azure, resource, metricnames="GeneratedTokens", timespan="2026-10-20T00:00:00Z/2026-10-30T00:00:00Z"
    )
    assert not any("total" in one for one in old.json()["value"][0]["timeseries"][0]["data"])
    minutes = metrics(
        urls,
        azure,
        resource,
        metricnames="GeneratedTokens",
        interval="PT1M",
        timespan="2026-10-01T00:00:00Z/2026-11-02T00:00:00Z",
    )
    assert minutes.status_code == 400
    assert metrics(urls, azure, resource, metricnames="TotalCalls", timespan="a/b").status_code == 400


def test_azure_percentages_are_averages_of_provisioned_deployments(urls: Urls, azure: requests.Session) -> None:
    resource = next(iter(ACCOUNTS.values())).resource_id
    asked = {
        "metricnames": "AzureOpenAIContextTokensCacheMatchRate,AzureOpenAIProvisionedManagedUtilizationV2",
        "timespan": "2026-10-23T00:00:00Z/2026-10-24T00:00:00Z",
    }
    found = metrics(urls, azure, resource, **asked, aggregation="Average").json()["value"]
    assert [(metric["unit"], metric["timeseries"]) for metric in found] == [("Percent", []), ("Percent", [])]
    assert metrics(urls, azure, resource, **asked, aggregation="Total").status_code == 400
    tokens = metrics(urls, azure, resource, **{**asked, "metricnames": "GeneratedTokens"}, aggregation="Average")
    assert tokens.status_code == 400


def cost_query(first: date, last: date, *grouping: tuple[str, str], measures: tuple[str, ...] = ("Cost",)) -> Any:
    return {
        "type": "ActualCost",
        "timeframe": "Custom",
        "timePeriod": {"from": f"{first}T00:00:00Z", "to": f"{last}T23:59:59Z"},
        "dataset": {
            "granularity": "Daily",
            "aggregation": {name: {"name": name, "function": "Sum"} for name in measures},
            "grouping": [{"type": kind, "name": name} for kind, name in grouping],
        },
    }


def azure_rows(session: requests.Session, address: str, body: Any) -> list[dict[str, Any]]:
    found = []
    link: str | None = address
    while link:
        answer = session.post(link, json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        properties = answer.json(parse_float=Decimal)["properties"]
        names = [column["name"] for column in properties["columns"]]
        found.extend(dict(zip(names, row, strict=True)) for row in properties["rows"])
        link = properties["nextLink"]
    return found


@pytest.mark.parametrize("top", [7, 1000])
@pytest.mark.parametrize("measures", [("Cost",), ("UsageQuantity", "Cost")])
def test_azure_costs_equal_the_bill(
    urls: Urls, azure: requests.Session, truth: GroundTruth, top: int, measures: tuple[str, ...]
) -> None:
    scope = "/providers/Microsoft.Billing/billingAccounts/86420975"
    address = f"{urls.azure}{scope}/providers/Microsoft.CostManagement/query?api-version=2025-03-01&$top={top}"
    found: Counter[tuple[Any, ...]] = Counter()
    for first, last in ((FIRST, date(2026, 10, 31)), (date(2026, 11, 1), LAST)):
        body = cost_query(first, last, ("Dimension", "Meter"), ("TagKey", "project"), measures=measures)
        for row in azure_rows(azure, address, body):
            found[row["UsageDate"], row["Meter"], row["TagValue"]] += Decimal(row["Cost"])
            assert (row["TagKey"], row["Currency"]) == ("project", "USD")
    due: Counter[tuple[Any, ...]] = Counter()
    projects = {account.subscription_id: account.project.id for account in ACCOUNTS.values()}
    for row in truth.charges[truth.charges["provider_id"] == "azure"].itertuples():
        key = (int(f"{row.charge_date:%Y%m%d}"), meter_name(row.model, row.meter), projects[row.sub_account_id])
        due[key] += row.billed_cost_usd
    assert found == due


def test_azure_queries_keep_to_their_rules(urls: Urls, azure: requests.Session) -> None:
    subscription = next(iter(ACCOUNTS))
    address = f"{urls.azure}/subscriptions/{subscription}/providers/Microsoft.CostManagement/query?api-version=1"
    good = cost_query(date(2026, 11, 1), LAST, ("Dimension", "ResourceId"))
    assert azure.post(address, json=good, timeout=10).json()["properties"]["rows"]
    assert azure.post(address, json=cost_query(FIRST, LAST), timeout=10).status_code == 400
    three = [("Dimension", name) for name in ("Meter", "ResourceId", "ServiceName")]
    assert azure.post(address, json=cost_query(LAST, LAST, *three), timeout=10).status_code == 400
    link = azure.post(f"{address}&$top=1", json=good, timeout=10).json()["properties"]["nextLink"]
    other = cost_query(date(2026, 11, 2), LAST, ("Dimension", "ResourceId"))
    assert azure.post(link, json=other, timeout=10).status_code == 400
    assert azure.get(link, timeout=10).status_code == 405
    one_sided = good | {"dataset": good["dataset"] | {"filter": {"and": [{}]}}}
    assert azure.post(address, json=one_sided, timeout=10).status_code == 400
    assert requests.post(address, json=good, timeout=10).status_code == 401


def test_azure_throttles_with_several_waits(truth: GroundTruth) -> None:
    with running_simulator(truth, options=Options(azure_queries_per_minute=2)) as urls:
        urls.simulator.faults.retry_after_seconds = 9
        headers = {"Authorization": f"Bearer {urls.simulator.keys.azure_access_token}"}
        address = f"{urls.azure}/subscriptions/{next(iter(ACCOUNTS))}/providers/Microsoft.CostManagement/query"
        body = cost_query(LAST, LAST)
        answers = [requests.post(address, json=body, headers=headers, timeout=10) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    waits = {name: value for name, value in answers[2].headers.items() if name.endswith("retry-after")}
    own = "x-ms-ratelimit-microsoft.costmanagement-"
    assert {f"{own}{name}-retry-after" for name in ("qpu", "entity", "tenant")} <= set(waits)
    assert max(map(int, waits.values())) == 9


def test_azure_gives_tokens_for_its_client_secret(urls: Urls) -> None:
    keys = urls.simulator.keys
    form = {
        "grant_type": "client_credentials",
        "client_id": keys.azure_client_id,
        "client_secret": keys.azure_client_secret,
    }
    address = f"{urls.azure_authority}/{keys.azure_tenant_id}/oauth2/v2.0/token"
    assert requests.post(address, data=form, timeout=10).json()["access_token"] == keys.azure_access_token
    wrong = requests.post(address, data=form | {"client_secret": "no"}, timeout=10)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


def explorer(urls: Urls, **changed: str) -> Any:
    keys = urls.simulator.keys
    credentials = {"aws_access_key_id": keys.aws_access_key_id, "aws_secret_access_key": keys.aws_secret_access_key}
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client("ce", region_name="us-east-1", endpoint_url=urls.aws, config=config, **(credentials | changed))


def aws_results(client: Any, **params: Any) -> list[dict[str, Any]]:
    found, token = [], None
    while True:
        answer = client.get_cost_and_usage(**params, **({"NextPageToken": token} if token else {}))
        found.extend(answer["ResultsByTime"])
        token = answer.get("NextPageToken")
        if not token:
            return found


@pytest.mark.parametrize("per_page", [3, 5000])
def test_aws_costs_equal_the_bill_through_boto3(truth: GroundTruth, per_page: int) -> None:
    with running_simulator(truth, options=Options(aws_groups_per_page=per_page)) as urls:
        results = aws_results(
            explorer(urls),
            TimePeriod={"Start": "2026-10-25", "End": "2026-11-22"},
            Granularity="DAILY",
            Metrics=["UnblendedCost", "UsageQuantity"],
            GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "TAG", "Key": "project"}],
        )
    found: Counter[tuple[Any, ...]] = Counter()
    for result in results:
        assert result["Total"] == {}
        for group in result["Groups"]:
            found[result["TimePeriod"]["Start"], group["Keys"][0]] += Decimal(
                group["Metrics"]["UnblendedCost"]["Amount"]
            )
    due: Counter[tuple[Any, ...]] = Counter()
    charges = truth.charges[truth.charges["provider_id"] == "aws"]
    for row in charges[charges["charge_date"] >= date(2026, 10, 25)].itertuples():
        model, meter = (None if pd.isna(one) else one for one in (row.model, row.meter))
        key = usage_type(model, meter, row.charge_kind) or "NoValue"
        due[row.charge_date.isoformat(), key] += row.billed_cost_usd
    assert found == due


def test_aws_months_totals_filters_and_estimates(urls: Urls, truth: GroundTruth) -> None:
    client = explorer(urls)
    period = {"Start": "2026-10-01", "End": "2026-12-01"}
    months = client.get_cost_and_usage(TimePeriod=period, Granularity="MONTHLY", Metrics=["UnblendedCost"])
    charges = truth.charges[truth.charges["provider_id"] == "aws"]
    for result in months["ResultsByTime"]:
        month = date.fromisoformat(result["TimePeriod"]["Start"])
        due = charges.loc[[day.replace(day=1) == month for day in charges["charge_date"]], "billed_cost_usd"]
        assert Decimal(result["Total"]["UnblendedCost"]["Amount"]) == sum(due, Decimal(0))
    assert [one["Estimated"] for one in months["ResultsByTime"]] == [False, True]
    usage = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}}
    tagged = {"Tags": {"Key": "project", "MatchOptions": ["ABSENT"]}}
    mixed = client.get_cost_and_usage(
        TimePeriod=period, Granularity="MONTHLY", Metrics=["UsageQuantity"], Filter={"Not": usage}
    )
    assert mixed["ResultsByTime"][0]["Total"]["UsageQuantity"]["Unit"] in ("Dollar", "N/A")
    nothing = client.get_cost_and_usage(
        TimePeriod=period, Granularity="MONTHLY", Metrics=["UnblendedCost"], Filter={"And": [usage, tagged]}
    )
    assert nothing["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"] == "0"
    tags = client.get_tags(TimePeriod=period, TagKey="project")["Tags"]
    assert "proj_analytics_copilot" in tags
    groups = client.get_cost_and_usage(
        TimePeriod=period,
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        GroupBy=[{"Type": "TAG", "Key": "project"}],
    )
    assert "project$" in {group["Keys"][0] for group in groups["ResultsByTime"][0]["Groups"]}
    assert client.get_cost_forecast(
        TimePeriod={"Start": "2026-11-22", "End": "2026-12-01"}, Granularity="MONTHLY", Metric="UNBLENDED_COST"
    )["ForecastResultsByTime"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aws_secret_access_key": "wrong"}, "InvalidSignatureException"),
        ({"aws_access_key_id": "AKIAWRONG"}, "UnrecognizedClientException"),
    ],
)
def test_aws_checks_key_and_signature(urls: Urls, changed: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        explorer(urls, **changed).get_tags(TimePeriod={"Start": "2026-11-01", "End": "2026-11-02"})
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("start", "end", "granularity"),
    [
        ("2025-01-01", "2025-02-01", "DAILY"),
        ("2026-11-02", "2026-11-02", "DAILY"),
        ("2026-11-01", "2026-11-02", "HOURLY"),
    ],
)
def test_aws_refuses_what_it_does_not_keep(urls: Urls, start: str, end: str, granularity: str) -> None:
    with pytest.raises(ClientError):
        explorer(urls).get_cost_and_usage(
            TimePeriod={"Start": start, "End": end}, Granularity=granularity, Metrics=["UnblendedCost"]
        )


def test_openrouter_knows_thirty_completed_days(truth: GroundTruth) -> None:
    items = example_activity(LAST + timedelta(days=1), 60)
    with running_simulator(truth, options=Options(openrouter_activity=items)) as urls:
        keys = urls.simulator.keys
        headers = {"Authorization": f"Bearer {keys.openrouter_api_key}"}
        address = f"{urls.openrouter}/activity"
        every = requests.get(address, headers=headers, timeout=10).json()["data"]
        days = {item["date"] for item in every}
        assert (len(days), max(days)) == (30, LAST.isoformat())
        assert "workspace_id" not in every[0]
        grouped = requests.get(address, headers=headers, params={"group_by": "workspace"}, timeout=10).json()["data"]
        assert grouped[0]["workspace_id"]
        one = requests.get(address, headers=headers, params={"date": "2026-11-20"}, timeout=10).json()["data"]
        assert {item["date"] for item in one} == {"2026-11-20"}
        for day in ("2026-11-22", "2026-10-01", "x"):
            assert requests.get(address, headers=headers, params={"date": day}, timeout=10).status_code == 400
        inference = {"Authorization": f"Bearer {keys.openrouter_inference_key}"}
        assert requests.get(address, headers=inference, timeout=10).status_code == 403
        assert requests.get(address, timeout=10).status_code == 401
