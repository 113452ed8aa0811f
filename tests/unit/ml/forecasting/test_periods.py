"""Periods, their totals, and budgets against them; expected figures are worked by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.forecasting.budgets import budget_rows
from ml.forecasting.decomposition import decompose
from ml.forecasting.periods import Period, breach_day, breach_probability, periods_from
from ml.forecasting.tables import period_rows
from tests.unit.ml.forecasting.spend import SCORED, after, forecast, rows, weekly

NORMAL = np.array([-1.96, -1.645, -1.282, -0.674, 0, 0.674, 1.282, 1.645, 1.96])
"""Quantiles of the standard normal distribution at those that are published."""


def test_periods_of_a_day_in_august() -> None:
    by_kind = {each.kind: each for each in periods_from(date(2026, 8, 20))}
    assert by_kind["month"] == Period("month", date(2026, 8, 1), date(2026, 8, 31))
    assert by_kind["next_month"] == Period("next_month", date(2026, 9, 1), date(2026, 9, 30))
    assert by_kind["quarter"] == Period("quarter", date(2026, 7, 1), date(2026, 9, 30))
    assert by_kind["year"] == Period("year", date(2026, 1, 1), date(2026, 12, 31))
    assert by_kind["next_365_days"].end == date(2027, 8, 19)
    fourths = [by_kind[f"days_{a}_to_{b}"].days for a, b in ((1, 90), (91, 180), (181, 270), (271, 365))]
    assert fourths == [90, 90, 90, 95]


@pytest.mark.parametrize(
    ("limit", "chance"), [(100, 0.5), (110, 0.16), (80, 0.975), (1000, 0.01), (0, 0.99), (112.82, 0.1)]
)
def test_the_chance_of_a_breach_is_read_off_the_quantiles(limit: float, chance: float) -> None:
    assert breach_probability(100 + 10 * NORMAL, limit) == pytest.approx(chance, abs=0.02)


def test_a_certain_total_is_above_or_not() -> None:
    assert breach_probability(np.full(9, 50.0), 49) == 1
    assert breach_probability(np.full(9, 50.0), 50) == 0


def test_the_day_of_a_breach() -> None:
    assert breach_day(date(2026, 8, 20), 90.0, np.full(10, 4.0), 100.0) == date(2026, 8, 22)
    assert breach_day(date(2026, 8, 20), 0.0, np.full(10, 4.0), 100.0) is None


def test_a_period_is_what_was_spent_and_what_is_to_come() -> None:
    frame = rows(np.full(100, 10.0))  # 1 January to 10 April
    table = period_rows(forecast(frame, 100), SCORED, 0.2).query("series_id == 'total:all'").set_index("period_type")
    month = table.loc["month"]
    assert (month["actual_cost_usd"], month["remaining_cost_usd"]) == pytest.approx((100, 200))
    assert month["recommended_budget_usd"] == pytest.approx(360)
    assert month["run_rate_cost_usd"] == pytest.approx(300)
    assert month["growth_ratio"] == pytest.approx(0, abs=1e-9)
    assert table.loc["year", "previous_cost_usd"] is None or np.isnan(table.loc["year", "previous_cost_usd"])
    assert table.loc["month", "q10_cost_usd"] <= 300 <= table.loc["month", "q90_cost_usd"]


def test_sums_of_noisy_months_are_covered_about_as_often_as_promised() -> None:
    months = {f"t{seed}": weekly(330, noise=0.25, seed=seed) for seed in range(20)}
    frame = pd.concat(rows(values[:300], team_id=team) for team, values in months.items())
    part = forecast(frame, 300).parts[0]
    bounds = part.sum_quantiles(0, 30)
    inside = [
        bounds[number, 2] <= months[name][300:].sum() <= bounds[number, 6]
        for number, (kind, name) in enumerate(zip(part.names.scope_types, part.names.scope_ids, strict=True))
        if kind == "team"
    ]
    assert len(inside) == 20
    assert 0.6 <= np.mean(inside) < 1


def budget(days: int, amount: float | None, spend: np.ndarray, **of: object) -> pd.DataFrame:
    frame = pd.DataFrame({"usage_date": pd.date_range("2026-01-01", periods=days).date, "spend_usd": spend})
    about: dict[str, object] = {"budget_id": "b", "scope_type": "team", "scope_id": "search", "counts": "llm"} | of
    about |= {"period": "month", "is_current": True}
    month = frame["usage_date"].map(lambda day: day.replace(day=1))
    ends = month.map(lambda day: (pd.Timestamp(day) + pd.offsets.MonthEnd(0)).date())
    return frame.assign(period_start_date=month, period_end_date=ends, amount_usd=amount, **about)


def test_a_budget_is_held_against_the_forecast_of_its_scope() -> None:
    spend = np.full(100, 10.0)  # 100 of April are spent by the 10th, 300 will be
    said = forecast(rows(spend), 100)
    held = budget_rows(said, budget(100, 255.0, spend), SCORED, 0.2).iloc[0]
    assert held["series_id"] == "team:search"
    assert (held["spend_to_date_usd"], held["forecast_cost_usd"]) == pytest.approx((100, 300))
    assert held["breach_date"] == date(2026, 4, 26)
    assert held["breach_probability"] > 0.9
    assert held["recommended_budget_usd"] == pytest.approx(360)


@pytest.mark.parametrize(
    ("given", "column", "expected"),
    [
        ({"scope_type": "feature", "scope_id": "chat"}, "forecast_cost_usd", 300),
        ({"amount_usd": None}, "reason", "the amount is unknown in US dollars"),
        ({"amount_usd": 55.0}, "breach_date", date(2026, 4, 6)),
        ({"amount_usd": 55.0}, "breach_probability", 1),
    ],
    ids=["a scope without a series", "an unknown amount", "one that is passed already", "and surely so"],
)
def test_budgets_that_are_special(given: dict[str, object], column: str, expected: object) -> None:
    spend = np.full(100, 10.0)
    held = budget_rows(forecast(rows(spend), 100), budget(100, 250.0, spend).assign(**given), SCORED, 0.2).iloc[0]
    assert held[column] == (pytest.approx(expected) if isinstance(expected, int) else expected)


def test_a_budget_without_history_says_so_and_one_that_is_over_has_no_row() -> None:
    said = forecast(rows(np.full(100, 10.0)), 100)
    young = budget(100, 250.0, np.full(100, 10.0), scope_type="tag", scope_id="x").tail(5)
    assert "fewer than 14 days" in budget_rows(said, young, SCORED, 0.2).iloc[0]["reason"]
    assert budget_rows(said, budget(60, 250.0, np.full(60, 10.0)), SCORED, 0.2).empty


def test_on_the_first_of_a_month_a_current_budget_is_taken_on() -> None:
    spend = np.full(90, 10.0)  # to 31 March
    given = budget(90, 250.0, spend)
    held = budget_rows(forecast(rows(spend), 90), given, SCORED, 0.2).iloc[0]
    assert (held["period_start_date"], held["period_end_date"]) == (date(2026, 4, 1), date(2026, 4, 30))
    assert (held["spend_to_date_usd"], held["forecast_cost_usd"]) == pytest.approx((0, 300))
    assert budget_rows(forecast(rows(spend), 90), given.assign(is_current=False), SCORED, 0.2).empty


def test_components_add_up_and_the_season_sums_to_nothing() -> None:
    values = weekly(60)[None]
    trend, seasonal, residual = decompose(values)
    inner = slice(3, -3)
    assert (trend + seasonal + residual)[0, inner] == pytest.approx(values[0, inner])
    assert seasonal[0, :7].sum() == pytest.approx(0, abs=1e-9)
    assert trend[0, 3] == pytest.approx(values[0, :7].mean())
    assert after(1) == date(2026, 1, 2)
