"""AWS Cost Explorer as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments and what each endpoint fills. Keep out: requests, fields, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import dlt
from dlt.common.typing import TSecretStrValue

from ingestion.config import Settings
from ingestion.sources.aws.explorer import CostExplorer
from ingestion.sources.aws.pipeline import source
from ingestion.sources.aws.spec import SPEC, missing
from ingestion.standalone.resources import Options, Pulled, Write, provider_resources, settings_of


@dlt.source(name="aws", section="aws")
def aws_source(
    access_key_id: TSecretStrValue | None = None,
    secret_access_key: TSecretStrValue | None = None,
    session_token: TSecretStrValue | None = None,
    profile: str | None = None,
    region: str | None = None,
    cost_explorer_url: str | None = None,
    cost_tags: tuple[str, ...] | None = None,
    max_requests: int | None = None,
    max_accounts: int | None = None,
    start_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
    write: Write = "merge",
    as_of: datetime | None = None,
    options: Options | None = None,
) -> Iterable[Any]:
    """One resource per table of `raw_aws`. Arguments that are not given come from dlt's own configuration.

    Asked for is what is due from `start_date` to `to_date`; `force` asks for every day again and believes one that
    comes back empty. `as_of` is the clock (naive UTC). `options` are settings of all provider APIs (`max_attempts`).
    """
    settings = settings_of(
        options,
        backfill_from=start_date,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
        aws_profile=profile,
        aws_region=region,
        aws_cost_explorer_url=cost_explorer_url,
        aws_cost_tags=cost_tags,
        aws_max_requests=max_requests,
        aws_max_accounts=max_accounts,
    )
    pulled = Pulled(source(settings.api), lambda: _explorer(settings), _fills, to_date, force, as_of)
    return provider_resources(SPEC, pulled, write)


def _fills(endpoint: str) -> tuple[str, ...]:
    return ("cost_forecasts",) if endpoint == "cost_forecast" else ("cost_explorer",)


def _explorer(settings: Settings) -> Any:
    if reason := missing(settings.api):
        raise ValueError(f"aws: {reason}")
    return CostExplorer(settings.api)
