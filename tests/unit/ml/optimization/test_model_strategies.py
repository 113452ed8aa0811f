"""Each strategy on requests and models: what it saves, worked out by hand; what it leaves alone."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.unit.ml.optimization.worlds import DAYS, prices, recommend, requests, skipped, usage

LARGE = prices("gpt-5", uncached_input="2", cache_read="0.2", output="10")
SMALL = prices("gpt-5-mini", uncached_input="0.2", cache_read="0.02", output="1")
LISTED = LARGE + SMALL


def one(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def test_short_requests_go_one_class_down():
    """10 USD a day, of it 4 by short requests; at a tenth of the price these cost 0.40: 3.60 × 30 = 108 USD."""
    used = usage(LISTED, "gpt-5", uncached_input=2_500_000, output=500_000)
    asked = requests(LISTED, "gpt-5", "openai", "short", uncached_input=1_000_000, output=200_000)
    asked += requests(LISTED, "gpt-5", "openai", "long", uncached_input=1_500_000, output=300_000)
    row = one(recommend("smaller_model_for_short_requests", usage=used, prices=LISTED, requests=asked))
    assert (row["current_cost_usd"], row["saving_usd"]) == (Decimal(120), Decimal(108))
    assert (row["suggested_model_id"], row["risk"]) == ("gpt-5-mini", "high")
    older = prices("gpt-4o-mini", uncached_input="0.1", output="0.4")
    row = one(recommend("smaller_model_for_short_requests", usage=used, prices=LISTED + older, requests=asked))
    assert row["suggested_model_id"] == "gpt-5-mini", "no older generation"


def test_a_cascade_pays_for_the_tries():
    """40 of 100 requests are simple and cost 4 USD a day; a fifth is asked again: 4 × 0.8 − 0.4 = 2.80 a day."""
    used = usage(LISTED, "gpt-5", uncached_input=2_500_000, output=500_000)
    simple = requests(LISTED, "gpt-5", "openai", "short", count=40, uncached_input=1_000_000, output=200_000)
    rest = requests(LISTED, "gpt-5", "openai", "long", count=60, uncached_input=1_500_000, output=300_000)
    row = one(recommend("model_cascade", usage=used, prices=LISTED, requests=simple + rest))
    assert row["saving_usd"] == Decimal(84)
    assert (row["saving_lower_usd"], row["saving_upper_usd"]) == (Decimal(60), Decimal(108))
    few = requests(LISTED, "gpt-5", "openai", "short", count=20, uncached_input=1_000_000, output=200_000)
    assert recommend("model_cascade", usage=used, prices=LISTED, requests=few + rest).empty


@pytest.mark.parametrize(("name", "variant"), [("batch_tier", "processing=batch"), ("flex_tier", "service_tier=flex")])
def test_what_nobody_waits_for_goes_to_a_slower_tier(name: str, variant: str):
    """Half the price for 4 of 10 USD a day: 60 USD; people wait for the rest."""
    listed = LARGE + prices("gpt-5", variant=variant, uncached_input="1", cache_read="0.1", output="5")
    used = usage(listed, "gpt-5", uncached_input=2_500_000, output=500_000)
    asked = requests(listed, "gpt-5", uncached_input=1_000_000, output=200_000)
    asked += requests(listed, "gpt-5", waits=True, uncached_input=1_500_000, output=300_000)
    row = one(recommend(name, usage=used, prices=listed, requests=asked))
    assert (row["current_cost_usd"], row["saving_usd"], row["lever"]) == (Decimal(120), Decimal(60), "tier")
    assert recommend(name, usage=used, prices=LARGE, requests=asked).empty, "no price, no promise"
    assert recommend(name, usage=used, prices=listed, requests=asked[len(DAYS) :]).empty, "somebody waits"


def test_caching_from_its_own_best_week():
    """In three weeks 60 % of 1 M tokens were read from the cache, in the newest none."""
    good = usage(LISTED, "gpt-5", days=DAYS[7:], uncached_input=400_000, cache_read=600_000)
    bad = usage(LISTED, "gpt-5", days=DAYS[:7], uncached_input=1_000_000)
    row = one(recommend("prompt_caching", usage=good + bad, prices=LISTED))
    evidence = json.loads(row["evidence"])
    assert "best week" in evidence["basis"]
    assert float(evidence["target_ratio"]) == pytest.approx(0.6)
    # Cost rises from 0.92 to 2 USD: no fall, so two weeks count; 7 days of 600,000 and 7 of none: a ratio of 0.3.
    assert float(evidence["cache_read_ratio"]) == pytest.approx(0.3)
    # 0.3 × 30 M = 9 M tokens move, at 2 − 0.2 USD a million; no price for writing, so nothing dearer.
    assert row["saving_usd"] == pytest.approx(Decimal("16.2"))


def test_caching_of_what_sessions_repeat_and_of_an_assumption():
    """50 M tokens a day at 2 USD; half repeat: 25 M × 1.80 × 30; assumed 30 %: 15 M × 1.80 × 30."""
    used = usage(LISTED, "gpt-5", uncached_input=50_000_000)
    repeats = [{"provider_id": "openai", "model_id": "gpt-5", "project_id": "p", "team_id": None,
                "input_tokens": 100, "repeated_tokens": 50}]  # fmt: skip
    row = one(recommend("prompt_caching", usage=used, prices=LISTED, repeats=repeats))
    assert row["saving_usd"] == Decimal(1350)
    row = one(recommend("prompt_caching", usage=used, prices=LISTED))
    assert row["saving_usd"] == Decimal(810)
    assert row["saving_lower_usd"] == 0
    assert "assumed" in json.loads(row["evidence"])["basis"]


def test_writing_to_a_cache_is_paid():
    """As before, and one token written for ten read at 2.50: 15 M × (1.80 − 0.1 × 0.50) × 30 = 787.50."""
    listed = LARGE + prices("gpt-5", cache_write_5m="2.5")
    row = one(recommend("prompt_caching", usage=usage(LISTED, "gpt-5", uncached_input=50_000_000), prices=listed))
    assert row["saving_usd"] == Decimal("787.5")


def test_the_same_model_elsewhere():
    """100 USD a day at one, 75 at the other: 750 USD in 30 days."""
    listed = prices("claude-sonnet-4-5", "anthropic", uncached_input="4")
    listed += prices("anthropic.claude-sonnet-4-5-20250929-v1:0", "aws", uncached_input="3")
    listed += prices("regional.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws", uncached_input="1")
    listed += prices("anthropic.claude-sonnet-4-6", "aws", uncached_input="1")
    used = usage(listed, "claude-sonnet-4-5", "anthropic", uncached_input=25_000_000)
    row = one(recommend("provider_arbitrage", usage=used, prices=listed))
    assert (row["saving_usd"], row["risk"]) == (Decimal(750), "low")
    assert row["suggested_model_id"] == "anthropic.claude-sonnet-4-5-20250929-v1:0"


def test_a_second_provider_when_there_is_one_only():
    """100 USD a day with one; the same class elsewhere at 80: 600 USD, between nothing and that."""
    used = usage(LISTED, "gpt-5", uncached_input=50_000_000)
    others = prices("gemini-2.5-pro", "google", uncached_input="1.6") + prices("gpt-4.1", uncached_input="1")
    row = one(recommend("second_provider", usage=used, prices=LISTED, others=others))
    assert (row["saving_usd"], row["saving_lower_usd"], row["scope_type"]) == (Decimal(600), 0, "company")
    two = prices("claude-sonnet-4-5", "anthropic", uncached_input="2")
    both = used + usage(two, "claude-sonnet-4-5", "anthropic", project="q", uncached_input=5_000_000)
    assert recommend("second_provider", usage=both, prices=LISTED + two, others=others).empty


@pytest.mark.parametrize(("name", "side", "usd"), [("prompt_length", "input", 2), ("output_length", "output", 10)])
def test_lengths_far_beyond_the_usual(name: str, side: str, usd: int):
    """A fifth of 1 M tokens a day lies beyond three times the median: 0.2 M × 30 × the price of a token."""
    used = usage(LISTED, "gpt-5", uncached_input=1_000_000, output=1_000_000)
    lengths = [
        {"usage_date": day, "provider_id": "openai", "model_id": "gpt-5", "project_id": "p", "team_id": None,
         "feature": "chat", "usual_input": 1000, "usual_output": 1000, "requests": 100, "input_tokens": 1_000_000,
         "output_tokens": 1_000_000, "excess_input": 200_000, "excess_output": 200_000}
        for day in DAYS
    ]  # fmt: skip
    row = one(recommend(name, usage=used, prices=LISTED, lengths=lengths))
    assert row["saving_usd"] == Decimal(6 * usd)
    assert (row["saving_kind"], row["lever"]) == ("volume", side)
    assert f"{side}_tokens > 3000" in row["evidence_query"]


def test_small_requests_share_their_instructions():
    """50 M tokens a day, 0.3 of them instructions; four in a call pay them once: 50 × 0.3 × 0.75 × 2 USD × 30 = 675."""
    used = usage(LISTED, "gpt-5", uncached_input=60_000_000)
    tiny = requests(LISTED, "gpt-5", size="tiny", count=60, uncached_input=50_000_000)
    rest = requests(LISTED, "gpt-5", size="long", count=40, uncached_input=10_000_000)
    row = one(recommend("small_request_batching", usage=used, prices=LISTED, requests=tiny + rest))
    assert row["saving_usd"] == Decimal(675)
    few = requests(LISTED, "gpt-5", size="tiny", count=30, uncached_input=50_000_000)
    assert recommend("small_request_batching", usage=used, prices=LISTED, requests=few + rest).empty


def test_a_user_far_beyond_others():
    """Five at 1 USD a day and one at 5: 150 USD in 30 days, 60 beyond three times the median of 30."""
    used = usage(LISTED, "gpt-5", uncached_input=5_000_000)
    users = [
        {"usage_date": day, "provider_id": "openai", "model_id": "gpt-5", "project_id": "p", "team_id": None,
         "user_label": f"user-{number}", "cost_usd": Decimal(5 if number == 5 else 1)}
        for day in DAYS for number in range(6)
    ]  # fmt: skip
    row = one(recommend("high_cost_users", usage=used, prices=LISTED, users=users))
    assert (row["saving_usd"], row["current_cost_usd"], row["risk"]) == (Decimal(60), Decimal(150), "high")
    assert recommend("high_cost_users", usage=used, prices=LISTED, users=[u for u in users if u["cost_usd"] == 1]).empty
    assert skipped("high_cost_users") == "no usage of the last 30 days names a user"


@pytest.mark.parametrize(
    ("repeated", "cache", "saving"),
    [(10, None, "0"), (11, "semantic", "26.4"), (29, "semantic", "69.6"), (30, "exact", "72"), (60, "exact", "144")],
)
def test_questions_that_come_again_are_answered_from_a_cache(repeated: int, cache: str | None, saving: str):
    """10 USD a day for 100 calls that cost the same; of what repeats four in five are answered, for 30 days."""
    used = usage(LISTED, "gpt-5", uncached_input=2_500_000, output=500_000)
    asked = {"provider_id": "openai", "model_id": "gpt-5", "project_id": "p", "team_id": None, "requests": 100,
             "repeated_requests": repeated, "repeated_cost_usd": Decimal(repeated) / 10}  # fmt: skip
    questions = [{"usage_date": day, **asked} for day in DAYS]
    advice = recommend("semantic_caching", usage=used, prices=LISTED, questions=questions)
    if cache is None:
        assert advice.empty
        return
    row = one(advice)
    assert row["saving_usd"] == Decimal(saving)
    assert (row["effort"], row["risk"], json.loads(row["evidence"])["cache"]) == ("medium", "low", cache)


def test_keys_that_nobody_uses():
    keys = [
        {"api_key_id": "old", "api_key_name": "o", "team_id": "t", "first_seen_date": DAYS[-1], "last_seen_date": None},
        {"api_key_id": "live", "api_key_name": "l", "team_id": "t", "first_seen_date": DAYS[-1],
         "last_seen_date": DAYS[0]},
    ]  # fmt: skip
    row = one(recommend("unused_keys", keys=keys))
    assert (row["scope_id"], row["saving_usd"], row["saving_kind"]) == ("t", Decimal(0), "none")
    assert "'old'" in row["evidence_query"]
    assert "'live'" not in row["evidence_query"]
    assert skipped("unused_keys") == "no provider says which keys are active"


def test_what_the_data_lack_is_said_and_nothing_guessed():
    assert "no event of the last 30 days has a prompt_hash" in (skipped("semantic_caching") or "")
    assert "single requests are not known" in (skipped("batch_tier") or "")
    assert "50 single requests" in (skipped("prompt_length") or "")


def test_a_candidate_under_contract_costs_what_is_agreed():
    """100 USD a day; elsewhere 80 by the list, 60 by contract: 40 × 30 = 1,200 USD. The own card is not touched."""
    listed = prices("claude-sonnet-4-5", "anthropic", uncached_input="4")
    there = prices("anthropic.claude-sonnet-4-5-20250929-v1:0", "aws", uncached_input="3.2")
    used = usage(listed, "claude-sonnet-4-5", "anthropic", uncached_input=25_000_000)
    assert one(recommend("provider_arbitrage", usage=used, prices=listed + there))["saving_usd"] == Decimal(600)
    agreed = [{**row, "agreed_price_usd_per_unit": Decimal("0.0000024")} for row in there]
    assert one(recommend("provider_arbitrage", usage=used, prices=listed + agreed))["saving_usd"] == Decimal(1200)
    dear = [{**row, "agreed_price_usd_per_unit": Decimal("0.000005")} for row in there]
    assert recommend("provider_arbitrage", usage=used, prices=listed + dear).empty
    own = [{**row, "agreed_price_usd_per_unit": Decimal("0.000001")} for row in listed]
    assert one(recommend("provider_arbitrage", usage=used, prices=own + there))["saving_usd"] == Decimal(600)
