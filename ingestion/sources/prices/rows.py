"""Price rows as Arrow tables with stable ids, in the columns of `raw_prices`.

Put here: ids, hashes, column order. Keep out: where the rows come from and where they go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyarrow as pa
from genai_prices.types import Provider

from ingestion.raw_schemas import TEXT, arrow_schema
from ingestion.sources.prices.flatten import SHIPPED_PRICE_KEY, PriceRow
from ingestion.sources.prices.units import InvalidPriceList

PRICE_SOURCE = "genai-prices"
SHIPPED_SOURCE = "tool-prices"
"""The table `tool_prices.csv` of this package, of the version that is installed."""
ROW_HASHES = {"model_prices": "price_row_hash", "model_aliases": "alias_row_hash"}
"""Tables that keep every version of a row, and the column of its identity and content: what makes it a new version when
it changes. Neither the version of the list nor the time of resolution is in it."""

VALIDITY_COLUMNS = ("known_from_utc", "known_to_utc")
_NOT_CONTENT = ("resolved_at_utc",)


def versioned_schema(table: str) -> pa.Schema:
    """The columns of a table of `raw_prices` that landing gives, without those that versioning adds."""
    declared = [field for field in arrow_schema("raw_prices", table) if field.name not in VALIDITY_COLUMNS]
    return pa.schema([*declared, pa.field(ROW_HASHES[table], TEXT)])


def versioned_aliases(aliases: pa.Table) -> pa.Table:
    """Rows of `resolve_contexts` with their hash, in the columns of `raw_prices.model_aliases`."""
    schema = versioned_schema("model_aliases")
    added = ("price_region", "provider_id")
    content = [field.name for field in schema if field.name not in (*_NOT_CONTENT, *added, ROW_HASHES["model_aliases"])]
    hashes = [
        _digest(tuple("\x1e" if value is None else str(value) for value in row) + _said(*more))
        for row, more in zip(
            zip(*(aliases[name].to_pylist() for name in content), strict=True),
            zip(*(aliases[name].to_pylist() for name in ("provider_name", *added)), strict=True),
            strict=True,
        )
    ]
    columns = [aliases[name].combine_chunks() for name in schema.names[:-1]]
    return pa.Table.from_arrays([*columns, pa.array(hashes, TEXT)], schema=schema)


def _said(provider_name: str | None, price_region: str | None, provider_id: str | None) -> tuple[str, ...]:
    """Columns that later versions added are content where they say something: rows from before stay as they are."""
    is_plain = provider_id in (None, (provider_name or "").lower())
    return tuple(part for part in (price_region or "", "" if is_plain else f"provider={provider_id}") if part)


def model_prices_table(rows: Iterable[PriceRow], source_version: str, source: str = PRICE_SOURCE) -> pa.Table:
    """Price rows as one table. Raises `InvalidPriceList` when two rows claim the same start of the same cell."""
    records = [_record(row, source, source_version) for row in rows]
    schema = versioned_schema("model_prices")
    columns = [pa.array([record[n] for record in records], field.type) for n, field in enumerate(schema)]
    table = pa.Table.from_arrays(columns, schema=schema)
    _check_identities_differ(table)
    return table


def _record(row: PriceRow, source: str, source_version: str) -> tuple[object, ...]:
    if row.price.source_price_key == SHIPPED_PRICE_KEY:
        source = SHIPPED_SOURCE
    identity = (
        source,
        row.provider_id,
        row.model_id,
        row.meter,
        row.variant,
        row.valid_from.isoformat(),
        str(row.time_of_day_from_second),
        str(row.context_over_tokens),
    )
    price, price_text = row.price.rounded_usd, row.price.text
    content = (
        *identity,
        row.model_name,
        row.valid_to.isoformat(),
        str(row.time_of_day_to_second),
        str(row.context_up_to_tokens),
        price_text,
        row.price.source_price_key,
        str(row.minimum_quantity),
    )
    return (
        _digest(identity),
        source,
        source_version,
        row.provider_id,
        row.model_id,
        row.model_name,
        row.meter,
        row.variant,
        row.valid_from,
        row.valid_to,
        row.time_of_day_from_second,
        row.time_of_day_to_second,
        row.context_over_tokens,
        row.context_up_to_tokens,
        price,
        price_text,
        row.price.source_price_key,
        row.minimum_quantity,
        _digest(content),
    )


def _digest(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _check_identities_differ(table: pa.Table) -> None:
    counts = table.group_by("price_row_id").aggregate([("price_row_id", "count")])
    twice = counts.filter(pa.compute.greater(counts["price_row_id_count"], 1))["price_row_id"].to_pylist()
    if twice:
        index = table["price_row_id"].to_pylist().index(twice[0])
        first = {name: table[name][index].as_py() for name in ("price_provider_id", "price_model_id", "meter")}
        raise InvalidPriceList(
            f"{len(twice)} price rows start twice in the same cell, the first for {first}: they would overlap."
        )


def model_catalog_table(providers: Iterable[Provider]) -> pa.Table:
    """One row per model of the list, priced or not."""
    rows = [
        {
            "price_provider_id": provider.id,
            "price_model_id": model.id,
            "price_model_name": model.name or model.id,
            "context_window": model.context_window,
            "is_deprecated": bool(model.deprecated),
        }
        for provider in providers
        for model in provider.models
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("raw_prices", "model_catalog"))
