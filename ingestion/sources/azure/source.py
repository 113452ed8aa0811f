"""Azure OpenAI usage and Azure cost as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments and what each endpoint fills. Keep out: requests, fields, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import dlt

from ingestion.sources.azure.access import connect
from ingestion.sources.azure.pipeline import source
from ingestion.sources.azure.spec import SPEC
from ingestion.standalone.resources import Options, Pulled, Write, provider_resources, settings_of


@dlt.source(name="azure", section="azure")
def azure_source(
    tenant_id: str = dlt.config.value,
    client_id: str = dlt.config.value,
    client_secret: str = dlt.secrets.value,
    subscription_id: str | None = None,
    cost_scopes: tuple[str, ...] | None = None,
    cost_services: tuple[str, ...] | None = None,
    cost_tags: tuple[str, ...] | None = None,
    openai_resource_ids: tuple[str, ...] | None = None,
    authority_url: str | None = None,
    management_url: str | None = None,
    start_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
    write: Write = "merge",
    as_of: datetime | None = None,
    options: Options | None = None,
) -> Iterable[Any]:
    """One resource per table of `raw_azure`. Arguments that are not given come from dlt's own configuration.

    Asked for is what is due from `start_date` to `to_date`; `force` asks for every day again and believes one that
    comes back empty. `as_of` is the clock (naive UTC). `options` are settings of all provider APIs (`max_attempts`).
    """
    settings = settings_of(
        options,
        backfill_from=start_date,
        azure_tenant_id=tenant_id,
        azure_client_id=client_id,
        azure_client_secret=client_secret,
        azure_subscription_id=subscription_id,
        azure_cost_scopes=cost_scopes,
        azure_cost_services=cost_services,
        azure_cost_tags=cost_tags,
        azure_openai_resource_ids=openai_resource_ids,
        azure_authority_url=authority_url,
        azure_management_url=management_url,
    )
    pulled = Pulled(source(settings.api), lambda: connect(settings.api), _fills, to_date, force, as_of)
    return provider_resources(SPEC, pulled, write)


def _fills(endpoint: str) -> tuple[str, ...]:
    return ("metrics",) if endpoint == "metrics" else ("cost_query",)
