"""Names as events spell them find their entry of the price list, and what is not in it stays unknown."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache

import pytest
from genai_prices.data_snapshot import get_snapshot

from ingestion.sources.prices.aliases import UsageContext, resolve_contexts
from ingestion.sources.prices.flatten import flatten
from ingestion.sources.prices.pipeline import priced_variants
from ingestion.sources.prices.rows import model_prices_table
from ingestion.sources.prices.user_aliases import UserAlias

PROFILE = "arn:aws:bedrock:us-east-1:1:application-inference-profile"
NOW = datetime.fromisoformat("2026-11-22")


@cache
def variants():
    return priced_variants(model_prices_table(flatten(get_snapshot().providers), "test"))


def resolve(provider: str, model: str, is_batch: bool = False, tier: str = "", speed: str = "") -> dict[str, object]:
    context = UsageContext(provider, model, is_batch, tier, speed)
    (row,) = resolve_contexts([context], get_snapshot(), variants(), NOW).to_pylist()
    assert (row["price_variant"] is None) == (row["unresolved_reason"] is not None)
    return row


@pytest.mark.parametrize(
    ("provider", "model", "entry", "method"),
    [
        ("openai", "gpt-4o", "openai/gpt-4o", "exact"),
        ("openai", "gpt-4o-2024-08-06", "openai/gpt-4o", "match_rule"),
        ("openai", "openai/gpt-5", "openai/gpt-5", "exact"),
        ("openai", "responses/gpt-5", "openai/gpt-5", "exact"),
        ("", "openai/gpt-5", "openai/gpt-5", "exact"),
        ("litellm", "openai/gpt-5", "openai/gpt-5", "exact"),
        ("openrouter", "openai/gpt-5", "openrouter/openai/gpt-5", "exact"),
        ("openrouter", "openrouter/openai/gpt-5", "openrouter/openai/gpt-5", "exact"),
        ("", "claude-opus-4-8", "anthropic/claude-opus-4-8", "exact"),
        ("", "text-embedding-3-small", "openai/text-embedding-3-small", "exact"),
        ("", "embed-v4.0", "cohere/embed-v4.0", "exact"),
        ("", "sonar", "perplexity/sonar", "exact"),
        ("az.ai.openai", "gpt-4o", "openai/gpt-4o", "fallback_provider"),
        ("azure.ai.openai", "azure/gpt-4o", "openai/gpt-4o", "fallback_provider"),
        ("Azure OpenAI", "gpt-4o", "openai/gpt-4o", "fallback_provider"),
        ("Groq, Inc.", "llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile", "exact"),
        ("azure", "grok-4", "x-ai/grok-4-0709", "fallback_provider"),
        ("gcp.gen_ai", "models/gemini-2.5-pro", "google/gemini-2.5-pro", "exact"),
        ("gemini", "gemini/gemini-2.5-flash", "google/gemini-2.5-flash", "exact"),
        ("gcp.vertex_ai", "publishers/google/models/gemini-2.5-flash", "google/gemini-2.5-flash", "exact"),
        ("vertex_ai", "vertex_ai/claude-sonnet-4@20250514", "google/claude-4-sonnet", "match_rule"),
        (
            "aws.bedrock",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "match_rule",
        ),
        (
            "bedrock",
            "bedrock/converse/us.amazon.nova-pro-v1:0",
            "aws/amazon.nova-pro-v1:0",
            "match_rule",
        ),
        (
            "",
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
            "aws/amazon.nova-pro-v1:0",
            "match_rule",
        ),
        ("mistral_ai", "mistral-large-latest", "mistral/mistral-large", "match_rule"),
        ("x_ai", "xai/grok-4", "x-ai/grok-4-0709", "match_rule"),
        (
            "together_ai",
            "meta-llama/Llama-3.3-70B-Instruct-Turbo",
            "together/meta-llama/Llama-3.3-70B-Instruct-Turbo",
            "exact",
        ),
        ("Groq", "llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile", "exact"),
    ],
)
def test_spellings_of_clients_and_gateways_are_recognised(provider: str, model: str, entry: str, method: str) -> None:
    row = resolve(provider, model)
    assert (f"{row['price_provider_id']}/{row['price_model_id']}", row["match_method"]) == (entry, method)
    assert (row["price_variant"], row["unresolved_reason"]) == ("standard", None)


@pytest.mark.parametrize(
    ("provider", "model", "reason"),
    [
        ("", "llama-3.3-70b-versatile", "unknown_provider"),
        ("openai", "gpt-99-turbo", "unknown_model"),
        ("", "gpt-99-turbo", "unknown_model"),
        ("acme-cloud", "gpt-4o", "unknown_provider"),
        ("", "our-own-model", "unknown_provider"),
        ("hosted_vllm", "gpt-4o", "no_public_price"),
        ("openai_like", "gpt-4o", "no_public_price"),
        ("openai_compatible", "gpt-4o", "no_public_price"),
        ("openai", "", "no_model_name"),
        ("openai", "anthropic/claude-opus-4-8", "unknown_model"),
        ("openai", "x" * 100_000, "unknown_model"),
    ],
)
def test_what_is_not_listed_stays_unknown(provider: str, model: str, reason: str) -> None:
    row = resolve(provider, model)
    assert (row["match_method"], row["unresolved_reason"]) == ("unresolved", reason)
    assert row["price_model_id"] is None


def test_unknown_names_come_with_the_closest_listed_ones() -> None:
    candidates = json.loads(resolve("openai", "gpt-4-o-mini")["closest_candidates"])
    assert 1 <= len(candidates) <= 3
    assert "openai/gpt-4o-mini" in candidates
    assert json.loads(resolve("acme-cloud", "gpt-4o")["closest_candidates"])[0] == "openai/gpt-4o"
    assert json.loads(resolve("openai", "gpt-4o")["closest_candidates"]) == []


@pytest.mark.parametrize("tier", ["", "standard", "default", "auto", "on_demand", "ON_DEMAND", "service_tier_standard"])
def test_words_for_the_ordinary_tier_are_standard(tier: str) -> None:
    assert resolve("openai", "gpt-4.1", tier=tier)["price_variant"] == "standard"
    assert resolve("groq", "llama-3.3-70b-versatile", tier=tier)["price_variant"] == "standard"


@pytest.mark.parametrize(
    ("provider", "model", "is_batch", "tier", "speed", "variant"),
    [
        ("openai", "gpt-4.1", True, "", "", "processing=batch"),
        ("anthropic", "claude-opus-4-8", False, "batch", "", "processing=batch"),
        ("openai", "gpt-5", False, "Priority", "", "service_tier=priority"),
        ("openai", "gpt-5", True, "flex", "", "processing=batch;service_tier=flex"),
        ("anthropic", "claude-opus-4-8", False, "standard", "fast", "speed=fast"),
        ("anthropic", "claude-opus-4-8", True, "", "fast", "processing=batch;speed=fast"),
        ("vertex_ai", "gemini-3.8-flash-tts", False, "ON_DEMAND_FLEX", "", "service_tier=flex"),
    ],
)
def test_listed_variants_are_chosen(
    provider: str, model: str, is_batch: bool, tier: str, speed: str, variant: str
) -> None:
    assert resolve(provider, model, is_batch, tier, speed)["price_variant"] == variant


@pytest.mark.parametrize(
    ("provider", "model", "is_batch", "tier", "speed", "reason"),
    [
        ("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", True, "", "", "no_price_for_variant"),
        ("openai", "gpt-4.1", False, "flex", "", "no_price_for_variant"),
        ("groq", "llama-3.3-70b-versatile", False, "flex", "", "no_price_for_variant"),
        ("google", "gemini-2.5-pro", False, "provisioned_throughput", "", "no_price_for_variant"),
        ("anthropic", "claude-3-5-haiku-latest", False, "", "fast", "no_price_for_variant"),
        ("azure", "gpt-4.1", True, "", "", "no_price_for_variant"),
        ("openai", "gpt-4.1", False, "turbo", "", "unknown_service_tier"),
        ("openai", "gpt-4.1", False, "", "ludicrous", "unknown_speed"),
    ],
)
def test_a_tier_without_a_listed_price_is_never_priced_as_standard(
    provider: str, model: str, is_batch: bool, tier: str, speed: str, reason: str
) -> None:
    row = resolve(provider, model, is_batch, tier, speed)
    assert (row["price_variant"], row["unresolved_reason"]) == (None, reason)
    assert row["price_model_id"] is not None


def test_a_model_that_is_listed_without_prices_is_unpriced() -> None:
    empty = [
        (provider.id, model.id)
        for provider in get_snapshot().providers
        for model in provider.models
        if (provider.id, model.id) not in variants()
    ]
    reasons = {resolve(provider, model)["unresolved_reason"] for provider, model in empty[:20]}
    assert "no_price_listed" in reasons


def test_a_flood_of_unknown_names_stays_cheap() -> None:
    contexts = [UsageContext("openai", f"nonsense-{n}", False, "", "") for n in range(5000)]
    table = resolve_contexts(contexts, get_snapshot(), variants(), NOW)
    assert set(table["unresolved_reason"].to_pylist()) == {"unknown_model"}


def resolve_with(aliases: list[tuple[str, str, str]], provider: str, model: str, **how: object) -> dict[str, object]:
    context = UsageContext(provider, model, bool(how.get("is_batch")), "", "")
    known = [UserAlias(*alias) for alias in aliases]
    (row,) = resolve_contexts([context], get_snapshot(), variants(), NOW, known).to_pylist()
    return row


@pytest.mark.parametrize(
    ("alias", "provider", "model", "entry"),
    [
        (("azure", "chat-prod", "gpt-4o"), "az.ai.openai", "chat-prod", "openai/gpt-4o"),
        (("azure", "chat-prod", "gpt-4o"), "azure", "azure/Chat-Prod", "openai/gpt-4o"),
        (("Azure OpenAI", "chat-prod", "openai/gpt-4o"), "azure", "chat-prod", "openai/gpt-4o"),
        (("", "chat-prod", "openai/gpt-4o"), "litellm", "chat-prod", "openai/gpt-4o"),
        (("vllm", "our-llama", "groq/llama-3.3-70b-versatile"), "vllm", "our-llama", "groq/llama-3.3-70b-versatile"),
        (("openai", "gpt-4o", "openai/gpt-4.1"), "openai", "gpt-4o", "openai/gpt-4.1"),
        (
            ("aws", f"{PROFILE}/abc", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
            "bedrock", f"{PROFILE}/abc",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
    ],
)  # fmt: skip
def test_a_users_alias_wins_over_everything(alias: tuple[str, str, str], provider: str, model: str, entry: str) -> None:
    row = resolve_with([alias], provider, model)
    assert f"{row['price_provider_id']}/{row['price_model_id']}" == entry
    assert (row["match_method"], row["unresolved_reason"]) == ("user_alias", None)


def test_the_alias_of_a_provider_beats_the_one_for_any_and_leaves_others_alone() -> None:
    aliases = [("", "chat", "openai/gpt-4.1"), ("azure", "chat", "openai/gpt-4o")]
    assert resolve_with(aliases, "azure", "chat")["price_model_id"] == "gpt-4o"
    assert resolve_with(aliases, "openai", "chat")["price_model_id"] == "gpt-4.1"
    assert resolve_with(aliases[1:], "openai", "chat")["unresolved_reason"] == "unknown_model"
    assert resolve_with(aliases, "openai", "gpt-4o")["match_method"] == "exact"


def test_an_alias_to_nothing_says_so_with_what_comes_closest() -> None:
    row = resolve_with([("azure", "chat", "gpt-4ooo")], "azure", "chat")
    assert (row["match_method"], row["unresolved_reason"]) == ("unresolved", "alias_target_unknown")
    assert "openai/gpt-4o" in json.loads(str(row["closest_candidates"]))


def test_batch_usage_of_an_aliased_deployment_is_priced_only_where_the_user_names_the_list() -> None:
    by_name = resolve_with([("azure", "chat", "gpt-4o")], "azure", "chat", is_batch=True)
    assert by_name["unresolved_reason"] == "no_price_for_variant"
    by_entry = resolve_with([("azure", "chat", "openai/gpt-4o")], "azure", "chat", is_batch=True)
    assert by_entry["price_variant"] == "processing=batch"
