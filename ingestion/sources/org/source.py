"""The organisation's files as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments. Keep out: formats, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import dlt

from ingestion.sources.org.pipeline import source
from ingestion.sources.org.spec import SPEC
from ingestion.standalone.resources import Write, folder_resources


@dlt.source(name="org", section="org")
def org_source(folder: str = dlt.config.value, write: Write = "merge") -> Iterable[Any]:
    """One resource per table of `raw_org`; `folder` is a path, or an fsspec address such as `s3://bucket/org`.

    The folder is the truth: a change in one file reads all of them again, as each is checked against the others.
    """
    return folder_resources(SPEC, folder, lambda place: replace(source(place), keeps_removed=lambda path: False), write)
