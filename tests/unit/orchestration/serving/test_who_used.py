"""A bill that names nobody: spend stays the bill's, and who used what is told at contract prices."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest

from orchestration.serving.faults import AskedWrongly
from orchestration.serving.publications import Publication
from orchestration.serving.queries import costs
from orchestration.serving.queries.aggregate import Question, aggregate
from orchestration.serving.reading import Reading
from orchestration.serving.viewers import Role, Viewer

# A bill of 9 for ann's usage of 7 and bob's of 3, a call of his without a price, and 2 of carol's that no bill covers.
ALLOCATED = """select date '2026-03-02' as usage_date, 'openai' as provider_id, 'gpt-5' as model_id, 'alpha' as team_id,
    'llm' as cost_kind, user_id, feature, null::varchar as customer_id, cost::decimal(38, 12) as allocated_cost_usd,
    unknown::bigint as unknown_cost_item_count, requests::bigint as request_count, requests::bigint as input_tokens,
    0::bigint as output_tokens
    from (values (null, null, 9, 0, 15), ('carol', 'search', 2, 0, 4), ('bob', 'chat', null, 1, 1))
    as t (user_id, feature, cost, unknown, requests)"""
USED = """select date '2026-03-02' as usage_date, 'gpt-5' as model_id, 'alpha' as team_id, user_id, feature,
    'acme' as customer_id, cost::decimal(38, 12) as contracted_cost_usd, requests::bigint as request_count,
    requests::bigint as input_tokens, 0::bigint as cache_read_tokens, requests::bigint as total_tokens,
    unpriced::bigint as unpriced_tokens
    from (values ('ann', 'chat', 7, 10, 0), ('bob', 'chat', 3, 5, 0), ('bob', 'chat', null, 1, 1),
        ('carol', 'search', 2, 4, 0)) as t (user_id, feature, cost, requests, unpriced)"""
DAILY = """select usage_date, model_id, cost_kind, sum(allocated_cost_usd) as spend_usd,
    sum(request_count)::bigint as request_count, sum(input_tokens)::bigint as input_tokens,
    0::bigint as cache_read_tokens, sum(input_tokens)::bigint as total_tokens
    from fct_allocated_costs_daily group by all"""
SPAN = ("2026-03-01", "2026-03-31")


@pytest.fixture
def reading() -> Iterator[Reading]:
    with duckdb.connect() as connection:
        for name, sql in {
            "fct_allocated_costs_daily": ALLOCATED, "rpt_usage_daily": USED, "rpt_cost_daily": DAILY,
            "rpt_mart_status": "select timestamp '2026-03-15' as published_at_utc",
        }.items():  # fmt: skip
            connection.execute(f"create table {name} as {sql}")
        tables = {name: dict[str, str]() for (name,) in connection.execute("show tables").fetchall()}
        publication = cast(Publication, SimpleNamespace(columns=tables))
        yield Reading(publication, Viewer("ann", Role.ADMIN), connection)


def sums(rows: list[dict[str, Any]]) -> dict[str | None, Decimal | None]:
    return {row["name"]: row["cost"] for row in rows}


def test_users_and_features_are_told_by_usage_beside_spend(reading: Reading) -> None:
    found = costs.breakdown(reading, *SPAN).body
    assert sums(found["by_user"]) == {None: 9, "carol": 2, "bob": None}
    assert sums(found["usage_by_user"]) == {"ann": 7, "bob": 3, "carol": 2}
    assert sums(found["usage_by_feature"]) == {"chat": 10, "search": 2}
    assert sums(found["usage_by_customer"]) == {"acme": 12}
    assert found["total_cost"] == 11
    assert found["unknown_cost_item_count"] == 1
    shown = costs.report(reading, 30).body
    assert [row["name"] for row in shown["top_users"]] == ["ann", "bob", "carol"]
    assert [row["name"] for row in shown["top_features"]] == ["chat", "search"]


def test_metrics_of_a_user_are_its_usage(reading: Reading) -> None:
    bob = costs.totals(reading, *SPAN, user_id="bob").body
    assert (bob["of"], bob["total_cost"], bob["total_requests"]) == ("usage", 3, 6)
    assert bob["unknown_cost_item_count"] == 1
    assert {name: each["cost"] for name, each in bob["by_model"].items()} == {"gpt-5": 3}
    assert costs.totals(reading, *SPAN, user_id="bob", cost_kind="own").body["total_cost"] is None
    everybody = costs.totals(reading, *SPAN).body
    assert (everybody["of"], everybody["total_cost"]) == ("spend", 11)


def test_grouped_spend_says_what_names_nobody(reading: Reading) -> None:
    spent = aggregate(reading, Question(*SPAN, group_by=("user_id",))).body
    assert {row["user_id"]: row["sum"] for row in spent["rows"]} == {None: 9, "carol": 2, "bob": None}
    (note,) = spent["notes"]
    assert note.startswith("9.000000000000 of 11.000000000000 USD of this spend has no user_id")
    (note,) = aggregate(reading, Question(*SPAN, filters={"feature": ["chat"]})).body["notes"]
    assert "of 11.000000000000 USD of this spend has no feature" in note
    assert aggregate(reading, Question(*SPAN, group_by=("team_id",))).body["notes"] == []
    used = aggregate(reading, Question(*SPAN, group_by=("user_id",), of="usage", order_by="-sum")).body
    assert [(row["user_id"], row["sum"], row["count"]) for row in used["rows"]] == [
        ("ann", 7, 10), ("bob", 3, 6), ("carol", 2, 4),
    ]  # fmt: skip
    assert used["notes"] == []
    with pytest.raises(AskedWrongly, match="tag:team"):
        aggregate(reading, Question(*SPAN, group_by=("tag:team",), of="usage"))
