"""Records that count tokens among their own fields, as logs of applications and gateways do, with a usage object.

Put here: when such fields have one meaning. Keep out: what counters mean (`counters`), answers of models
(`plain_counts`).
"""

from __future__ import annotations

import re
from typing import Any

from ingestion.sources.events.usage_shapes.counters import meaning_of
from ingestion.sources.events.usage_shapes.spellings import plain_name
from ingestion.sources.events.usage_shapes.values import as_object

_SIDES = frozenset(("input", "output"))
_OF_ANTHROPIC = frozenset(("input_tokens", "output_tokens"))
_CACHE_OF_ANTHROPIC = frozenset(("cache_read_input_tokens", "cache_creation_input_tokens"))
"""Counters of Anthropic's messages, whose cache lies beside."""
_CACHED = frozenset(("cache_read", "cache_write", "cache_write_5m", "cache_write_1h"))
_NAMES = {
    "input": "prompt_tokens",
    "output": "completion_tokens",
    "total": "total_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
    "cache_write_5m": "cache_write_5m_tokens",
    "cache_write_1h": "cache_write_1h_tokens",
    "reasoning": "reasoning_tokens",
    "thoughts": "thoughts_tokens",
}
"""Each meaning under a name of a chat completion, which tells of no provider."""
_MODELS = ("model", "model_id", "modelId", "model_name", "modelName", "model_version", "modelVersion", "deployment")
_DETAILS = ("token_details", "usage_details", "tokens_details")
_OF_USAGE = re.compile(r"^(?:token_?)?usage_", re.IGNORECASE)
_COUNTS = re.compile(r"tokens?\W{1,4}[1-9]", re.IGNORECASE)


def flat_usage(body: dict[str, Any]) -> dict[str, Any]:
    """The counters of a record as a usage object; empty where they do not have one meaning.

    The record must name a model (sums of sessions often do not), and both sides must be counted. Without a printed
    total nothing shows whether cached tokens lie inside the input. An object among the fields that counts more tokens
    may tell of parts.
    """
    if not any(body.get(name) for name in _MODELS):
        return {}
    found = {name: value for name, value in body.items() if _is_counter(str(name), value)}
    meanings = {_meaning(str(name)) for name in found}
    if found.keys() > _OF_ANTHROPIC and not found.keys() - _OF_ANTHROPIC - _CACHE_OF_ANTHROPIC:
        return found
    if not meanings >= _SIDES or (meanings & _CACHED and "total" not in meanings):
        return {}
    details = {name: item for key in _DETAILS for name, item in as_object(body.get(key)).items()}
    others = (value for name, value in body.items() if name not in _DETAILS and name not in found)
    if any(_COUNTS.search(str(value)[:2_000]) for value in others if as_object(value)):
        return {}
    return {_NAMES[_meaning(str(name))]: value for name, value in found.items()} | details


_HOLDERS = re.compile(r"(?:^|_)(?:usage|tokens?|token_?counts?)$")


def usage_beside(body: dict[str, Any]) -> dict[str, Any]:
    """The only object of a record that counts both sides, under a name such as `llm_usage` or `tokens`; empty where
    there is none, or nothing shows whether cached tokens lie inside the input."""
    if not any(body.get(name) for name in _MODELS):
        return {}
    named = (as_object(item) for name, item in body.items() if _HOLDERS.search(plain_name(str(name))))
    found = [(each, {_meaning(str(name)) for name in each}) for each in named if each]
    told = [each for each, meanings in found if meanings >= _SIDES and (not meanings & _CACHED or "total" in meanings)]
    return told[0] if len(found) == 1 and told else {}


def _is_counter(name: str, value: Any) -> bool:
    is_whole = (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdigit())
    return is_whole and "token" in name.lower() and _meaning(name) in _NAMES


def _meaning(name: str) -> str:
    known = meaning_of("", name) or meaning_of("", _OF_USAGE.sub("", name))
    return known[0] if known else ""
