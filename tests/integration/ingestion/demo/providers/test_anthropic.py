"""Anthropic's reports equal the truth; cents, the two meanings of null, limits and lists."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers import Options, Urls, running_simulator

LAST = date(2026, 11, 21)
FIELDS = ("api_key_id", "workspace_id", "model", "service_tier", "context_window", "inference_geo")
LONG = 200_000
METERS = {
    "uncached_input": "uncached_input_tokens",
    "cache_read": "cache_read_input_tokens",
    "cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
    "cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
    "output": "output_tokens",
}


def text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def used(reached: pd.DataFrame) -> pd.DataFrame:
    rows = reached[reached["provider_id"] == "anthropic"]
    inputs = ["uncached_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"]
    is_long = rows[inputs].sum(axis=1) > LONG
    geo = rows["model"].str.contains("-4-5-").map({True: "not_available", False: "global"})
    return rows.assign(context_window=is_long.map({True: "200k-1M", False: "0-200k"}), inference_geo=geo)


def told(buckets: list[dict[str, Any]], fields: list[str]) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for bucket in buckets:
        for one in bucket["results"]:
            key = tuple(one[name] for name in fields)
            for name in ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens"):
                found[(*key, name)] += one[name]
            for name, count in one["cache_creation"].items():
                found[(*key, name)] += count
            found[(*key, "searches")] += one["server_tool_use"]["web_search_requests"]
            assert all(one[name] is None for name in FIELDS if name not in fields)
    return found


def expected(rows: pd.DataFrame, fields: list[str]) -> Counter[tuple[Any, ...]]:
    names = {
        "uncached_input_tokens": "uncached_input_tokens",
        "cache_read_tokens": "cache_read_input_tokens",
        "output_tokens": "output_tokens",
        "cache_write_5m_tokens": "ephemeral_5m_input_tokens",
        "cache_write_1h_tokens": "ephemeral_1h_input_tokens",
        "web_searches": "searches",
    }
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows.to_dict("records"):
        for ours, theirs in names.items():
            found[(*(row[name] for name in fields), theirs)] += row[ours]
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.integers(0, 44 * 24),
    hours=st.integers(1, 200),
    width=st.sampled_from(["1h", "1d"]),
    limit=st.integers(2, 31),
    fields=st.lists(st.sampled_from(FIELDS), unique=True),
)
def test_any_window_paging_and_grouping_sums_to_the_truth(
    anthropic_buckets: Any, used: pd.DataFrame, first: int, hours: int, width: str, limit: int, fields: list[str]
) -> None:
    size = timedelta(hours=1) if width == "1h" else timedelta(days=1)
    begin = pd.Timestamp("2026-10-08") + timedelta(hours=first)
    begin = begin if width == "1h" else begin.normalize()
    end = min(begin + size * (hours if width == "1h" else hours // 24 + 1), pd.Timestamp("2026-11-22"))
    end = max(end, begin + size)
    buckets = anthropic_buckets(
        "usage_report/messages",
        starting_at=text(begin),
        ending_at=text(end),
        bucket_width=width,
        limit=limit,
        **{"group_by[]": fields},
    )
    moments = used["requested_at_utc"]
    assert len(buckets) == (end - begin) // size
    assert +told(buckets, fields) == +expected(used[(moments >= begin) & (moments < end)], fields)


@pytest.mark.parametrize("fields", [[], ["description"], ["workspace_id"], ["description", "workspace_id"]])
def test_costs_are_cents_and_equal_the_bill(anthropic_buckets: Any, truth: GroundTruth, fields: list[str]) -> None:
    buckets = anthropic_buckets("cost_report", starting_at="2026-10-08T00:00:00Z", limit=31, **{"group_by[]": fields})
    found: Counter[tuple[Any, ...]] = Counter()
    for bucket in buckets:
        for one in bucket["results"]:
            assert isinstance(one["amount"], str)
            assert one["currency"] == "USD"
            key = [bucket["starting_at"][:10], *(one[name] for name in fields if name != "description")]
            if "description" in fields:
                key += [one["cost_type"], one["model"], one["token_type"], one["context_window"]]
            else:
                assert one["model"] is one["token_type"] is one["cost_type"] is None
            found[tuple(key)] += Decimal(one["amount"]) / 100
    due: Counter[tuple[Any, ...]] = Counter()
    for row in truth.charges[truth.charges["provider_id"] == "anthropic"].itertuples():
        key = [row.charge_date.isoformat(), *([row.sub_account_id] if "workspace_id" in fields else [])]
        if "description" in fields:
            model, meter = (None if pd.isna(one) else one for one in (row.model, row.meter))
            kind = row.charge_kind if meter is None else "web_search" if meter == "web_search" else "tokens"
            window = ("200k-1M" if row.is_long_context else "0-200k") if model else None
            key += [kind, model, METERS.get(meter or ""), window]
        due[tuple(key)] += row.billed_cost_usd
    assert found == due
    assert sum(found.values()) > 1


def test_null_means_default_workspace_or_console_only_where_grouped(truth: GroundTruth) -> None:
    options = Options(
        anthropic_default_workspace_id="wrkspc_01SupportBot",
        anthropic_console_key_ids=frozenset({"apikey_research_agents_lab"}),
    )
    with running_simulator(truth, options=options) as urls:
        session = requests.Session()
        session.headers.update(
            {"x-api-key": urls.simulator.keys.anthropic_admin_key, "anthropic-version": "2023-06-01"}
        )
        base = f"{urls.anthropic}/v1/organizations"
        params = {"starting_at": "2026-11-01T00:00:00Z", "limit": 31}
        grouped = {**params, "group_by[]": ["workspace_id", "api_key_id"]}
        results = [
            one
            for bucket in session.get(f"{base}/usage_report/messages", params=grouped, timeout=10).json()["data"]
            for one in bucket["results"]
        ]
        keys = {(one["workspace_id"], one["api_key_id"]) for one in results}
        assert (None, "apikey_support_bot_web") in keys
        assert ("wrkspc_01ResearchAgents", None) in keys
        costs = session.get(f"{base}/cost_report", params={**params, "group_by[]": ["workspace_id"]}, timeout=10)
        places = {one["workspace_id"] for bucket in costs.json()["data"] for one in bucket["results"]}
        assert None in places
        assert "wrkspc_01SupportBot" not in places
        listed = session.get(f"{base}/workspaces", timeout=10).json()["data"]
        assert "wrkspc_01SupportBot" not in {one["id"] for one in listed}


def test_claude_code_shows_the_tokens_of_its_key_by_person(
    anthropic: requests.Session, urls: Urls, used: pd.DataFrame
) -> None:
    rows = used[used["api_key_id"] == "apikey_code_assistant_cli"]
    busiest = rows["requested_at_utc"].dt.date.value_counts().index[0]
    found, page = [], None
    while True:
        params = {"starting_at": busiest.isoformat(), "limit": 1, **({"page": page} if page else {})}
        body = anthropic.get(
            f"{urls.anthropic}/v1/organizations/usage_report/claude_code", params=params, timeout=10
        ).json()
        found.extend(body["data"])
        page = body["next_page"]
        if not body["has_more"]:
            break
    day = rows[rows["requested_at_utc"].dt.date == busiest]
    models = [model for one in found for model in one["model_breakdown"]]
    assert sum(model["tokens"]["output"] for model in models) == day["output_tokens"].sum() > 0
    assert sum(model["tokens"]["cache_read"] for model in models) == day["cache_read_tokens"].sum()
    assert all(isinstance(model["estimated_cost"]["amount"], float | int) for model in models)
    assert len({str(one["actor"]) for one in found}) == len(found) == day["user_id"].fillna("").nunique()


def test_lists_page_and_name_what_usage_refers_to(anthropic: requests.Session, urls: Urls, used: pd.DataFrame) -> None:
    base = f"{urls.anthropic}/v1/organizations"
    users, after = [], None
    while True:
        params = {"limit": 15, **({"after_id": after} if after else {})}
        body = anthropic.get(f"{base}/users", params=params, timeout=10).json()
        users.extend(one["id"] for one in body["data"])
        after = body["last_id"]
        if not body["has_more"]:
            break
    assert len(users) == 40
    keys = {one["id"] for one in anthropic.get(f"{base}/api_keys", timeout=10).json()["data"]}
    places = {one["id"] for one in anthropic.get(f"{base}/workspaces", timeout=10).json()["data"]}
    assert set(used["api_key_id"]) <= keys
    assert set(used["workspace_id"]) <= places


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("usage_report/messages", {}),
        ("usage_report/messages", {"starting_at": "soon"}),
        ("usage_report/messages", {"starting_at": "2026-11-01T00:00:00Z", "bucket_width": "1h", "limit": 169}),
        ("usage_report/messages", {"starting_at": "2026-11-01T00:00:00Z", "group_by[]": "speed"}),
        ("usage_report/messages", {"starting_at": "2026-11-01T00:00:00Z", "group_by[]": "project"}),
        ("cost_report", {"starting_at": "2026-11-01T00:00:00Z", "bucket_width": "1h"}),
        ("cost_report", {"starting_at": "2026-11-01T00:00:00Z", "group_by[]": "api_key_id"}),
        ("cost_report", {"starting_at": "2026-11-01T00:00:00Z", "limit": 32}),
        ("usage_report/claude_code", {"starting_at": "2026-11-01T00:00:00Z"}),
    ],
)
def test_bad_questions_get_400(anthropic: requests.Session, urls: Urls, name: str, params: dict[str, Any]) -> None:
    answer = anthropic.get(f"{urls.anthropic}/v1/organizations/{name}", params=params, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["type"] == "error"
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_speed_needs_its_beta_header(anthropic: requests.Session, urls: Urls) -> None:
    params = {"starting_at": "2026-11-01T00:00:00Z", "group_by[]": "speed"}
    headers = {"anthropic-beta": "fast-mode-2026-02-01"}
    answer = anthropic.get(
        f"{urls.anthropic}/v1/organizations/usage_report/messages", params=params, headers=headers, timeout=10
    )
    results = [one for bucket in answer.json()["data"] for one in bucket["results"]]
    assert {one["speed"] for one in results} == {"standard"}


@pytest.mark.parametrize(("key", "status"), [("sk-ant-admin01-x", 401), ("sk-ant-api03-x", 403), (None, 401)])
def test_wrong_keys_are_refused(urls: Urls, key: str | None, status: int) -> None:
    headers = {"anthropic-version": "2023-06-01", **({"x-api-key": key} if key else {})}
    answer = requests.get(f"{urls.anthropic}/v1/organizations/workspaces", headers=headers, timeout=10)
    assert answer.status_code == status


def test_starting_at_snaps_to_the_bucket(anthropic_buckets: Any) -> None:
    found = anthropic_buckets(
        "usage_report/messages", starting_at="2026-11-01T10:40:00Z", ending_at="2026-11-01T12:00:00Z", bucket_width="1h"
    )
    assert [one["starting_at"] for one in found] == ["2026-11-01T10:00:00Z", "2026-11-01T11:00:00Z"]
    assert datetime.fromisoformat(found[0]["starting_at"]).tzinfo == UTC
