"""The simulator's parts: visibility, sums, page tokens, faults, queries, wording."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from ingestion.demo.providers.anthropic.wording import description, model_title
from ingestion.demo.providers.azure.dialect import deployment
from ingestion.demo.providers.buckets import USAGE_WIDTHS, cut_page, read_limit
from ingestion.demo.providers.endpoint import Refusal
from ingestion.demo.providers.faults import Faults, ScriptedFault
from ingestion.demo.providers.groq.promql import read_query, read_step
from ingestion.demo.providers.ledger import ChargeRows, Dimension, UsageRows, chances
from ingestion.demo.providers.moments import DAY, HOUR, microseconds, moment_of, read_rfc3339, rfc3339
from ingestion.demo.providers.openai.costs import line_item
from ingestion.demo.providers.paging import UnusablePageToken, page_token, read_page_token
from ingestion.demo.providers.visibility import Restatement, Visibility

NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)


def usage(count: int) -> UsageRows:
    frame = pd.DataFrame(
        {
            "requested_at_utc": pd.date_range("2026-05-01", periods=count, freq="17min"),
            "chance": chances([str(number) for number in range(count)]),
            "model": [("a", "b", None)[number % 3] for number in range(count)],
            "tokens": range(count),
        }
    )
    return UsageRows.of(frame, ["model"], ["tokens"])


def charges(amounts: list[int], step: int = 1) -> ChargeRows:
    days = np.array([microseconds(date(2026, 5, 1)) + number * DAY for number in range(len(amounts))])
    places = Dimension.of(["x"] * len(amounts))
    values = np.array(amounts)
    return ChargeRows(
        days, days + DAY, {"place": places}, values, values, step, chances([str(one) for one in range(len(amounts))])
    )


def test_groups_keep_missing_values_apart_and_sum_exactly() -> None:
    rows = usage(1000)
    start = microseconds(date(2026, 5, 1))
    found = list(rows.groups(start, start + 30 * DAY, DAY, Visibility(NOON + timedelta(days=30)), fields=["model"]))
    assert {group.values["model"] for group in found} == {"a", "b", None}
    assert sum(group.sums["tokens"] for group in found) == sum(range(1000))
    assert [group.bucket for group in found] == sorted(group.bucket for group in found)
    only = rows.groups(start, start + 30 * DAY, DAY, Visibility(NOON + timedelta(days=30)), filters={"model": ["a"]})
    assert sum(group.sums["tokens"] for group in only) == sum(range(0, 1000, 3))


def test_what_has_not_happened_yet_is_not_shown() -> None:
    start = microseconds(date(2026, 5, 1))
    found = usage(2000).groups(start, start + 60 * DAY, DAY, Visibility(NOON))
    assert max(group.bucket for group in found) == 9


def test_growing_usage_only_grows_and_ends_whole() -> None:
    rows = usage(500)
    everything = rows.moment.max()
    shown = [
        int(Visibility(moment_of(int(everything) + hours * HOUR), 2.0).shows_usage(rows.moment, rows.chance).sum())
        for hours in range(0, 49, 6)
    ]
    assert shown == sorted(shown)
    assert shown[0] < shown[-1] == 500


def test_growing_charges_are_absent_partial_or_whole_and_keep_their_decimals() -> None:
    rows = charges([1_000_000_000] * 40, step=10_000)
    start = microseconds(date(2026, 5, 1))
    now = datetime(2026, 6, 10, 12, tzinfo=UTC)
    early = [group.sums["amount"] for group in rows.groups(start, start + 40 * DAY, DAY, Visibility(now, 2.0))]
    assert set(early) <= {600_000_000, 1_000_000_000}
    assert all(amount % 10_000 == 0 for amount in early)
    late = Visibility(now + timedelta(days=2), 2.0)
    assert sum(group.sums["amount"] for group in rows.groups(start, start + 40 * DAY, DAY, late)) == 40 * 10**9


def test_a_restated_period_is_wrong_until_it_is_corrected_and_nothing_else_is() -> None:
    rows = charges([1_000] * 10)
    start = microseconds(date(2026, 5, 1))
    wrong = Restatement(date(2026, 5, 3), date(2026, 5, 4), NOON + timedelta(days=9))
    before = list(rows.groups(start, start + 10 * DAY, DAY, Visibility(NOON + timedelta(days=8), 0, wrong)))
    assert [group.sums["amount"] for group in before] == [1000, 1000, 950, 950, *[1000] * 6]
    after = rows.groups(start, start + 10 * DAY, DAY, Visibility(NOON + timedelta(days=9), 0, wrong))
    assert {group.sums["amount"] for group in after} == {1000}
    with pytest.raises(ValueError, match="ends before"):
        Restatement(date(2026, 5, 4), date(2026, 5, 3), NOON)


def test_moments_are_exact() -> None:
    moment = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
    assert moment_of(microseconds(moment)) == moment
    assert read_rfc3339("2026-02-28T23:59:59.999999+00:00") == microseconds(moment)
    assert read_rfc3339("2026-03-01T02:00:00+02:00") == read_rfc3339("2026-03-01")
    assert rfc3339(microseconds(moment)) == "2026-02-28T23:59:59Z"


def test_page_tokens_are_opaque_and_bound_to_their_question() -> None:
    question = [("model", "a"), ("limit", "7")]
    token = page_token(question, 123_456_789)
    assert "123456789" not in token
    assert read_page_token(token, list(reversed(question)), Faults()) == 123_456_789
    for other, asked in ((token, [("model", "b")]), ("page_!", question), (token[:-4], question), ("x", question)):
        with pytest.raises(UnusablePageToken):
            read_page_token(other, asked, Faults())


def test_pages_cover_the_window_once() -> None:
    question = [("path", "x")]
    token, starts = None, []
    while True:
        page = cut_page(HOUR + 5, 10 * HOUR + 1, USAGE_WIDTHS["1h"], 4, token, question, Faults())
        starts.extend(page.starts)
        token = page.next_page
        if token is None:
            break
    assert starts == [hour * HOUR for hour in range(1, 11)]
    for limit in ("0", "169", "-1", "x"):
        with pytest.raises(Refusal):
            read_limit(limit, 24, 168)


def test_scripted_faults_skip_then_strike() -> None:
    faults = Faults(scripted=[ScriptedFault("costs", "cut", times=2, skip=1)])
    met = [faults.decide("openai /organization/costs", "q") for _ in range(4)]
    assert met == [None, "cut", "cut", None]
    assert faults.decide("openai /organization/users", "q") is None


def test_a_request_does_not_fail_for_ever() -> None:
    faults = Faults(failure_rate=1.0, max_in_a_row=3)
    assert [faults.decide("x", "same") is None for _ in range(8)] == [False, False, False, True] * 2


@pytest.mark.parametrize("wrong", [{"failure_rate": 1.5}, {"kinds": ("explode",)}])
def test_impossible_faults_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"failure_rate|there is no fault"):
        Faults(**wrong)  # type: ignore[arg-type]


def test_queries_of_prometheus() -> None:
    query = read_query('sum(model_project_id:tokens_in:rate5m{model=~"llama.*", project_id!="x"}) by (model)')
    assert query.summed_by == ("model",)
    labels = {"__name__": "model_project_id:tokens_in:rate5m", "model": "llama-3.1-8b-instant"}
    assert all(matcher.matches(labels) for matcher in query.matchers)
    assert read_query('{__name__="a:b"}').summed_by is None
    assert [read_step(text) for text in ("60", "5m", "1h", "500ms")] == [60, 300, 3600, 0.5]
    for text in ("", "rate(x[5m])", 'x{a="b"', "x{a=b}"):
        with pytest.raises(Refusal):
            read_query(text)


def test_wording() -> None:
    assert model_title("claude-sonnet-4-5-20250929") == "Claude Sonnet 4.5"
    assert description("tokens", "claude-opus-4-6", "output", True) == (
        "Claude Opus 4.6 Usage - Output Tokens (200k-1M context)"
    )
    assert description("code_execution", None, None, False) == "Code Execution Usage"
    day = date(2026, 6, 30)
    assert line_item("tokens", "gpt-5", "cache_read", "processing=batch", False, day) == "gpt-5, batch cached input"
    assert line_item("tokens", "gpt-5", "output", "standard", True, day + timedelta(days=1)) == (
        "gpt-5, long context output_tokens"
    )
    assert deployment("gpt-4o-mini-2024-07-18") == ("gpt-4o-mini", "gpt-4o-mini", "2024-07-18")
