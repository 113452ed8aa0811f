"""A Prometheus server as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments and what each endpoint fills. Keep out: requests, fields, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import dlt
from dlt.common.typing import TSecretStrValue

from ingestion.sources.prometheus.pipeline import client, source
from ingestion.sources.prometheus.spec import SPEC
from ingestion.standalone.resources import Options, Pulled, Write, provider_resources, settings_of


@dlt.source(name="prometheus", section="prometheus")
def prometheus_source(
    url: str = dlt.config.value,
    bearer_token: TSecretStrValue | None = None,
    password: TSecretStrValue | None = None,
    username: str | None = None,
    org_id: str | None = None,
    step_seconds: int | None = None,
    counter_step_seconds: int | None = None,
    start_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
    write: Write = "merge",
    as_of: datetime | None = None,
    options: Options | None = None,
) -> Iterable[Any]:
    """One resource per table of `raw_prometheus`. Arguments that are not given come from dlt's own configuration.

    Asked for is what is due from `start_date` to `to_date`; `force` asks for every day again and believes one that
    comes back empty. `as_of` is the clock (naive UTC). `options` are settings of all provider APIs (`max_attempts`).
    """
    settings = settings_of(
        options,
        backfill_from=start_date,
        prometheus_url=url,
        prometheus_bearer_token=bearer_token,
        prometheus_password=password,
        prometheus_username=username,
        prometheus_org_id=org_id,
        prometheus_step_seconds=step_seconds,
        prometheus_counter_step_seconds=counter_step_seconds,
    )
    pulled = Pulled(source(settings), lambda: client(settings), _fills, to_date, force, as_of)
    return provider_resources(SPEC, pulled, write)


def _fills(endpoint: str) -> tuple[str, ...]:
    return {"gpu_utilization": ("gpu_samples",), "serving": ("serving_metrics",)}.get(endpoint, ("gpu_metrics",))
