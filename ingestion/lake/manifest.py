"""What a lake says of itself: `manifest.json` has the types of each table and names its list, a list names the objects
in force. Plain JSON.

Lists and objects never change; their names end with a hash of their content. Put here: the form, reading and writing
it. Keep out: which objects there shall be (`planning`), swapping (`versions`). Described in `docs/lake.md`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1
CURRENT = "manifest.json"
"""What a reader opens first; swapped last."""
VERSIONS, LISTS = "manifests", "lists"


class UnreadableLakeError(Exception):
    """What lies at the address is no lake, or one of a later version of this project."""


@dataclass(frozen=True)
class LakeObject:
    """One Parquet file in force."""

    path: str
    rows: int
    bytes: int
    day: str | None
    """ISO date (UTC) of its rows; None where they have none or their table has no days."""
    deliveries: tuple[str, ...]
    """Whose rows it holds: `file_id` of landed files, ids of forecasts, `all` for a table that is written whole."""
    fingerprint: str
    """DuckDB's release, and the sum of its hashes of all rows."""

    @property
    def piece(self) -> tuple[str | None, tuple[str, ...]]:
        """What it was written for: equal for objects that were written together."""
        return self.day, self.deliveries


@dataclass(frozen=True)
class TableList:
    """The objects of one table. A column that an object lacks is NULL in its rows."""

    columns: Mapping[str, str]
    """Types by column, in order: bigint, boolean, date, decimal(38,12), double, int, string, timestamp."""
    objects: tuple[LakeObject, ...] = ()
    gate: str = ""
    """What the table was known by when it was last written."""


@dataclass(frozen=True)
class TableEntry:
    """What the manifest says of one table."""

    columns: Mapping[str, str]
    list: str
    """The file that names its objects; empty where it has none."""
    rows: int
    bytes: int
    objects: int
    newest_day: str | None = None
    gate: str = ""


@dataclass(frozen=True)
class Manifest:
    """One version of a lake."""

    version: int
    writer: str
    """Which home wrote it."""
    token: str
    """Which of that home's writings it is."""
    written_at_utc: str
    tables: Mapping[str, TableEntry]
    """By `schema.table`."""
    dropped: tuple[str, ...] = ()
    """Objects and lists that the version before had and this one has not."""
    format: int = field(default=FORMAT)

    def as_json(self) -> bytes:
        """The content of its file."""
        return _json(asdict(self))


def read_manifest(content: bytes | None, name: str = CURRENT) -> Manifest | None:
    """A manifest from the content of its file; None where there is none.

    Raises:
        UnreadableLakeError: it is another's, or of a later format.
    """
    if content is None:
        return None
    found = _parsed(content, name)
    if not isinstance(found.get("format"), int):
        raise UnreadableLakeError(f"{name} is not the manifest of a lake: give the lake a folder of its own")
    if found["format"] > FORMAT:
        raise UnreadableLakeError(
            f"{name} has format {found['format']}, and this version reads up to {FORMAT}: install a newer one"
        )
    tables = {table: TableEntry(**entry) for table, entry in found["tables"].items()}
    return Manifest(**found | {"tables": tables, "dropped": tuple(found["dropped"])})


def list_file(table: str, content: TableList) -> tuple[str, bytes]:
    """The name and content of a table's list; no name where it has no object."""
    if not content.objects:
        return "", b""
    data = _json({"objects": [asdict(each) for each in content.objects]})
    return f"{LISTS}/{table}-{hashlib.sha256(data).hexdigest()[:16]}.json", data


def read_list(content: bytes | None, entry: TableEntry) -> TableList:
    """The objects of a table from its entry and the content of its list.

    Raises:
        UnreadableLakeError: it is not there, or no list.
    """
    if not entry.list:
        return TableList(entry.columns, (), entry.gate)
    if content is None:
        raise UnreadableLakeError(
            f"{entry.list} is missing, which the manifest names: costops lake verify says what else is"
        )
    found = _parsed(content, entry.list)
    objects = tuple(LakeObject(**each | {"deliveries": tuple(each["deliveries"])}) for each in found["objects"])
    return TableList(entry.columns, objects, entry.gate)


def entry_of(name: str, content: TableList) -> TableEntry:
    """What the manifest says of a list."""
    return TableEntry(
        content.columns,
        name,
        sum(each.rows for each in content.objects),
        sum(each.bytes for each in content.objects),
        len(content.objects),
        max((each.day for each in content.objects if each.day), default=None),
        content.gate,
    )


def _json(content: Any) -> bytes:
    return json.dumps(content, indent=1).encode()


def _parsed(content: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        raise UnreadableLakeError(f"{name} is no JSON: give the lake a folder of its own") from None
    return found if isinstance(found, dict) else {}
