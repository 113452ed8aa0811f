"""The meters: what a request can be charged for, in disjoint quantities.

Put here: the list, in the order people read it. Keep out: prices. `dbt_project/seeds/meters.csv` holds
the same list for SQL; an architecture test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Meter:
    """One disjoint quantity of a request.

    `raw_column` is the column of `raw_events.requests` that holds it, None where every request counts once.
    `dimensions` place the meter among the units of the genai-prices list: the nearest priced unit whose
    dimensions are a subset of these is what it costs. `units_per_priced_unit` converts where the list counts in a
    coarser unit (1000 milliseconds in a second). A meter that `is_surcharge` costs the difference
    between its own unit's price and that of the `output` meter its quantity is already part of.
    """

    name: str
    raw_column: str | None
    unit: str
    dimensions: Mapping[str, str] = field(hash=False)
    is_token: bool = False
    units_per_priced_unit: int = 1
    is_surcharge: bool = False

    @property
    def is_input_token(self) -> bool:
        """Whether the quantity counts towards the total that context steps look at."""
        return self.is_token and self.dimensions.get("direction") == "input"


def _dimensions(text: str) -> Mapping[str, str]:
    return MappingProxyType(dict(pair.split("=", 1) for pair in text.split()))


def _token(name: str, dimensions: str) -> Meter:
    return Meter(name, f"{name}_tokens", "token", _dimensions(f"family=tokens {dimensions}"), is_token=True)


def _each(name: str, raw_column: str | None, dimensions: str, unit: str = "each") -> Meter:
    return Meter(name, raw_column, unit, _dimensions(dimensions))


def _surcharge(name: str, token_type: str) -> Meter:
    dimensions = _dimensions(f"family=tokens direction=output token_type={token_type}")
    return Meter(name, f"{token_type}_tokens", "token", dimensions, is_surcharge=True)


METERS: tuple[Meter, ...] = (
    _token("uncached_input", "direction=input"),
    _token("cache_read", "direction=input token_type=cache_read"),
    _token("cache_write", "direction=input token_type=cache_write"),
    _token("cache_write_5m", "direction=input token_type=cache_write cache_ttl=5m"),
    _token("cache_write_1h", "direction=input token_type=cache_write cache_ttl=1h"),
    _token("output", "direction=output"),
    _token("audio_input", "direction=input modality=audio"),
    _token("audio_cache_read", "direction=input modality=audio token_type=cache_read"),
    _token("audio_output", "direction=output modality=audio"),
    _token("image_input", "direction=input modality=image"),
    _token("image_cache_read", "direction=input modality=image token_type=cache_read"),
    _token("image_output", "direction=output modality=image"),
    _token("video_input", "direction=input modality=video"),
    _token("video_output", "direction=output modality=video"),
    _each("web_search", "web_searches", "family=tool_calls tool_type=web_search"),
    _each("file_search", "file_searches", "family=tool_calls tool_type=storage_search"),
    _each("code_execution", "code_executions", "family=tool_calls tool_type=code_execution"),
    _each("map_search", "map_searches", "family=tool_calls tool_type=map_search"),
    _each("x_search", "x_searches", "family=tool_calls tool_type=social_search"),
    _each("rerank_search", "rerank_searches", "family=rerank"),
    _each("text_message", "text_messages", "family=messages direction=input modality=text"),
    _each("request", None, "family=requests"),
    _each("input_character", "input_characters", "family=characters direction=input", "character"),
    Meter(
        "audio_millisecond",
        "audio_milliseconds",
        "millisecond",
        _dimensions("family=durations modality=audio"),
        units_per_priced_unit=1000,
    ),
    _each("document_page", "document_pages", "family=document_pages direction=input", "page"),
    _each(
        "annotated_document_page",
        "annotated_document_pages",
        "family=document_pages direction=input page_type=annotated",
        "page",
    ),
    _each("image", "images", "family=images"),
    _each("video_millisecond", "video_milliseconds", "family=durations modality=video", "millisecond"),
    _each("training_token", "training_tokens", "family=training", "token"),
    _each("session", "sessions", "family=sessions"),
    _each("storage_mib_day", "storage_mib_days", "family=storage", "mebibyte_day"),
    _each("container", "containers", "family=sessions tool_type=code_execution"),
    _each("routed_input", "routed_input_tokens", "family=routing direction=input", "token"),
    _surcharge("reasoning_surcharge", "reasoning"),
    _surcharge("citation_surcharge", "citation"),
)

NEGOTIATED_ONLY = frozenset(
    "image video_millisecond training_token session storage_mib_day map_search container routed_input".split()
)
"""Meters that the public list prices for no model: where neither the shipped tool prices nor a negotiation has one,
their usage is unpriced and listed."""

METERS_BY_NAME: Mapping[str, Meter] = MappingProxyType({meter.name: meter for meter in METERS})
