"""Definitions of metrics are read into a closed set of forms, and written for each tool as worked out by hand."""

from __future__ import annotations

import pytest

from orchestration.publishing.bi.formulas import (
    Change,
    Condition,
    Difference,
    Ratio,
    ToDate,
    Total,
    UnknownFormError,
    read_derived,
    read_filter,
    read_total,
)
from orchestration.publishing.bi.languages import Dax, Sql, Tableau

PRICED = "case when coalesce(unpriced_tokens, 0) = 0 and contracted_cost_usd is not null then request_count end"


def dax() -> Dax:
    return Dax("costs", "dim_dates[date_day]", str.upper)


def test_a_condition_in_a_measure_is_read_and_written_in_every_language() -> None:
    total = read_total("sum", PRICED)
    assert total == Total(
        "sum",
        ("request_count",),
        (Condition("unpriced_tokens", "zero_or_unknown"), Condition("contracted_cost_usd", "known")),
    )
    assert Sql(str, str).total(total) == f"sum({PRICED})"
    assert dax().formula(total) == (
        "SUMX(FILTER(costs, (ISBLANK(costs[unpriced_tokens]) || costs[unpriced_tokens] = 0) "
        "&& NOT ISBLANK(costs[contracted_cost_usd])), costs[request_count])"
    )
    assert Tableau(str).formula(total) == (
        "SUM(IF IFNULL([unpriced_tokens], 0) = 0 AND NOT ISNULL([contracted_cost_usd]) THEN [request_count] END)"
    )


def test_a_sum_of_columns_of_which_one_is_blank_stays_out_of_dax() -> None:
    total = read_total("sum", "used + idle")
    assert dax().formula(total) == (
        "SUMX(FILTER(costs, NOT ISBLANK(costs[used]) && NOT ISBLANK(costs[idle])), costs[used] + costs[idle])"
    )


def test_dax_asks_for_blanks_before_it_subtracts() -> None:
    assert dax().formula(Difference("a", "b")) == "IF(NOT ISBLANK([A]) && NOT ISBLANK([B]), [A] - [B])"
    assert dax().formula(Ratio("a", "b", 1_000_000)) == "IF(NOT ISBLANK([A]), DIVIDE([A] * 1000000, [B]))"


def test_time_is_told_to_dax_only() -> None:
    to_date, change = ToDate(Total("sum", ("x",)), "month"), Change("a", 1, "month")
    assert dax().formula(to_date) == "CALCULATE(SUM(costs[x]), DATESMTD(dim_dates[date_day]))"
    assert "DATEADD(dim_dates[date_day], -1, MONTH)" in dax().formula(change)
    assert Sql(str, str).formula(to_date) is None
    assert Tableau(str).formula(change) is None


def test_counts() -> None:
    assert Sql(str, str).total(read_total("sum", "1")) == "sum(1)"
    assert dax().formula(read_total("count", "key")) == "COUNTROWS(FILTER(costs, NOT ISBLANK(costs[key])))"
    assert dax().formula(read_total("sum", "1")) == "COUNTROWS(costs)"


def test_filters_of_metrics() -> None:
    assert read_filter("{{ Dimension('cost_daily__cost_kind') }} = 'llm'") == Condition(
        "cost_daily__cost_kind", "equals", "llm"
    )
    assert read_filter("{{ Dimension('recommendation__is_open') }}").test == "true"


def test_derived_metrics() -> None:
    assert read_derived("a - b") == Difference("a", "b")
    assert read_derived("a * 1000000.0 / nullif(b, 0)") == Ratio("a", "b", 1_000_000)


@pytest.mark.parametrize(
    "definition",
    [
        lambda: read_total("sum", "case when a > 1 then b end"),
        lambda: read_total("sum", "a; drop table b"),
        lambda: read_total("median", "a"),
        lambda: read_filter("{{ Dimension('a__b') }} = 'it''s'"),
        lambda: read_filter("1 = 1 or {{ Dimension('a__b') }}"),
        lambda: read_derived("a / b"),
    ],
)
def test_what_has_no_translation_is_refused(definition: object) -> None:
    with pytest.raises(UnknownFormError):
        definition()  # type: ignore[operator]
