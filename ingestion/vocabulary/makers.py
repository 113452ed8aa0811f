"""Who makes models, by their ids in the price list, in the order in which a bare model name is looked up.

Put here: makers. Keep out: how a name is matched (`sources/prices`), what a quote asks (`orchestration/pricing`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Maker:
    """One maker. `is_own`: its entries are its own models only, so that a name that it alone lists is its own.

    `is_compared`: its models are compared when nobody says which: it sells under its own name, to anybody.
    """

    provider_id: str
    is_own: bool = True
    is_compared: bool = False


ALL_MAKERS = (
    Maker("anthropic", is_compared=True),
    Maker("cohere", is_compared=True),
    Maker("deepseek", is_compared=True),
    Maker("google", is_compared=True),
    Maker("groq", is_own=False, is_compared=True),
    Maker("mistral", is_compared=True),
    Maker("openai", is_compared=True),
    Maker("x-ai", is_compared=True),
    Maker("voyageai"),
    Maker("perplexity"),
    Maker("moonshotai"),
    Maker("minimax", is_own=False),
    Maker("zai", is_own=False),
    Maker("zhipuai", is_own=False),
    Maker("meta", is_own=False),
    Maker("aws", is_own=False),
)
MAKERS = tuple(maker.provider_id for maker in ALL_MAKERS)
"""Whose models a bare name can mean."""
OWN_NAME_MAKERS = tuple(maker.provider_id for maker in ALL_MAKERS if maker.is_own)
"""A call that names no provider is one of theirs if only one lists it."""
COMPARED_PROVIDERS = tuple(maker.provider_id for maker in ALL_MAKERS if maker.is_compared)
