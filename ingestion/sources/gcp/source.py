"""Google Cloud's billing exports in files as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments. Keep out: formats, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dlt

from ingestion.sources.gcp.pipeline import source
from ingestion.sources.gcp.spec import SPEC
from ingestion.standalone.resources import Write, folder_resources


@dlt.source(name="gcp", section="gcp")
def gcp_source(folder: str = dlt.config.value, write: Write = "merge") -> Iterable[Any]:
    """One resource per table of `raw_gcp`; `folder` is a path, or an fsspec address such as `s3://bucket/gcp`.

    A `row_id` that several files hold is in each of them (landing counts it once).
    """
    return folder_resources(SPEC, folder, source, write)
