"""Every mart in one file for Tableau, schema `marts`, and `Extract.Costs` beside them.

Put here: which tables are written, the swap. Keep out: the file format (`hyper_file`), places (`places`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from orchestration.publishing.distribution import Delivery, PublicationTarget, Publish, PublishedVersion
from orchestration.publishing.hyper_file import engine, tables_of, write_tables
from orchestration.publishing.places import place_at

VARIABLE = "COSTOPS_PUBLISH_HYPER_DIR"
FILE = "costops.hyper"


def connect(variables: Mapping[str, str]) -> Publish | None:
    """Writes into the configured folder or bucket; None without one."""
    address = variables.get(VARIABLE)
    return partial(write, address=address) if address else None


def write(
    marts_changed: Sequence[str], marts_gone: Sequence[str], version: PublishedVersion, *, address: str
) -> Delivery:
    """Write what changed into a copy of the file, which then takes its name; all of it where the file lacks more.

    A file in a bucket is always written whole, from the published copy.
    """
    place = place_at(address, VARIABLE)
    with engine() as running, tempfile.TemporaryDirectory(dir=version.database.parent, prefix=".hyper.") as folder:
        fresh = Path(folder) / FILE
        kept = version.contents.keys() - set(marts_changed)
        before = place.local(FILE)
        changed = set(marts_changed)
        if before is not None and kept and kept <= tables_of(running, before) and len(kept) >= len(changed):
            shutil.copyfile(before, fresh)
        else:
            changed |= kept
        notes = write_tables(running, fresh, {mart: version.parquet(mart) for mart in changed}, tuple(marts_gone))
        place.put(fresh, FILE)
        return Delivery(tuple(notes), {"marts": len(version.contents), "marts_written": len(changed) - len(notes)})


TARGET = PublicationTarget("hyper", connect, (VARIABLE,))
