"""Prices vectors in SQL by joining the flattened price list, as the models of the warehouse do.

Put here: the join, set-based and in decimal. Keep out: anything that knows the price library.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.vocabulary.meters import METERS

ALWAYS_CHARGEABLE = "('request', 'reasoning_surcharge', 'citation_surcharge')"
"""Meters that cost nothing where the list has no price for them."""
CHARGED_INSTEAD_OF_TOKENS = "('input_character', 'audio_millisecond', 'document_page', 'annotated_document_page')"
"""Meters that cost nothing where the model is priced by token."""


def vectors_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Vectors as a table: number, entry of the price list (variant NULL: none), instant, one column per meter."""
    schema = pa.schema(
        [
            ("vector", pa.int64()),
            ("price_provider_id", pa.string()),
            ("price_model_id", pa.string()),
            ("price_variant", pa.string()),
            ("requested_at_utc", pa.timestamp("us")),
            *((meter.name, pa.int64()) for meter in METERS),
        ]
    )
    return pa.Table.from_pylist(list(rows), schema=schema)


def price_vectors(connection: duckdb.DuckDBPyConnection, vectors: str) -> duckdb.DuckDBPyRelation:
    """One row per vector: `cost_usd` (NULL when a used meter has no price), `priced_cost_usd`, `unpriced_meters`."""
    price_lines(connection, vectors)
    return connection.sql(
        """
        select
            vector,
            case when count(*) filter (is_unpriced) = 0 then coalesce(sum(cost_usd), 0) end as cost_usd,
            coalesce(sum(cost_usd), 0) as priced_cost_usd,
            list(meter order by meter) filter (is_unpriced) as unpriced_meters
        from vector_lines
        group by vector
        """
    )


def price_lines(connection: duckdb.DuckDBPyConnection, vectors: str) -> None:
    """Makes the table `vector_lines`: vector × used meter, with its price row where there is one."""
    input_tokens = " + ".join(f"coalesce({meter.name}, 0)" for meter in METERS if meter.is_input_token)
    quantities = ", ".join(
        f"{{'meter': '{meter.name}', 'quantity': {'1' if meter.raw_column is None else meter.name}}}"
        for meter in METERS
    )
    connection.execute(
        f"""
        create or replace temp table vector_lines as
        with sized as (
            select *, {input_tokens} as input_tokens, (epoch_us(requested_at_utc) // 1000000) % 86400 as utc_second
            from {vectors}
        ),
        placed as (
            select *, case when utc_second < 0 then utc_second + 86400 else utc_second end as second_of_day from sized
        ),
        used as (
            select
                vector, price_provider_id, price_model_id, price_variant, requested_at_utc, input_tokens, second_of_day,
                unnest([{quantities}], recursive := true)
            from placed
        ),
        by_token as (
            select distinct price_provider_id, price_model_id, price_variant, valid_from_utc, valid_to_utc
            from raw_prices.model_prices where known_to_utc is null and meter = 'uncached_input'
        )
        select
            used.vector,
            used.meter,
            greatest(used.quantity, coalesce(prices.minimum_quantity, 0)) as quantity,
            prices.price_usd_per_unit,
            prices.price_text,
            cast(greatest(used.quantity, coalesce(prices.minimum_quantity, 0)) as decimal(18, 0))
                * cast(prices.price_usd_per_unit as decimal(20, 12)) as cost_usd,
            prices.price_row_id is null
                and used.meter not in {ALWAYS_CHARGEABLE}
                and not (used.meter in {CHARGED_INSTEAD_OF_TOKENS} and by_token.price_model_id is not null)
                as is_unpriced
        from used
        left join raw_prices.model_prices as prices
            on prices.known_to_utc is null
            and prices.price_provider_id = used.price_provider_id
            and prices.price_model_id = used.price_model_id
            and prices.price_variant = used.price_variant
            and prices.meter = used.meter
            and used.requested_at_utc >= prices.valid_from_utc
            and used.requested_at_utc < prices.valid_to_utc
            and used.second_of_day >= prices.time_of_day_from_second
            and used.second_of_day < prices.time_of_day_to_second
            and used.input_tokens > prices.context_over_tokens
            and used.input_tokens <= prices.context_up_to_tokens
        left join by_token
            on by_token.price_provider_id = used.price_provider_id
            and by_token.price_model_id = used.price_model_id
            and by_token.price_variant = used.price_variant
            and used.requested_at_utc >= by_token.valid_from_utc
            and used.requested_at_utc < by_token.valid_to_utc
        where used.quantity > 0
        """
    )
