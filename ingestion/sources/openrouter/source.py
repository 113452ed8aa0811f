"""OpenRouter's activity API as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments and what each endpoint fills. Keep out: requests, fields, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import dlt

from ingestion.sources.openrouter.pipeline import client, source
from ingestion.sources.openrouter.spec import SPEC
from ingestion.standalone.resources import Options, Pulled, Write, provider_resources, settings_of


@dlt.source(name="openrouter", section="openrouter")
def openrouter_source(
    api_key: str = dlt.secrets.value,
    base_url: str | None = None,
    start_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
    write: Write = "merge",
    as_of: datetime | None = None,
    options: Options | None = None,
) -> Iterable[Any]:
    """One resource per table of `raw_openrouter`. Arguments that are not given come from dlt's own configuration.

    Asked for is what is due from `start_date` to `to_date`; `force` asks for every day again and believes one that
    comes back empty. `as_of` is the clock (naive UTC). `options` are settings of all provider APIs (`max_attempts`).
    """
    settings = settings_of(
        options,
        backfill_from=start_date,
        openrouter_api_key=api_key,
        openrouter_base_url=base_url,
    )
    pulled = Pulled(source(settings), lambda: client(settings), _fills, to_date, force, as_of)
    return provider_resources(SPEC, pulled, write)


def _fills(endpoint: str) -> tuple[str, ...]:
    return ("activity",)
