"""Marts as files in a folder of one's own: a share, a synchronised folder, a bucket.

Put here: the target and its variables. Keep out: which files there are (`file_sets`), formats, places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from orchestration.home.clock import utc_now
from orchestration.publishing.distribution import Delivery, PublicationTarget, Publish, PublishedVersion
from orchestration.publishing.file_sets import FileSet, formats_of, write_files
from orchestration.publishing.places import place_at
from orchestration.publishing.writing import CSV, CSV_GZ, JSON_LINES, PARQUET

VARIABLE = "COSTOPS_PUBLISH_FILES_DIR"
FORMATS_VARIABLE = "COSTOPS_PUBLISH_FILES_FORMATS"
FORMATS = {each.name: each for each in (PARQUET, CSV, CSV_GZ, JSON_LINES)}


def connect(variables: Mapping[str, str]) -> Publish | None:
    """Writes into the configured folder or bucket; None without one."""
    address = variables.get(VARIABLE)
    formats = variables.get(FORMATS_VARIABLE) or PARQUET.name
    return partial(write, address=address, formats=formats) if address else None


def write(
    marts_changed: Sequence[str], marts_gone: Sequence[str], version: PublishedVersion, *, address: str, formats: str
) -> Delivery:
    """Each changed file takes its name in one step; what is there otherwise is left alone.

    What the place has is read there, so that files that somebody deleted come back.
    """
    chosen = formats_of(formats, FORMATS, FORMATS_VARIABLE)
    return write_files(place_at(address, VARIABLE), FileSet(formats=chosen), version, utc_now())


TARGET = PublicationTarget("files", connect, (VARIABLE, FORMATS_VARIABLE), plain=(FORMATS_VARIABLE,))
