"""An assistant asks through the official client: figures are SQL's, rows its principal's, answers small."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client

from orchestration.serving.assistants.desk import MOST_CHARACTERS, Desk, plain, sized
from orchestration.serving.assistants.server import said, server_of
from orchestration.serving.audit import FOLDER, AuditLog
from orchestration.serving.principals import read_principals
from orchestration.serving.publications import Publications
from tests.support.served_home import BETA_AMOUNT, Served, publish, served_home, small_model

TOOLS = {
    "list_metrics", "query_metric", "query_spend", "explain_change", "budget_status", "price", "find_in_catalogue",
    "read_table",
}  # fmt: skip
METERED = """
create table marts.fct_metered_costs_daily as select usage_date, provider_id, model_id, team_id, project_id, 'k' as
    api_key_id, feature, null::varchar as customer_id, 'prod' as environment, 'standard' as service_tier,
    cost as cost_usd, cost as list_cost_usd, requests::double as request_count,
    input_tokens::double as input_tokens, input_tokens::double as uncached_input_tokens, 0.0 as cache_read_tokens,
    0.0 as cache_write_tokens, output_tokens::double as output_tokens
from (select *, null::varchar as feature, spend_usd as cost, request_count as requests from marts.rpt_cost_daily
    where cost_kind = 'llm' and spend_usd is not null)
