"""Usage events in files as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments. Keep out: formats, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import dlt

from ingestion.sources.events.pipeline import source
from ingestion.sources.events.spec import SPEC
from ingestion.standalone.resources import Write, folder_resources, settings_of


@dlt.source(name="events", section="events")
def events_source(
    folder: str = dlt.config.value, plan_covered: tuple[str, ...] = (), write: Write = "merge"
) -> Iterable[Any]:
    """One resource per table of `raw_events`; `folder` is a path, or an fsspec address such as `s3://bucket/events`.

    `plan_covered` are paths whose calls a flat subscription covers. A call that several files hold is in each of them,
    while landing counts it once: keep one row per `event_id`.
    """
    return folder_resources(
        SPEC, folder, lambda place: source(replace(settings_of(), events_dir=place, plan_covered=plan_covered)), write
    )
