"""The client against a server over HTTP: figures are SQL's, sync, async and local give the same, money is decimal."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from costops_client import AsyncCostOps, CostOps, NotFound, Table, calls
from costops_client.questions import ARROW
from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.warehouse.identity_tables import ensure_identity_tables
from tests.support.served_home import Served, tells_of_beta

MARCH = {"start_date": date(2026, 3, 1), "end_date": "2026-03-31"}
PERIOD = {"period_start": date(2026, 3, 1), "period_end": "2026-03-31T23:00:00Z"}
QUESTIONS: dict[str, list[dict[str, Any]]] = {
    "metrics": [{}, PERIOD, PERIOD | {"user_id": "u1"}, PERIOD | {"cost_kind": "total"}],
    "breakdown": [PERIOD],
    "trend": [{}, {"period": "hourly", "num_periods": 3}, {"period": "weekly", "team_id": "alpha"}],
    "report": [{"period_days": 20}],
    "aggregate": [
        MARCH,
        MARCH | {"group_by": ["date", "model"], "metrics": ["sum", "count", "tokens", "avg", "stddev", "p95"]},
        MARCH | {"group_by": ["team_id", "tag:a/b"], "filters": {"provider": ["openai", "x"]}, "order_by": "-sum"},
        {"time_range": "30d", "of": "requests", "group_by": ["week"], "limit": 1},
    ],
    "records_page": [MARCH, MARCH | {"filters": {"team_id": "alpha"}, "limit": 2}],
    "estimate": [{"model": "gpt-5", "input_tokens": 1000, "output_tokens": 2000, "cached_tokens": 500}],
    "budgets": [{}],
    "budget_status": [{"name": "Alpha"}],
    "check_budgets": [{"amount": Decimal("9.4"), "scope": ["team:alpha", "user:u1"]}, {"amount": "0.1"}],
    "alerts": [{}, {"acknowledged": True}, {"severity": "critical", "is_open": True}],
    "suggestions": [{"lookback_days": 300}],
    "roi": [{"suggestion_id": "rec-alpha", "implementation_cost": Decimal("100.5")}],
    "admin_optimize": [{"lookback_days": 300}],
    "admin_costs": [{}],
    "list_metrics": [{}],
    "metric": [
        MARCH | {"name": "spend_usd", "group_by": ["day", "team"], "order_by": "-spend_usd"},
        MARCH | {"name": "spend_usd_per_request", "filters": {"team": "alpha"}},
    ],
    "me": [{}],
    "person": [{"user": "u1"}],
    "teams": [{}],
    "projects": [{}],
    "ready": [{}],
}  # fmt: skip
WRITES = {"create_budget", "create_alert", "acknowledge_alert", "send_events"}
CASES = [(name, given) for name, every in QUESTIONS.items() for given in every]
MOVING = ("age_seconds", "priced_at_utc")


@pytest.fixture(scope="module")
def marts(served: Served) -> Iterator[duckdb.DuckDBPyConnection]:
    with served.marts as connection:
        yield connection


def still(answer: Any) -> Any:
    """An answer without what changes from moment to moment."""
    return replace(answer, **{name: None for name in MOVING if name in {each.name for each in fields(answer)}})


def floats_in(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, float):
        yield place
    elif is_dataclass(value):
        for each in fields(value):
            yield from floats_in(getattr(value, each.name), f"{place}.{each.name}")
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from floats_in(each, f"{place}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from floats_in(each, place)


def test_every_route_of_the_api_has_a_question(url: str, costs: CostOps) -> None:
    import httpx

    asked = {name: calls.__dict__[name](**given[0]) for name, given in QUESTIONS.items()}
    asked |= {
        "create_budget": calls.create_budget("x", 1), "acknowledge_alert": calls.acknowledge_alert("x"),
        "create_alert": calls.create_alert("user_cost", 5), "send_events": calls.send_events([]),
        "identity": calls.identity("person-x"),
    }  # fmt: skip
    known = httpx.get(f"{url}/openapi.json").json()["paths"]
    paths = {path for path in known if path.startswith("/api/v1/")}
    shapes = [path.split("/") for path in paths]

    def route_of(path: str) -> str:
        parts = path.split("/")
        same = [each for each in shapes if len(each) == len(parts)]
        found = [each for each in same if all(a == b or a[0] == "{" for a, b in zip(each[1:], parts[1:], strict=True))]
        return "/".join(min(found, key=lambda each: sum("{" in part for part in each)))

    assert {route_of(call.path) for name, call in asked.items() if name != "ready"} == paths


@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{name}-{place}" for place, (name, _) in enumerate(CASES)])
def test_a_server_and_a_local_copy_answer_the_same(
    costs: CostOps, local: CostOps, name: str, given: dict[str, Any]
) -> None:
    answer = getattr(costs, name)(**given)
    there = getattr(local, name)(**given)
    if name == "me":
        assert (answer.name, answer.role, there.name, there.role) == ("ann", "admin", "local user", "admin")
        there = replace(there, name="ann")
    assert still(there) == still(answer)
    statistics = (".stddev", ".thresholds_crossed", ".alert_thresholds", ".age_seconds", ".spend_usd_per_request")
    assert [place for place in floats_in(answer) if not place.endswith(statistics)] == []


def test_awaited_answers_are_the_same(served: Served, costs: CostOps, url: str) -> None:
    async def every() -> list[Any]:
        async with AsyncCostOps(served.keys["ann"], url) as client:
            return list(await asyncio.gather(*(getattr(client, name)(**given) for name, given in CASES)))

    for (name, given), found in zip(CASES, asyncio.run(every()), strict=True):
        assert still(found) == still(getattr(costs, name)(**given)), name


def test_awaited_answers_of_a_local_copy_are_the_same(served: Served, costs: CostOps) -> None:
    async def asked() -> Any:
        async with AsyncCostOps.local(served.settings.published_database) as client:
            return await client.metrics(**PERIOD)

    assert asyncio.run(asked()) == costs.metrics(**PERIOD)


def test_figures_are_those_of_sql_to_the_last_decimal(costs: CostOps, marts: duckdb.DuckDBPyConnection) -> None:
    llm = "cost_kind = 'llm' and usage_date >= date '2026-03-01'"
    total = marts.execute(f"select sum(spend_usd) from rpt_cost_daily where {llm}").fetchone()
    found = costs.metrics(**PERIOD)
    assert (found.total_cost,) == total == (Decimal("7810.973456789013"),)
    assert type(found.total_cost) is Decimal
    assert (found.period_start, found.publication.published_at_utc) == (
        date(2026, 3, 1),
        datetime(2026, 3, 15, 6, tzinfo=UTC),
    )
    assert found.source.tables == ["rpt_cost_daily"]
    rows = marts.execute(
        "select usage_date, model_id, sum(allocated_cost_usd), sum(request_count)::bigint from "
        f"fct_allocated_costs_daily where {llm} group by 1, 2 order by 1, 2"
    ).fetchall()
    groups = costs.aggregate(["date", "model"], **MARCH)
    assert [(row["date"], row["model"], row["sum"], row["count"]) for row in groups] == rows
    by_team = dict(
        marts.execute("select team_id, sum(spend_usd) from rpt_cost_daily where usage_date >= '2026-03-01' group by 1")
        .fetchall()
    )  # fmt: skip
    assert {row["team"]: row["spend_usd"] for row in costs.metric("spend_usd", ["team"], **MARCH)} == by_team
    limits = dict(marts.execute("select budget_name, amount_usd from dim_budgets").fetchall())
    assert {each.name: each.limit for each in costs.budgets()} == limits


@pytest.mark.parametrize(
    ("name", "given"), [case for case in CASES if case[0] not in ("ready", "check_budgets")],
    ids=lambda each: each if isinstance(each, str) else None,
)  # fmt: skip
def test_arrow_tables_have_the_values_of_the_servers_stream(costs: CostOps, name: str, given: dict[str, Any]) -> None:
    answer = getattr(costs, name)(**given)
    with pa.ipc.open_stream(io.BytesIO(costs.fetch(calls.__dict__[name](**given), ARROW).content)) as stream:
        theirs = stream.read_all()
    ours = answer.to_arrow()
    same = [column for column in theirs.column_names if column in ours.column_names and column not in MOVING]
    assert len(same) >= min(2, theirs.num_columns)
    for column in same:
        assert ours[column].to_pylist() == theirs[column].to_pylist(), column
        if theirs[column].null_count < theirs.num_rows:
            assert ours.schema.field(column).type == theirs.schema.field(column).type, column


def test_money_is_decimal_in_arrow_and_in_frames(costs: CostOps) -> None:
    table = costs.metrics(**PERIOD).to_arrow()
    assert table.schema.field("cost").type == pa.decimal128(38, 12)
    assert table.schema.field("requests").type == pa.int64()
    frame = costs.metrics(**PERIOD).to_pandas().set_index("name")
    assert frame.loc["gpt-5", "cost"] == Decimal("33.750000000001")
    assert frame.loc["new-model", "cost"] is None
    assert str(frame.dtypes["requests"]) == "Int64"
    empty = costs.aggregate(["model"], filters={"model": "nobody"}, **MARCH)
    assert (len(empty), empty.to_arrow().num_rows) == (0, 0)
    one = costs.budget_status("Alpha").to_arrow()
    assert one["limit"].to_pylist() == [40]
    assert isinstance(costs.budgets(), Table)
    assert costs.budgets()[0].name == "Alpha"


def test_a_result_outlives_its_connection(served: Served, url: str) -> None:
    with CostOps(served.keys["ann"], url) as client:
        found = client.teams()
    assert found.to_pandas()["id"].to_list() == ["alpha", "beta"]


def test_rows_are_those_of_the_key_or_principal(served: Served, url: str) -> None:
    with CostOps(served.keys["vic"], url) as there, CostOps.local(served.settings.home, principal="vic") as here:
        for client in (there, here):
            told = " ".join(
                str(getattr(client, name)()) for name in ("metrics", "budgets", "alerts", "teams", "projects")
            )
            assert not tells_of_beta(told)
            assert client.me().teams == ["alpha"]
    with CostOps.local(served.settings.home, api_key=served.keys["vic"]) as client:
        assert client.me().name == "vic"


def test_who_a_pseudonym_is(served: Served, costs: CostOps, local: CostOps) -> None:
    pseudonym = Pseudonyms.of_home(served.settings.home).of("u1")
    with duckdb.connect(str(served.settings.warehouse_path)) as connection:
        ensure_identity_tables(connection)
        connection.execute(
            "insert into identity.people values (?, 'u1', 'One', 'one@x.example', 'raw_org.users', now())", [pseudonym]
        )
    for client in (costs, local):
        found = client.identity(pseudonym)
        assert (found.user_id, found.display_name, found.email) == ("u1", "One", "one@x.example")
        assert found.first_seen_at_utc is not None
        with pytest.raises(NotFound):
            client.identity("person-aaaaaaaaaaaaaaaa")
