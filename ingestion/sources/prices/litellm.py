"""A LiteLLM price file that the user drops in, as a second opinion on the public list.

Data flow: `litellm_prices.json` (or `.json.gz`) in `COSTOPS_ORG_DIR` → `raw_prices.other_prices` and
`raw_prices.quarantine`. Put here: reading the file and naming its prices in our meters. Keep out: anything that prices
usage; these rows never do.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from genai_prices.data_snapshot import DataSnapshot

from ingestion.landing.links import leads_outside
from ingestion.landing.model import QuarantinedRow
from ingestion.landing.redaction import masked
from ingestion.limits import BoundedStream, limits
from ingestion.raw_schemas import arrow_schema
from ingestion.reading.tabular.values import to_money
from ingestion.sources.prices.aliases import Match, NameResolver
from ingestion.vocabulary.refusals import code_of, with_fault

FILE_NAMES = ("litellm_prices.json", "litellm_prices.json.gz")
SOURCE = "litellm"
DOCUMENTATION_ENTRY = "sample_spec"
MAX_PRICE = Decimal(1_000_000)

METER_OF_FIELD = {
    "input_cost_per_token": "uncached_input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_audio_token": "audio_output",
    "cache_read_input_audio_token_cost": "audio_cache_read",
    "input_cost_per_image_token": "image_input",
    "output_cost_per_image_token": "image_output",
    "cache_read_input_image_token_cost": "image_cache_read",
    "input_cost_per_video_token": "video_input",
    "output_cost_per_video_token": "video_output",
    "input_cost_per_character": "input_character",
    "input_cost_per_text_message": "text_message",
    "input_cost_per_request": "request",
    "ocr_cost_per_page": "document_page",
    "annotation_cost_per_page": "annotated_document_page",
}
"""Fields that count what a meter of ours counts; others (pixels, seconds of video) are not compared."""

VARIANT_OF_SUFFIX = {
    "batches": "processing=batch",
    "flex": "service_tier=flex",
    "priority": "service_tier=priority",
    "fast": "service_tier=fast",
}
PROVIDER_NAMES = {
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "bedrock_mantle": "aws.bedrock",
    "text-completion-openai": "openai",
    "voyage": "voyageai",
    "moonshot": "moonshotai",
}
_FIELD = re.compile(r"^(?P<base>.+?)(?:_above_(?P<thousands>\d+)k_tokens)?(?:_(?P<suffix>[a-z]+))?$")


@dataclass(frozen=True)
class OtherPrice:
    """One price of the file: of which entry and field, in our words."""

    entry: str
    provider_name: str
    field: str
    meter: str
    variant: str
    context_over_tokens: int
    price: Decimal
    text: str


def other_prices_tables(
    folder: Path,
    snapshot: DataSnapshot,
    now: datetime,
    history_problems: Iterable[tuple[Path, QuarantinedRow]] = (),
) -> dict[str, pa.Table]:
    """`other_prices` and `quarantine` as the file says them, with what dated price files have wrong."""
    paths = [folder / name for name in FILE_NAMES]
    path = next((path for path in paths if path.is_file() and not leads_outside(path, folder)), None)
    prices: list[OtherPrice] = []
    problems: list[QuarantinedRow] = []
    if path is not None:
        for found in read_file(path):
            (prices if isinstance(found, OtherPrice) else problems).append(found)  # type: ignore[arg-type]
    resolver = NameResolver(snapshot, max_names_compared=0)
    rows = [row for price in prices if (row := _row(price, resolver, now))]
    return {
        "other_prices": pa.Table.from_pylist(rows, schema=arrow_schema("raw_prices", "other_prices")),
        "quarantine": pa.Table.from_pylist(
            [
                *(_problem(problem, path, now) for problem in problems),
                *(_problem(problem, dated, now) for dated, problem in history_problems),
            ],
            schema=arrow_schema("raw_prices", "quarantine"),
        ),
    }


def read_file(path: Path) -> Iterator[OtherPrice | QuarantinedRow]:
    """The prices of a file, and what in it is none."""
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = BoundedStream(gzip.GzipFile(fileobj=io.BytesIO(content)), limits().document_bytes).readall()
        text = content.decode()
        entries = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        if not isinstance(entries, dict):
            raise ValueError("an object with one entry per model is expected")
    except (OSError, EOFError, ValueError, RecursionError) as error:
        yield QuarantinedRow(None, "unreadable_file", f"{path.name}: {error}; export the price file again", None)
        return
    for number, (name, entry) in enumerate(entries.items(), start=1):
        if name == DOCUMENTATION_ENTRY:
            continue
        if not isinstance(entry, dict):
            message = f"{path.name}, entry {name}: is no object; correct or remove it"
            yield QuarantinedRow(number, "invalid_entry", message, _text(entry), name)
            continue
        yield from _entry(path.name, number, name, entry)


def _entry(file: str, number: int, name: str, entry: Mapping[str, Any]) -> Iterator[OtherPrice | QuarantinedRow]:
    provider = entry.get("litellm_provider")
    provider = provider if isinstance(provider, str) else ""
    for field, value in entry.items():
        place = _place(field, str(entry.get("mode")))
        if place is None or value is None:
            continue
        meter, variant, context_over_tokens, divisor = place
        if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < MAX_PRICE:
            message = f"{file}, entry {name}, field {field}: {_text(value)} is no price; give US dollars per unit"
            yield QuarantinedRow(number, "invalid_price", message, _text({name: {field: value}}), field)
            continue
        price = value.scaleb(-3) if divisor == 1000 else value
        yield OtherPrice(
            name, provider, field, meter, variant, context_over_tokens, to_money(price), format(value, "f")
        )


def _place(field: str, mode: str) -> tuple[str, str, int, int] | None:
    """Meter, variant, context step and divisor of a field; None where nothing of ours counts the same."""
    if field == "input_cost_per_second" and mode == "audio_transcription":
        return "audio_millisecond", "standard", -1, 1000
    if field == "input_cost_per_query" and mode == "rerank":
        return "rerank_search", "standard", -1, 1
    found = _FIELD.match(field)
    if found is None:
        return None
    base, suffix = found["base"], found["suffix"]
    if suffix and suffix not in VARIANT_OF_SUFFIX:
        base, suffix = f"{base}_{suffix}" if not found["thousands"] else "", None
    meter = METER_OF_FIELD.get(base)
    if meter is None:
        return None
    step = int(found["thousands"]) * 1000 if found["thousands"] else -1
    return meter, VARIANT_OF_SUFFIX[suffix] if suffix else "standard", step, 1


def _row(price: OtherPrice, resolver: NameResolver, now: datetime) -> dict[str, object] | None:
    found = resolver.resolve(provider_name_of(price), price.entry)
    is_listed = isinstance(found, Match) and not found.is_fallback
    return {
        "price_source": SOURCE,
        "source_entry": price.entry,
        "source_field": price.field,
        "provider_name": price.provider_name,
        "price_provider_id": found.provider.id if isinstance(found, Match) and is_listed else None,
        "price_model_id": found.model.id if isinstance(found, Match) and is_listed else None,
        "match_method": found.method if isinstance(found, Match) else "unresolved",
        "meter": price.meter,
        "price_variant": price.variant,
        "context_over_tokens": price.context_over_tokens,
        "price_usd_per_unit": price.price,
        "price_text": price.text,
        "landed_at_utc": now,
    }


def provider_name_of(price: OtherPrice) -> str:
    """LiteLLM's provider of an entry, in the words that names of usage are looked up by."""
    provider = price.provider_name.lower()
    return "gcp.vertex_ai" if provider.startswith("vertex_ai") else PROVIDER_NAMES.get(provider, provider)


def _problem(problem: QuarantinedRow, path: Path | None, now: datetime) -> dict[str, object]:
    return {
        "source": "prices",
        "file_path": path.name if path else None,
        "_source_file_id": None,
        "row_number": problem.row_number,
        "field": problem.field,
        "reason": code_of(problem.reason),
        "message": with_fault(masked(problem.message), problem.reason),
        "original_record": masked(problem.original_record) if problem.original_record else None,
        "quarantined_at_utc": now,
    }


def _text(value: object) -> str:
    return json.dumps(value, default=str)[:2000]
