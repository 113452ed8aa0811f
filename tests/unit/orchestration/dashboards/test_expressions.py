"""What widgets show, as text, tree and SQL."""

from __future__ import annotations

import duckdb
import pytest

from orchestration.dashboards.expressions import ExpressionError, columns_of, parse, to_sql

ROWS = (
    "(values (date '2026-10-01', 2.0, 4, 'm'), ('2026-10-02', 6.0, 0, 'n'), ('2026-10-02', null, 4, 'm')) "
    "as t (day, x, n, m)"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(x)", 8.0),
        ("sum(x) / sum(n)", 1.0),
        ("sum(x) / sum(n) * 100", 100.0),
        ("sum(x) - sum(n) - 1", -1.0),  # from the left: 8 - 8 - 1
        ("sum(x) - (sum(n) - 1)", 1.0),
        ("2 * max(x) + min(n)", 12.0),
        ("avg(x)", 4.0),
        ("count()", 3.0),
        ("distinct(m)", 2.0),
        ("latest(x)", 6.0),
        ("sum(x) / (sum(n) - 8)", None),
    ],
)
def test_an_expression_is_what_its_sql_says(text: str, expected: float | None) -> None:
    sql = f"with chosen as (select * from {ROWS}) select {to_sql(parse(text), 'day')} from chosen"
    assert duckdb.sql(sql).fetchone() == (expected,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sum(", "missing"),
        ("median(x)", "median"),
        ("sum()", "a column"),
        ("count(x)", "no column"),
        ("sum(x) sum(y)", "goes on"),
        ("sum(x); drop table t", "not understood"),
        ("", "ends too early"),
    ],
)
def test_what_is_no_expression_is_told_with_an_example(text: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=says) as told:
        parse(text)
    assert "sum(spend_usd)" in str(told.value) or "one of sum" in str(told.value)


def test_columns_are_found_at_any_depth() -> None:
    assert list(columns_of(parse("(sum(a) - sum(b)) / count() * 3"))) == [("sum", "a"), ("sum", "b"), ("count", "")]
