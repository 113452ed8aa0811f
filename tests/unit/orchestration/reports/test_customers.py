"""A customer's report, worked out by hand on five rows: c13 in the names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from orchestration.presenting.periods import parse_period
from orchestration.reports.figures import figures
from orchestration.reports.figures.customers import FIGURES
from orchestration.reports.reading import Scope
from orchestration.reports.template import load_templates

MONEY = "decimal(38, 12)"
TABLES = {
    "fct_metered_costs_daily": (
        "usage_date date, customer_id varchar, model_id varchar, feature varchar, team_id varchar, "
        f"provider_id varchar, request_count bigint, input_tokens bigint, output_tokens bigint, cost_usd {MONEY}"
    ),
    "fct_allocated_costs_daily": (
        f"usage_date date, customer_id varchar, feature varchar, team_id varchar, provider_id varchar, "
        f"cost_kind varchar, allocated_cost_usd {MONEY}"
    ),
    "fct_gpu_usage_hourly": f"usage_date date, workload varchar, used_seconds {MONEY}",
}
FIFTH, SIXTH = date(2026, 10, 5), date(2026, 10, 6)
USED: list[tuple[Any, ...]] = [
    (FIFTH, "acme", "gpt-4o", "search", "t", "openai", 3, 1200, 300, Decimal(6)),
    (SIXTH, "acme", "gpt-4o", "chat", "t", "openai", 1, 400, 100, Decimal(2)),
    (SIXTH, "acme", "house-8b", "chat", "t", "own", 2, 500, 500, Decimal(0)),
    (SIXTH, "other", "gpt-4o", "chat", "t", "openai", 9, 900, 900, Decimal(10)),
    (date(2026, 9, 30), "acme", "gpt-4o", "search", "t", "openai", 50, 1, 1, Decimal(500)),
]
CARRIED: list[tuple[Any, ...]] = [
    # The bill for the models, of which a rule gives acme some, is for the same use and counts not.
    (SIXTH, "acme", None, "t", "openai", "llm", Decimal(7)),
    (SIXTH, None, None, "t", "openai", "llm", Decimal(11)),
    # 12 of 18 USD of machines by share of use.
    (SIXTH, "acme", None, None, "aws", "infrastructure", Decimal(12)),
    (SIXTH, "other", None, None, "aws", "infrastructure", Decimal(6)),
    (SIXTH, None, None, "t", None, "own", Decimal(4)),
]


@pytest.fixture(scope="module")
def acme() -> Scope:
    connection = duckdb.connect()
    for table, columns in TABLES.items():
        connection.execute(f"create table {table} ({columns})")
    connection.executemany(f"insert into fct_metered_costs_daily values ({', '.join('?' * 10)})", USED)
    connection.executemany(f"insert into fct_allocated_costs_daily values ({', '.join('?' * 7)})", CARRIED)
    connection.execute(
        "insert into fct_gpu_usage_hourly values (date '2026-10-06', 'acme', 900), ('2026-10-06', 'x', 1)"
    )
    period = parse_period("2026-10", date(2026, 11, 2))
    return Scope(connection, period, period.before(), date(2026, 11, 2), None, customers=["acme"])  # type: ignore[arg-type]


def by_subject(scope: Scope, name: str) -> dict[Any, tuple[Any, ...]]:
    return {row["subject"]: tuple(row.values())[1:] for row in scope.records(name)}


def test_c13_total_and_usage_metrics(acme: Scope) -> None:
    """6 + 2 + 0 of usage and 12 of machines are 20 of all 40 USD."""
    assert by_subject(acme, "customer_usage") == {"acme": (6, 2100, 900, 900, 8, 12, 20, 0.5)}
    totals = acme.row("customer_totals")
    assert (totals["spend_usd"], totals["request_count"], totals["customer_count"]) == (20, 6, 1)
    assert totals["before_spend_usd"] == 500


def test_c13_by_model_feature_and_day_each_sum_to_the_total(acme: Scope) -> None:
    assert by_subject(acme, "customer_models") == {
        "not by model": (0, 0, 0, 0, 12, 12, 0.6),
        "gpt-4o": (4, 1600, 400, 8, 0, 8, 0.4),
        "house-8b": (2, 500, 500, 0, 0, 0, 0),
    }
    assert by_subject(acme, "customer_features") == {
        "no feature": (0, 0, 0, 0, 12, 12, 0.6),
        "search": (3, 1200, 300, 6, 0, 6, 0.3),
        "chat": (3, 900, 600, 2, 0, 2, 0.1),
    }
    assert by_subject(acme, "customer_days") == {
        FIFTH: (3, 1200, 300, 6, 0, 6, 0.3),
        SIXTH: (3, 900, 600, 2, 12, 14, 0.7),
    }


def test_c13_the_template_asks_for_all_of_them() -> None:
    template = load_templates(None)[0]["customer"]
    assert {each.name for each in FIGURES} - {"customer_totals"} <= {
        section.options.get("figure") for section in template.sections
    }
    assert {each.name for each in FIGURES} <= figures().keys()
