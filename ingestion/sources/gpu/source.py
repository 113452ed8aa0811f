"""Samples of GPUs in files as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments. Keep out: formats, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import dlt

from ingestion.sources.gpu.pipeline import source
from ingestion.sources.gpu.spec import SPEC
from ingestion.standalone.resources import Write, folder_resources, settings_of


@dlt.source(name="gpu", section="gpu")
def gpu_source(folder: str = dlt.config.value, write: Write = "merge") -> Iterable[Any]:
    """One resource per table of `raw_gpu`; `folder` is a path, or an fsspec address such as `s3://bucket/gpu`."""
    return folder_resources(SPEC, folder, lambda place: source(replace(settings_of(), gpu_dir=place)), write)
