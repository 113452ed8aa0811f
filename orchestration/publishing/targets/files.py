"""Marts as Parquet files in a folder of one's own: a share, or one that is synchronised elsewhere.

Put here: placing the files. Keep out: making them (the published copy has them).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from orchestration.publishing.distribution import PublicationTarget, Publish, PublishedVersion

VARIABLE = "COSTOPS_PUBLISH_FILES_DIR"


def connect(variables: Mapping[str, str]) -> Publish | None:
    """Writes into the configured folder; None without one."""
    folder = variables.get(VARIABLE)
    return partial(write, folder=Path(folder).expanduser()) if folder else None


def write(marts_changed: Sequence[str], marts_gone: Sequence[str], version: PublishedVersion, *, folder: Path) -> None:
    """Each changed mart takes its name in one step; other files of the folder are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for mart in marts_changed:
        partial_file = folder / f".{mart}.parquet.next"
        shutil.copyfile(version.parquet(mart), partial_file)
        os.replace(partial_file, folder / f"{mart}.parquet")
    for mart in marts_gone:
        (folder / f"{mart}.parquet").unlink(missing_ok=True)


TARGET = PublicationTarget("files", connect, (VARIABLE,))
