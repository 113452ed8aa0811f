"""How Anthropic's reports word what the sample company's books say.

Put here: names of models, token types and cost types. Keep out: figures.
"""

from __future__ import annotations

import re

_TOKEN_TYPES = {
    "uncached_input": "uncached_input_tokens",
    "cache_read": "cache_read_input_tokens",
    "cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
    "cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
    "output": "output_tokens",
}
_METERS = {
    "uncached_input": "Input Tokens",
    "cache_read": "Input Tokens, Cache Hit",
    "cache_write_5m": "Input Tokens, Cache Write",
    "cache_write_1h": "Input Tokens, Cache Write (1 hour)",
    "output": "Output Tokens",
    "web_search": "Web Search",
}
MODELS_WITHOUT_GEO = re.compile(r"-4-5-")
"""Models from before inference geography existed."""


def model_title(model: str) -> str:
    """`claude-sonnet-4-5-20250929` → `Claude Sonnet 4.5`."""
    name = re.sub(r"-\d{8}$", "", model)
    family = re.sub(r"-(\d+)-(\d+)$", r" \1.\2", name)
    return " ".join(part[:1].upper() + part[1:] for part in family.replace("-", " ").split())


def inference_geo(model: str) -> str:
    """`not_available` for models from before the feature."""
    return "not_available" if MODELS_WITHOUT_GEO.search(model) else "global"


def context_window(is_long: bool) -> str:
    """The price step of a charge."""
    return "200k-1M" if is_long else "0-200k"


def token_type(meter: str | None) -> str | None:
    """None for what is not tokens."""
    return _TOKEN_TYPES.get(meter or "")


def cost_type(kind: str, meter: str | None) -> str:
    """`tokens`, `web_search` or `code_execution`."""
    if meter is None:
        return kind
    return "web_search" if meter == "web_search" else "tokens"


def description(kind: str, model: str | None, meter: str | None, is_long: bool) -> str:
    """The text of a cost row: `Claude Sonnet 4.6 Usage - Output Tokens (200k-1M context)`."""
    if model is None or meter is None:
        return f"{kind.replace('_', ' ').title()} Usage"
    step = f" ({context_window(True)} context)" if is_long else ""
    return f"{model_title(model)} Usage - {_METERS[meter]}{step}"
