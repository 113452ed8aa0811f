"""The public price list as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

The resources are those that landing runs. Which price a name in usage means (`model_aliases`) needs the usage, and
prices of files need their folders: both are landing's alone. Put here: the list alone. Keep out: flattening.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import dlt
import pyarrow as pa

from ingestion.raw_schemas import arrow_schema
from ingestion.sources.prices.flatten import flatten
from ingestion.sources.prices.loading import every_version, resource_of
from ingestion.sources.prices.moving import price_list
from ingestion.sources.prices.rows import model_catalog_table, model_prices_table, versioned_schema
from ingestion.sources.prices.supplements import with_supplements
from ingestion.standalone.resources import Write


@dlt.source(name="prices", section="prices")
def prices_source(write: Write = "merge", as_of: datetime | None = None) -> Iterable[Any]:
    """`model_prices` and `model_catalog` of the installed price list.

    `merge` keeps every version of a price with the time it was known, from `as_of` (naive UTC) on; `append`, for
    destinations that cannot merge, writes the newest list whole instead. Raises `InvalidPriceList`.
    """
    now = as_of or datetime.now(UTC).replace(tzinfo=None)

    def prices(_: pa.Table) -> pa.Table:
        return model_prices_table(with_supplements(flatten(price_list().providers)), version("genai-prices"))

    def catalog(_: pa.Table) -> pa.Table:
        return model_catalog_table(price_list().providers)

    empty = versioned_schema("model_prices").empty_table()  # the list is read when a run asks for it
    kept = every_version("model_prices", empty, now)
    listed = kept if write == "merge" else resource_of("model_prices", empty, "replace")
    models = resource_of("model_catalog", arrow_schema("raw_prices", "model_catalog").empty_table(), "replace")
    return [listed.add_map(prices), models.add_map(catalog)]
