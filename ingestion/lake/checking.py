"""Says what a lake holds, whether all of it is there, and whether it is what the warehouse has.

Put here: looking. Keep out: words on a screen, mending.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion.lake.changes import changed_units, engine
from ingestion.lake.manifest import LakeObject, UnreadableLakeError
from ingestion.lake.tables import LakeTable
from ingestion.lake.versions import Lake
from ingestion.lake.writing import content_hash

Progress = Callable[[str], None]
TOLD_EVERY = 500
"""Objects between two lines of progress."""


@dataclass
class Verified:
    """What a look at every object found."""

    objects: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)
    damaged: set[str] = field(default_factory=set)
    """Objects with a fault."""
    lost: set[str] = field(default_factory=set)
    """Tables whose list cannot be read."""
    unknown: list[str] = field(default_factory=list)
    """Files of the lake's folders that no version names: what an interrupted run left."""


def verify(lake: Lake, say: Progress, *, quick: bool = False) -> Verified:
    """Look at every object in force: whether it is there, with its size, and (unless `quick`) its content."""
    found = Verified()
    lake.read_lists()
    there = lake.own_files()
    for table in sorted(lake.current.tables) if lake.current else ():
        try:
            content = lake.list_of(table)
        except UnreadableLakeError as error:
            found.faults.append(str(error))
            found.lost.add(table)
            continue
        for each in content.objects if content else ():
            found.objects += 1
            found.bytes += each.bytes
            if fault := _fault(lake, each, there, quick):
                found.faults.append(f"{each.path} {fault}")
                found.damaged.add(each.path)
            if not quick and found.objects % TOLD_EVERY == 0:
                say(f"{found.objects:,} objects, {found.bytes:,} bytes")
    found.unknown = sorted(_unnamed(lake, there))
    return found


def _fault(lake: Lake, each: LakeObject, there: dict[str, int], quick: bool) -> str:
    if each.path not in there:
        return "is missing"
    if there[each.path] != each.bytes:
        return f"has {there[each.path]:,} bytes and was written with {each.bytes:,}"
    if quick:
        return ""
    with tempfile.TemporaryDirectory(prefix="costops-lake-") as folder:
        file = lake.store.local(each.path) or Path(folder) / "object"
        if not file.exists():
            lake.store.fetch(each.path, file)
        return "" if each.path.endswith(f"-{content_hash(file)}.parquet") else "is not what was written"


def _unnamed(lake: Lake, there: dict[str, int]) -> set[str]:
    try:
        return set(there) - lake.named()
    except UnreadableLakeError:
        return set()


def differences(
    db: duckdb.DuckDBPyConnection, lake: Lake, tables: Sequence[LakeTable], lost: Collection[str] = ()
) -> dict[str, int]:
    """How many deliveries differ between warehouse and lake, by table but those in `lost`; objects are not read."""
    lake.read_lists()
    release = engine(db)
    found = {}
    for table in tables:
        if table.name in lost:
            continue
        units = changed_units(db, table, lake.list_of(table.name), None, compare_all=True, release=release)
        if units:
            found[table.name] = len(units)
    return found
