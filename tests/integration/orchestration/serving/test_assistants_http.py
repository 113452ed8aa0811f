"""Assistants over HTTP, through the official client: the same tools, with the keys, rows, limits and log of the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestration.serving.assistants.desk import MOST_CHARACTERS
from orchestration.serving.audit import FOLDER
from orchestration.serving.keys import KeyStore
from tests.support.assistant import Call, answers, asked, connected
from tests.support.live_server import live
from tests.support.served_home import Served, served_home, tells_of_beta

DAYS = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
BODY = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return served_home(tmp_path_factory.mktemp("assistants") / "home")


@pytest.fixture(scope="module")
def url(served: Served) -> Iterator[str]:
    with live(served) as found:
        yield found


def sent(url: str, **headers: str) -> httpx.Response:
    return httpx.post(f"{url}/mcp", json=BODY, headers=HEADERS | headers, trust_env=False)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_are_there_and_answer_as_sql_does(served: Served, url: str, mode: str) -> None:
    async def names(client: Any) -> set[str]:
        return {tool.name for tool in (await client.list_tools()).tools}

    assert {"query_metric", "budget_status"} < asyncio.run(connected(url, served.keys["ann"], names, mode))
    calls = [
        ("query_metric", {"name": "spend_usd", "group_by": ["team"], **DAYS}),
        ("budget_status", {"name": "Alpha"}),
    ]
    spend, budget = map(json.loads, asked(url, served.keys["ann"], calls, mode))
    with served.marts as marts:
        rows = marts.execute(
            "select team_id, sum(spend_usd) from rpt_cost_daily where usage_date >= '2026-03-01' group by 1"
        ).fetchall()
    assert {row["team"]: Decimal(row["spend_usd"]) for row in spend["rows"]} == dict(rows)
    assert budget["current_spend"] == "30.600000000001"


def test_spend_by_anything_and_rows_of_tables_are_those_of_sql(served: Served, url: str) -> None:
    users, table, cut, ordered = answers(
        url, served.keys["ann"],
        [
            ("query_spend", {"group_by": ["user_id"], **DAYS}),
            ("read_table", {"mart": "dim_budgets", "columns": ["budget_id", "amount_usd"], "order_by": "-amount_usd"}),
            ("read_table", {"mart": "rpt_cost_daily", "limit": 2}),
            ("query_metric", {"name": "spend_usd", "group_by": ["team"], "order_by": "-spend_usd", **DAYS}),
        ],
    )  # fmt: skip
    with served.marts as marts:
        by_user = marts.execute(
            "select user_id, sum(allocated_cost_usd), sum(request_count)::bigint from fct_allocated_costs_daily "
            "where usage_date >= '2026-03-01' and cost_kind = 'llm' group by 1 order by 2 desc nulls last, 1"
        ).fetchall()
        budgets = marts.execute("select budget_id, amount_usd from dim_budgets order by 2 desc").fetchall()
    assert [(row["user_id"], row["sum"] and Decimal(row["sum"]), row["count"]) for row in users["rows"]] == by_user
    assert [(row["budget_id"], Decimal(row["amount_usd"])) for row in table["rows"]] == budgets
    assert (len(cut["rows"]), cut["has_more"]) == (2, True)
    assert [row["team"] for row in ordered["rows"]] == ["beta", "alpha", None]


def test_a_viewer_of_one_team_finds_nothing_of_another(served: Served, url: str) -> None:
    calls: list[Call] = [
        ("query_metric", {"name": "spend_usd", "group_by": ["team", "model_id"]}),
        ("query_spend", {"group_by": ["team_id", "user_id"], "time_range": "12m"}),
        ("query_spend", {"group_by": ["model"], "filters": {"team_id": ["x' or 1=1 --"]}, "time_range": "12m"}),
        ("read_table", {"mart": "fct_budget_status_daily", "limit": 200}),
        ("read_table", {"mart": "rpt_cost_daily", "filters": {"cost_kind": ["llm", "own"]}, "order_by": "-spend_usd"}),
        ("read_table", {"mart": "dim_teams", "columns": ['team_id" from published.marts.dim_teams --']}),
        ("read_table", {"mart": "published.marts.dim_teams"}),
        ("read_table", {"mart": "duckdb_settings"}),
        ("read_table", {"mart": "dim_teams", "order_by": "(select max(team_id) from published.marts.dim_teams)"}),
        ("budget_status", {}),
    ]
    for key in ("lea", "vic"):
        for call, text in zip(calls, asked(url, served.keys[key], calls), strict=True):
            assert not tells_of_beta(text), call
            assert len(text) <= MOST_CHARACTERS


@pytest.mark.parametrize("key", [None, "wrong", "costops_000000000000_" + "x" * 43])
def test_without_a_good_key_nothing_is_answered(url: str, key: str | None) -> None:
    found = sent(url, **({} if key is None else {"Authorization": f"Bearer {key}"}))
    assert (found.status_code, found.headers["content-type"]) == (401, "application/problem+json")
    assert found.json()["remedy"]
    assert found.headers["www-authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing_from_the_next_request_on(served: Served, url: str) -> None:
    key, text = KeyStore(served.settings.home).create("ann")
    good = {"Authorization": f"Bearer {text}"}
    assert sent(url, **good).status_code == 200
    assert sent(url, **{"X-API-Key": text}).status_code == 200
    KeyStore(served.settings.home).revoke(key.key_id)
    assert sent(url, **good).status_code == 401


def test_pages_of_other_origins_and_other_hosts_are_refused(served: Served, url: str) -> None:
    good = served.headers("ann")
    assert sent(url, **good, Host="evil.example").status_code == 421
    assert sent(url, **good, Origin="http://evil.example").status_code == 403
    assert sent(url, **good, Origin="http://127.0.0.1.evil.example:80").status_code == 403
    assert sent(url, **good, Origin=url).status_code == 200


def test_other_methods_and_large_bodies_are_refused(served: Served, url: str) -> None:
    good = served.headers("ann")
    for method in ("GET", "DELETE", "PUT"):
        assert httpx.request(method, f"{url}/mcp", headers=HEADERS | good).status_code == 405
    large = httpx.post(f"{url}/mcp", content=b" " * (1 << 20) + b"{}", headers=HEADERS | good)
    assert large.status_code == 413
    broken = httpx.post(f"{url}/mcp", content=b"{", headers=HEADERS | good)
    assert broken.status_code == 400


def test_asking_too_often_is_refused_as_in_the_api(tmp_path: Path) -> None:
    served = served_home(tmp_path / "home")
    with live(served, requests_per_minute=2, failures_per_minute=2) as url:
        good = served.headers("ann")
        assert [sent(url, **good).status_code for _ in range(3)] == [200, 200, 429]
        assert [sent(url, Authorization="Bearer x").status_code for _ in range(3)] == [401, 401, 429]


def test_each_question_is_in_the_log_with_who_what_and_rows(served: Served, url: str) -> None:
    asked(url, served.keys["vic"], [("query_spend", {"group_by": ["model"], **DAYS})])
    lines = [
        json.loads(line)
        for path in sorted((served.settings.home / FOLDER).glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    tool = next(line for line in reversed(lines) if "what" in line)
    assert {"who": "vic", "what": "mcp query_spend", "rows": 3}.items() <= tool.items()
    assert tool["key"]
    requests = [line for line in lines if line.get("path") == "/mcp"]
    assert {"principal_id": "vic", "status": 200, "method": "POST"}.items() <= requests[-1].items()
    assert served.keys["vic"] not in json.dumps(lines)


def test_where_the_log_cannot_be_written_nothing_is_answered(tmp_path: Path) -> None:
    served = served_home(tmp_path / "home")
    with live(served) as url:
        (served.settings.home / FOLDER).parent.mkdir(exist_ok=True)
        (served.settings.home / FOLDER).write_text("no folder")
        assert sent(url, **served.headers("ann")).status_code == 503
