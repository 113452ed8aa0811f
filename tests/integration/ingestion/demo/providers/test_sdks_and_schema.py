"""Official clients read the simulator, and its OpenAI answers fit the published schema.

The messages usage report, the cost report and the Claude Code report have no methods in the anthropic SDK: they
are read through its transport, and the two bucketed ones through the types of the newer analytics reports.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers import Options, Urls, running_simulator
from ingestion.demo.providers.openai.endpoints import USAGE_ENDPOINTS
from tests.support.shared_data import shared_data

START = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp())
ENDPOINTS = [*USAGE_ENDPOINTS, "vector_stores"]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    path = shared_data("../specs/openai/openai_admin_usage_costs.openapi.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def problems(schema: dict[str, Any], name: str, body: Any) -> list[str]:
    from openapi_schema_validator import OAS31Validator

    root = {"$ref": f"#/components/schemas/{name}", "components": schema["components"]}
    return [error.message for error in OAS31Validator(root).iter_errors(body)]


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_openai_usage_fits_the_published_schema(
    schema: dict[str, Any], openai: requests.Session, urls: Urls, endpoint: str, grouped: bool
) -> None:
    path = f"/organization/usage/{endpoint}"
    declared = {one["name"]: one for one in schema["paths"][path]["get"]["parameters"]}
    fields = declared["group_by"]["schema"]["items"]["enum"] if grouped else []
    params = {"start_time": START, "bucket_width": "1h", "limit": 168, "group_by": fields}
    answer = openai.get(f"{urls.openai}{path}", params=params, timeout=10)
    assert answer.status_code == 200
    assert problems(schema, "UsageResponse", answer.json()) == []


def test_openai_costs_fit_the_published_schema_but_for_their_text(schema: dict[str, Any], truth: GroundTruth) -> None:
    """Published amounts are numbers; live ones are texts, which is the only difference."""
    bodies = {}
    for style in ("number", "string"):
        with running_simulator(truth, options=Options(openai_amounts=style)) as urls:
            headers = {"Authorization": f"Bearer {urls.simulator.keys.openai_admin_key}"}
            params = {"start_time": START, "group_by": ["project_id", "line_item", "api_key_id"]}
            bodies[style] = requests.get(
                f"{urls.openai}/organization/costs", params=params, headers=headers, timeout=10
            ).json()
    assert problems(schema, "UsageResponse", bodies["number"]) == []
    assert problems(schema, "UsageResponse", bodies["string"]) != []
    for bucket in bodies["string"]["data"]:
        for result in bucket["results"]:
            result["amount"]["value"] = float(result["amount"]["value"])
    assert problems(schema, "UsageResponse", bodies["string"]) == []


def test_openai_errors_fit_the_published_schema(schema: dict[str, Any], openai: requests.Session, urls: Urls) -> None:
    answer = openai.get(f"{urls.openai}/organization/costs", timeout=10)
    assert answer.status_code == 400
    assert problems(schema, "ErrorResponse", answer.json()) == []


def test_the_openai_sdk_reads_every_report(urls: Urls) -> None:
    sdk = pytest.importorskip("openai")
    client = sdk.OpenAI(
        admin_api_key=urls.simulator.keys.openai_admin_key, base_url=urls.openai, max_retries=0, timeout=10
    )
    usage = client.admin.organization.usage
    completions = usage.completions(
        start_time=START, bucket_width="1h", limit=168, group_by=["project_id", "model", "batch", "service_tier"]
    )
    results = [one for bucket in completions.data for one in bucket.results]
    assert results
    assert all(type(one).__name__ == "DataResultOrganizationUsageCompletionsResult" for one in results)
    assert all(isinstance(one.batch, bool) and one.user_id is None and one.model for one in results)
    again = usage.completions(
        start_time=START,
        bucket_width="1h",
        limit=168,
        group_by=["project_id", "model", "batch", "service_tier"],
        page=completions.next_page,
    )
    assert again.data[0].start_time == completions.data[-1].end_time
    costs = usage.costs(start_time=START, group_by=["project_id", "line_item"])
    lines = [one for bucket in costs.data for one in bucket.results]
    assert all(Decimal(str(line.amount.value)) and line.amount.currency == "usd" for line in lines)
    for name in (*ENDPOINTS[1:],):
        assert getattr(usage, name)(start_time=START).object == "page"


def test_the_openai_sdk_reads_every_list(urls: Urls) -> None:
    sdk = pytest.importorskip("openai")
    client = sdk.OpenAI(
        admin_api_key=urls.simulator.keys.openai_admin_key, base_url=urls.openai, max_retries=0, timeout=10
    )
    organization = client.admin.organization
    assert len(list(organization.users.list(limit=7))) == 40
    projects = list(organization.projects.list(limit=1))
    assert len(projects) == 4
    keys = list(organization.projects.api_keys.list(projects[0].id))
    accounts = list(organization.projects.service_accounts.list(projects[0].id))
    assert keys[0].owner.service_account.id == accounts[0].id
    assert next(iter(organization.admin_api_keys.list())).name == "Reports"


@pytest.mark.parametrize(
    ("key", "error"), [("sk-admin-no", "AuthenticationError"), ("sk-proj-x", "PermissionDeniedError")]
)
def test_the_openai_sdk_understands_refusals(urls: Urls, key: str, error: str) -> None:
    sdk = pytest.importorskip("openai")
    client = sdk.OpenAI(admin_api_key=key, base_url=urls.openai, max_retries=0, timeout=10)
    with pytest.raises(getattr(sdk, error)):
        client.admin.organization.usage.completions(start_time=START)


def test_the_anthropic_sdk_reads_every_list(urls: Urls) -> None:
    sdk = pytest.importorskip("anthropic")
    client = sdk.Anthropic(
        api_key=urls.simulator.keys.anthropic_admin_key, base_url=urls.anthropic, max_retries=0, timeout=10
    )
    assert len(list(client.organization.users.list(limit=7))) == 40
    workspaces = list(client.organization.workspaces.list(limit=1))
    keys = list(client.organization.api_keys.list(limit=2))
    assert {key.scope.workspace_id for key in keys} == {one.id for one in workspaces}
    assert {key.status for key in keys} == {"active"}


def test_the_anthropic_sdk_reads_the_reports(urls: Urls) -> None:
    sdk = pytest.importorskip("anthropic")
    client = sdk.Anthropic(
        api_key=urls.simulator.keys.anthropic_admin_key, base_url=urls.anthropic, max_retries=0, timeout=10
    )

    def get(name: str, **params: Any) -> Any:
        return client.get(f"/v1/organizations/{name}", cast_to=object, options={"params": params})

    fields = ["api_key_id", "workspace_id", "model", "service_tier", "context_window", "inference_geo"]
    usage = get("usage_report/messages", starting_at="2026-11-10T00:00:00Z", bucket_width="1h", group_by=fields)
    results = [one for bucket in usage["data"] for one in bucket["results"]]
    assert results
    assert all(one["model"] and one["workspace_id"] for one in results)
    costs = get("cost_report", starting_at="2026-11-10T00:00:00Z", group_by=["description"])
    assert all(isinstance(one["amount"], str) for bucket in costs["data"] for one in bucket["results"])
    assert "data" in get("usage_report/claude_code", starting_at="2026-11-10")
    types = "anthropic.types.beta.organization"
    analytics = pytest.importorskip(f"{types}.beta_analytics_usage_report_time_bucket")
    # That type knows no `not_available`, which the documentation of the messages report has.
    geos = [{result["inference_geo"] for result in one["results"]} for one in usage["data"]]
    bucket = next(one for one, found in zip(usage["data"], geos, strict=True) if found == {"global"})
    read = analytics.BetaAnalyticsUsageReportTimeBucket.model_validate(bucket, strict=False)
    assert read.results[0].cache_creation.ephemeral_5m_input_tokens >= 0


def test_the_anthropic_sdk_understands_refusals(urls: Urls) -> None:
    sdk = pytest.importorskip("anthropic")
    client = sdk.Anthropic(api_key="sk-ant-admin01-no", base_url=urls.anthropic, max_retries=0, timeout=10)
    with pytest.raises(sdk.AuthenticationError):
        list(client.organization.workspaces.list())