"""
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    home = tmp_path_factory.mktemp("assistants") / "home"
    found = served_home(home)
    publish(home, METERED)
    return found


def asking(served: Served, name: str) -> Ask:
    """Calls of the official client to a server of its own, as a principal."""
    principal = read_principals(served.settings.org_dir).valid(name)
    assert principal is not None

    def ask(tool: str, **arguments: Any) -> dict[str, Any]:
        async def call() -> str:
            publications = Publications(served.settings.published_database)
            desk = Desk(served.settings, principal.viewer(), publications, small_model, AuditLog(served.settings.home))
            async with Client(server_of(lambda _: desk, "1")) as client:
                found = await client.call_tool(tool, arguments)
            publications.close()
            return str(found.content[0].text)  # type: ignore[union-attr]

        text = asyncio.run(call())
        assert len(text) <= MOST_CHARACTERS
        return dict(json.loads(text))

    return ask


@pytest.fixture(scope="module")
def admin(served: Served) -> Ask:
    return asking(served, "ann")


@pytest.fixture(scope="module")
def viewer(served: Served) -> Ask:
    return asking(served, "vic")


def test_tools_read_and_say_what_they_are(served: Served) -> None:
    async def listed() -> list[Any]:
        principal = read_principals(served.settings.org_dir).by_id["ann"]
        desk = Desk(served.settings, principal.viewer(), Publications(served.settings.published_database), small_model)
        async with Client(server_of(lambda _: desk, "1")) as client:
            return list((await client.list_tools()).tools)

    tools = asyncio.run(listed())
    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.description and tool.annotations and tool.annotations.read_only_hint for tool in tools)


def test_a_metric_is_that_of_sql_to_the_last_decimal_with_its_source(served: Served, admin: Ask) -> None:
    found = admin(
        "query_metric", name="spend_usd", group_by=["model_id"], start_date="2026-03-01", end_date="2026-03-03"
    )
    rows = served.marts.execute(
        "select model_id, sum(spend_usd) from rpt_cost_daily where usage_date between '2026-03-01' and '2026-03-03' "
        "group by all"
    ).fetchall()
    said_there = {row["model_id"]: row["spend_usd"] for row in found["rows"]}
    assert {name: each and Decimal(each) for name, each in said_there.items()} == dict(rows)
    assert found["source"]["marts"] == ["rpt_cost_daily"]
    assert found["source"]["filters"]["usage_date"] == ["2026-03-01", "2026-03-03"]
    assert found["source"]["published_at_utc"] == "2026-03-15T06:00:00"
    assert found["unit"]


def test_budgets_prices_and_tables_are_found(admin: Ask) -> None:
    one = admin("budget_status", name="Alpha")
    assert (one["limit"], one["current_spend"]) == ("40", "30.600000000001")
    assert {each["name"] for each in admin("budget_status")["budgets"]} == {"Everything", "Alpha", "User one", "Beta"}
    assert admin("find_in_catalogue", about="budget status")["tables"][0]["mart"] == "fct_budget_status_daily"
    assert "spend_usd" in {each["name"] for each in admin("list_metrics", about="spend")["metrics"]}


def test_a_change_is_explained_and_its_causes_sum(admin: Ask) -> None:
    found = admin(
        "explain_change", first_day="2026-03-02", against_first_day="2026-03-01", against_last_day="2026-03-01",
        only={"team": "alpha"},
    )  # fmt: skip
    assert sum(float(each["change"]) for each in found["causes"]) == pytest.approx(float(found["change"]))
    assert float(found["change"]) == pytest.approx(20.1 - 10.5)
    assert "team alpha" in found["in_words"][0]


@pytest.mark.parametrize(
    ("tool", "arguments", "field"),
    [
        ("query_metric", {"name": "nope"}, "name"),
        ("query_metric", {"name": "spend_usd", "group_by": ["1; drop table x"]}, "group_by"),
        ("query_metric", {"name": "spend_usd", "start_date": "soon"}, "start_date"),
        ("query_metric", {"name": "spend_usd", "limit": 10**9}, "limit"),
        ("explain_change", {"first_day": "soon"}, "first_day"),
        ("explain_change", {"first_day": "2026-03-02", "only": {"nothing": "x"}}, "only"),
        ("explain_change", {"first_day": "2026-03-02", "against_first_day": "2026-03-01"}, "against_last_day"),
        ("budget_status", {"name": "none"}, "name"),
        ("query_metric", {"name": "spend_usd", "group_by": ["team"], "order_by": "1; drop table x"}, "order_by"),
        ("query_spend", {"group_by": ["nothing"]}, "group_by"),
        ("query_spend", {"filters": {"nothing": ["x"]}}, "nothing"),
        ("read_table", {"mart": "dim_teams", "columns": ["nothing"]}, "columns"),
        ("read_table", {"mart": "dim_teams", "filters": {"nothing": ["x"]}}, "filters"),
        ("read_table", {"mart": "dim_teams", "order_by": "-nothing"}, "order_by"),
        ("read_table", {"mart": "dim_teams", "limit": 10_000}, "limit"),
        ("read_table", {"mart": "nothing"}, None),
        ("price", {"model": "gpt-5", "input_tokens": -1}, "input_tokens"),
        ("price", {"input_tokens": -1}, "input_tokens"),
    ],
)
def test_what_is_asked_wrongly_is_said_with_its_remedy(
    admin: Ask, tool: str, arguments: dict[str, Any], field: str | None
) -> None:
    found = admin(tool, **arguments)
    assert found["error"]
    assert found["remedy"]
    assert found["field"] == field


def test_a_viewer_of_one_team_finds_nothing_of_another(viewer: Ask) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("list_metrics", {"about": "beta"}),
        ("query_metric", {"name": "spend_usd", "group_by": ["team", "model_id"]}),
        ("query_metric", {"name": "spend_usd", "filters": {"team": ["beta"]}}),
        ("query_metric", {"name": "spend_usd", "filters": {"team": ["beta' or '1'='1"]}}),
        ("explain_change", {"first_day": "2026-03-02"}),
        ("explain_change", {"first_day": "2026-03-02", "only": {"team": "beta"}}),
        ("explain_change", {"first_day": "2026-03-02", "only": {"model": "beta-model"}}),
        ("budget_status", {}),
        ("budget_status", {"name": "b-beta"}),
        ("find_in_catalogue", {"about": "team cost"}),
    ]
    for tool, arguments in asked:
        text = said(viewer(tool, **arguments))
        shown = text.replace(said(arguments)[1:-1], "")
        assert not BETA_AMOUNT.search(text), (tool, arguments)
        assert "beta-project" not in shown
        assert "beta-feature" not in shown
    rows = viewer("query_metric", name="spend_usd", group_by=["team"])["rows"]
    assert {row["team"] for row in rows} == {"alpha"}


def test_who_asked_what_is_in_the_log(served: Served, viewer: Ask) -> None:
    viewer("budget_status")
    lines = [
        json.loads(line)
        for path in (served.settings.home / FOLDER).glob("*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert {"who": "vic", "what": "mcp budget_status"}.items() <= lines[-1].items()


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(max_size=200), max_size=3), max_size=80))
def test_an_answer_is_never_longer_and_says_what_it_left_out(rows: list[dict[str, str]]) -> None:
    found = sized({"unit": "USD", "rows": rows}, "rows", {"marts": ["m"]})
    assert len(said(found)) <= MOST_CHARACTERS
    assert len(found["rows"]) + found.get("rows_left_out", 0) == len(rows)
    assert found["rows"] == rows[: len(found["rows"])]


def test_money_keeps_its_decimals() -> None:
    assert plain({"a": Decimal("20.000000000001"), "b": Decimal("0E-12"), "c": Decimal("1E+3"), "d": None}) == {
        "a": "20.000000000001", "b": "0", "c": "1000", "d": None,
    }  # fmt: skip


def test_the_command_says_who_may_not_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from orchestration.cli import app

    home = served_home(tmp_path / "home").settings.home
    run = CliRunner().invoke(app, ["mcp", "--home", str(home), "--as", "old"])
    assert run.exit_code == 2
    assert "no principal" in run.output
    monkeypatch.setenv("COSTOPS_API_KEY", "wrong")
    run = CliRunner().invoke(app, ["mcp", "--home", str(home)])
    assert run.exit_code == 2
    assert "wrong" not in run.output
