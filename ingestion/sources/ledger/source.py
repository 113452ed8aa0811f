"""Closed months as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments. Keep out: formats, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import dlt

from ingestion.landing.source import DropFolderSource
from ingestion.sources.ledger.pipeline import closed_files, source
from ingestion.sources.ledger.records import read_ledger
from ingestion.sources.ledger.spec import SPEC
from ingestion.standalone.resources import Write, folder_resources


@dlt.source(name="ledger", section="ledger")
def ledger_source(folder: str = dlt.config.value, write: Write = "merge") -> Iterable[Any]:
    """One resource per table of `raw_ledger`; `folder` is a path, or an fsspec address such as `s3://bucket/ledger`.

    A month whose record does not verify is an error.
    """
    return folder_resources(SPEC, folder, _source, write)


def _source(place: Path) -> DropFolderSource:
    ledger = read_ledger(place)
    if ledger.faults:
        raise ValueError(f"ledger: {'; '.join(ledger.faults)}")
    closed = closed_files(ledger)
    return replace(source(place, ledger), keeps_removed=lambda path: path in closed)
