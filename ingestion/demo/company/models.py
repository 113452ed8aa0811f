"""The models the sample company uses, as providers name them.

Put here: names and what their providers report. Keep out: prices (`prices`), who uses which (`projects`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """A model as providers name it. `cache` says which cache meters its provider reports.

    `price_model_id` is the name in the public price list, None for what no list knows.
    """

    raw_name: str
    provider: str
    price_model_id: str | None
    cache: str = "none"
    has_reasoning: bool = False
    is_embedding: bool = False
    max_input_tokens: int = 120_000
    sku: str = ""
    """How the provider's bill spells it."""


MODELS: tuple[Model, ...] = (
    Model("claude-sonnet-4-5-20250929", "anthropic", "claude-sonnet-4-5", "ttl", True, max_input_tokens=190_000),
    Model("claude-haiku-4-5-20251001", "anthropic", "claude-haiku-4-5", "ttl", max_input_tokens=190_000),
    Model("claude-opus-4-5-20251101", "anthropic", "claude-opus-4-5", "ttl", True, max_input_tokens=190_000),
    Model("claude-sonnet-4-6", "anthropic", "claude-sonnet-4-6", "ttl", True, max_input_tokens=900_000),
    Model("claude-opus-4-6", "anthropic", "claude-opus-4-6", "ttl", True, max_input_tokens=900_000),
    Model("gpt-5-2025-08-07", "openai", "gpt-5", "read", True, max_input_tokens=250_000),
    Model("gpt-5-mini-2025-08-07", "openai", "gpt-5-mini", "read", True, max_input_tokens=250_000),
    Model("text-embedding-3-small", "openai", "text-embedding-3-small", is_embedding=True, max_input_tokens=8_000),
    Model("gpt-5.6-luna", "openai", "gpt-5.6-luna", "write", True, max_input_tokens=600_000),
    Model("gpt-5.6-terra", "openai", "gpt-5.6-terra", "write", True, max_input_tokens=600_000),
    Model("gpt-5.6-sol", "openai", "gpt-5.6-sol", "write", True, max_input_tokens=600_000),
    Model("gpt-4.1-2025-04-14", "azure", "gpt-4.1", "read", sku="gpt 4.1"),
    Model("gpt-4o-mini-2024-07-18", "azure", "gpt-4o-mini", "read", sku="gpt 4o mini 0718"),
    Model(
        "text-embedding-3-large",
        "azure",
        "text-embedding-3-large",
        is_embedding=True,
        max_input_tokens=8_000,
        sku="text embedding 3 large",
    ),
    Model("amazon.nova-lite-v1:0", "aws", "amazon.nova-lite-v1:0", "read", sku="NovaLite"),
    Model("amazon.nova-pro-v1:0", "aws", "amazon.nova-pro-v1:0", "read", sku="NovaPro"),
    Model(
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "aws",
        "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "write",
        max_input_tokens=190_000,
        sku="Claude4.5Sonnet",
    ),
    Model("llama-3.3-70b-versatile", "groq", "llama-3.3-70b-versatile"),
    Model("llama-3.1-8b-instant", "groq", "llama-3.1-8b-instant"),
    Model("openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b", "read", True),
    Model("triage-intent-ft-v3", "azure", None, "read", sku="ft triage v3"),
)
MODEL_NUMBER = {model.raw_name: number for number, model in enumerate(MODELS)}
UNKNOWN_MODEL = "triage-intent-ft-v3"
