"""Event rows with the price list and names that they need, landed in a scratch warehouse.

Put here: what tests of pricing share to land rows as a run would. Keep out: rows with a meaning, expectations.
"""

from __future__ import annotations

from typing import Any

from genai_prices.data_snapshot import get_snapshot

from ingestion.sources.prices.aliases import UsageContext, resolve_contexts
from ingestion.sources.prices.flatten import flatten
from ingestion.sources.prices.pipeline import priced_variants
from ingestion.sources.prices.rows import model_prices_table
from ingestion.sources.prices.supplements import with_supplements
from tests.support.warehouse import LOADED_AT, ScratchWarehouse


def land_priced(warehouse: ScratchWarehouse, rows: list[dict[str, Any]]) -> None:
    """The rows, resolved against the public list, and of the list the models that they lead to."""
    warehouse.insert("raw_events.requests", rows)
    snapshot = get_snapshot()
    prices = model_prices_table(with_supplements(flatten(snapshot.providers)), "test")
    contexts = {
        UsageContext(
            row.get("provider_name") or "",
            row.get("served_model") or row.get("requested_model") or "",
            bool(row.get("is_batch")),
            row.get("served_service_tier") or "",
            row.get("speed") or "",
            row.get("region") or "",
        )
        for row in rows
    }
    aliases = resolve_contexts(sorted(contexts, key=str), snapshot, priced_variants(prices), LOADED_AT)
    wanted = {(row["price_provider_id"], row["price_model_id"]) for row in aliases.to_pylist()}
    warehouse.insert(
        "raw_prices.model_prices",
        [
            {name: value for name, value in row.items() if name != "price_row_hash"} | {"known_from_utc": LOADED_AT}
            for row in prices.to_pylist()
            if (row["price_provider_id"], row["price_model_id"]) in wanted
        ],
    )
    warehouse.insert("raw_prices.model_aliases", [row | {"known_from_utc": LOADED_AT} for row in aliases.to_pylist()])
