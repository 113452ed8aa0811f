"""Budgets: one alert per budget, period and threshold; only what is over budget by default."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from orchestration.alerting import AlertDraft, AlertParams, decide
from tests.unit.orchestration.alerting.situations import drafts_of, situation

NONE = pd.DataFrame(columns=["alert_id", "rule", "subject_type", "subject_id", "evidence"])
NO_ANOMALIES = pd.DataFrame()


def status(
    daily_usd: str,
    days: int,
    start: date = date(2026, 2, 1),
    budget_id: str = "b1",
    amount: str | None = "100",
    **more: object,
) -> pd.DataFrame:
    rows = [
        {
            "budget_id": budget_id, "budget_name": "Search", "scope_type": "team", "scope_id": "search",
            "period_start_date": start, "period_end_date": start + timedelta(days=27),
            "usage_date": start + timedelta(days=n), "amount_usd": None if amount is None else Decimal(amount),
            "spend_to_date_usd": Decimal(daily_usd) * (n + 1), "owner": "ana", **more,
        }
        for n in range(days)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def run(frame: pd.DataFrame, as_of: date, existing: pd.DataFrame = NONE, **params: object) -> list[AlertDraft]:
    return drafts_of(frame, NO_ANOMALIES, existing, as_of=as_of, params=AlertParams(**params))


def test_a_crossed_budget_is_one_critical_alert_with_its_owner():
    (draft,) = run(status("10", 12), date(2026, 2, 13))
    assert (draft.rule, draft.severity, draft.owner) == ("budget_threshold_crossed", "critical", "ana")
    assert (draft.subject_type, draft.subject_id) == ("budget", "b1")
    assert draft.evidence["crossed_on"] == "2026-02-10"
    assert draft.evidence["spend_to_date_usd"] == "120"


def test_an_hourly_budget_names_its_most_expensive_hour():
    at = pd.Timestamp("2026-02-01 17:00")
    (draft,) = run(status("150", 1, period="hour", period_start_at_utc=at), date(2026, 2, 2))
    assert "spent in the hour from 2026-02-01 17:00 UTC" in draft.message
    assert "spent in the period from 2026-02-01" in run(status("150", 1, period="day"), date(2026, 2, 2))[0].message


def test_days_of_another_zone_alert_when_they_have_begun():
    # 1 February begins in Auckland (UTC+13) at 11:00 UTC of 31 January, and in Los Angeles at 8:00 UTC of the 1st.
    auckland = status("150", 1, period="day", day_time_zone="Pacific/Auckland")
    (draft,) = run(auckland, date(2026, 1, 31))
    assert "spent in the period from 2026-02-01 (days of Pacific/Auckland)" in draft.message
    assert draft.evidence["day_time_zone"] == "Pacific/Auckland"
    assert run(auckland, date(2026, 1, 30)) == []
    for zone in ("America/Los_Angeles", "UTC"):
        later = status("150", 1, period="day", day_time_zone=zone)
        assert run(later, date(2026, 1, 31)) == []
        assert len(run(later, date(2026, 2, 1))) == 1


def test_a_doubled_hour_is_named_with_its_offset():
    hour = {"period": "hour", "period_start_at_utc": pd.Timestamp("2026-10-25 01:00"), "day_time_zone": "UTC"}
    frame = status("150", 1, start=date(2026, 10, 25), **hour, period_start_local="2026-10-25 02:00 +01:00")
    (draft,) = run(frame, date(2026, 10, 26))
    assert "spent in the hour from 2026-10-25 01:00 UTC (2026-10-25 02:00 +01:00);" in draft.message


def test_exactly_at_the_budget_counts_and_a_cent_below_does_not():
    assert len(run(status("10", 10), date(2026, 2, 11))) == 1
    (below,) = run(status("9.999999999999", 10), date(2026, 2, 11))
    assert below.evidence["threshold_pct"] == "90"


@pytest.mark.parametrize(
    ("daily", "expected"),
    [
        ("7.49", None),
        ("7.5", ("75", "info")),
        ("8.99", ("75", "info")),
        ("9", ("90", "warning")),
        ("9.99", ("90", "warning")),
        ("10", ("100", "critical")),
    ],
)
def test_by_default_three_quarters_inform_nine_tenths_warn_and_the_whole_is_critical(daily, expected):
    drafts = run(status(daily, 10), date(2026, 2, 10))
    assert [(draft.evidence["threshold_pct"], draft.severity) for draft in drafts] == ([expected] if expected else [])


def test_when_configured_only_the_highest_crossed_threshold_alerts():
    levels = {"alert_at_pct": (Decimal(50), Decimal(75), Decimal(100))}
    (warning,) = run(status("10", 8), date(2026, 2, 9), **levels)
    assert (warning.severity, warning.evidence["threshold_pct"]) == ("info", "75")
    (critical,) = run(status("10", 11), date(2026, 2, 12), **levels)
    assert critical.severity == "critical"
    assert critical.alert_id != warning.alert_id


def test_the_same_crossing_keeps_its_id_on_later_days_and_is_not_new_again():
    (first,) = run(status("10", 11), date(2026, 2, 12))
    known = pd.DataFrame([{"alert_id": first.alert_id, "rule": first.rule, "subject_type": "budget",
                           "subject_id": "b1", "evidence": "{}"}])  # fmt: skip
    (again,) = run(status("10", 20), date(2026, 2, 21), known)
    assert again.alert_id == first.alert_id
    assert first.is_new
    assert not again.is_new


def test_the_next_period_is_a_new_alert():
    both = pd.concat([status("10", 28), status("20", 6, date(2026, 3, 1))])
    drafts = run(both, date(2026, 3, 7))
    assert [d.evidence["period_start"] for d in drafts] == ["2026-03-01"]
    assert drafts[0].alert_id != run(status("10", 28), date(2026, 3, 1))[0].alert_id


def test_old_periods_that_ended_over_budget_are_history():
    assert run(status("10", 28), date(2026, 6, 1)) == []
    assert run(pd.concat([status("10", 28), status("1", 3, date(2026, 3, 1))]), date(2026, 3, 4)) == []


def test_a_crossing_on_the_last_days_of_a_period_alerts_after_its_end():
    both = pd.concat([status("3.6", 28), status("1", 2, date(2026, 3, 1))])
    assert len(run(both, date(2026, 3, 3))) == 1


def test_unknown_amounts_never_cross_and_a_budget_of_nothing_does_with_any_spend():
    assert run(status("10", 12, amount=None), date(2026, 2, 13)) == []
    assert len(run(status("10", 1, amount="0"), date(2026, 2, 2))) == 1
    assert run(status("0", 5, amount="0"), date(2026, 2, 6)) == []


def test_days_after_as_of_are_not_read():
    assert run(status("10", 12), date(2026, 2, 5)) == []


def test_a_global_budget_has_no_scope_id():
    (draft,) = run(status("10", 12, scope_type="global", scope_id=None, owner=None), date(2026, 2, 13))
    assert draft.evidence["scope_id"] == "all"
    assert draft.owner is None


def test_floats_from_a_data_frame_work():
    frame = status("10", 12).astype({"amount_usd": float, "spend_to_date_usd": float})
    assert len(run(frame, date(2026, 2, 13))) == 1


def test_a_budgets_own_thresholds_alert_whatever_the_settings_say():
    own = {"alert_thresholds_pct": "50;80;120"}
    (half,) = run(status("10", 7, **own), date(2026, 2, 8))
    assert (half.evidence["threshold_pct"], half.severity) == ("50", "info")
    (eighty,) = run(status("10", 8, **own), date(2026, 2, 9))
    assert eighty.evidence["threshold_pct"] == "80"
    # 110 of 100: its own marks are 80 and 120, so it stands at 80, and 100 is no mark of this budget.
    (still,) = run(status("10", 11, **own), date(2026, 2, 12))
    assert still.alert_id == eighty.alert_id
    (beyond,) = run(status("10", 12, **own), date(2026, 2, 13))
    assert (beyond.evidence["threshold_pct"], beyond.severity) == ("120", "critical")


def heading(daily_usd: str, days: int, limit: str | None = "110", **more: object) -> pd.DataFrame:
    """A budget of 100 for 28 days with a projection to watch."""
    frame = status(daily_usd, days, counts="llm", alert_projected_pct=None if limit is None else Decimal(limit), **more)
    return frame.assign(days_elapsed=range(1, days + 1), days_remaining=[28 - n for n in range(1, days + 1)])


def test_a_projection_alerts_from_the_second_week_on_and_only_beyond_its_limit():
    # 4 a day are 112 in 28 days; 3.92857… a day are 110 exactly, which is not beyond.
    assert run(heading("4", 6), date(2026, 2, 7)) == []
    (draft,) = run(heading("4", 7), date(2026, 2, 8))
    assert (draft.rule, draft.severity) == ("budget_projected_over", "warning")
    assert draft.title == "Budget Search is projected to pass 110 %"
    assert (
        "28.00 of 100.00 USD (28.0 %, counts LLM spend) spent in the period from 2026-02-01 after 7 of 28 days"
        in draft.message
    )
    assert "112.00 USD" in draft.message
    assert run(heading("2.75", 10, limit="77"), date(2026, 2, 11)) == []
    assert len(run(heading("2.750000000001", 10, limit="77"), date(2026, 2, 11))) == 1
    assert run(heading("4", 7, limit=None), date(2026, 2, 8)) == []


def test_once_the_budget_is_used_up_the_projection_says_nothing_more():
    drafts = run(heading("10", 10), date(2026, 2, 11))
    assert [draft.rule for draft in drafts] == ["budget_threshold_crossed"]


def with_forecast(frame: pd.DataFrame, as_of: date, **outlook: object) -> list[AlertDraft]:
    """The same, where the forecast of the period from 1 February is known."""
    known = {"budget_id": "b1", "period_start_date": date(2026, 2, 1), "breach_probability": 0.93, **outlook}
    seen = situation(frame, NO_ANOMALIES, NONE, as_of=as_of)
    return list(decide(replace(seen, tables={**seen.tables, "ml.budget_outlooks": [known]})).drafts)


def test_where_there_is_a_forecast_it_is_the_projection_from_the_first_day_on():
    (draft,) = with_forecast(heading("1", 2), date(2026, 2, 3), forecast_cost_usd=Decimal("110.01"))
    assert (draft.rule, draft.severity) == ("budget_projected_over", "warning")
    assert "the forecast is 110.01 USD, and the budget is passed with a probability of 93 %" in draft.message
    assert draft.evidence["projected_by"] == "forecast"
    assert with_forecast(heading("1", 2), date(2026, 2, 3), forecast_cost_usd=Decimal("110")) == []


def test_a_forecast_within_the_limit_silences_the_rate_so_far():
    assert len(run(heading("4", 7), date(2026, 2, 8))) == 1
    assert with_forecast(heading("4", 7), date(2026, 2, 8), forecast_cost_usd=Decimal("90")) == []


def test_a_forecast_of_nothing_or_of_another_period_leaves_the_rate_so_far():
    for outlook in (
        {"forecast_cost_usd": None},
        {"forecast_cost_usd": Decimal(90), "period_start_date": date(2026, 1, 4)},
        {"forecast_cost_usd": Decimal(90), "budget_id": "b2"},
    ):
        (draft,) = with_forecast(heading("4", 7), date(2026, 2, 8), **outlook)
        assert draft.evidence["projected_by"] == "rate so far"
        assert "at this rate 112.00 USD" in draft.message
