"""Manifests that exports write beside their data: which files are one run, when it ran, what and how much it covers.

Azure: `manifest.json` with `blobs[]`, `runInfo` and `exportConfig`. AWS: `…-Manifest.json` with `reportKeys` (legacy)
or `dataFiles`. Others: a list of `files` or `parts`. A manifest that cannot be read counts as absent and is named.
Put here: reading manifests. Keep out: whether a delivery is complete.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ingestion.landing.links import leads_outside
from ingestion.reading.tabular.values import Unusable, parse_instant

MAX_MANIFEST_BYTES = 20_000_000
_LISTS = (("blobs", "blobName"), ("reportKeys", "key"), ("dataFiles", "key"), ("files", "name"), ("parts", "name"))
_AWS = frozenset({"reportKeys", "dataFiles"})
_OTHER_NAMES = ("path", "file", "fileName", "filename", "key", "blobName")


@dataclass(frozen=True)
class Listed:
    """A file that a manifest lists. None: not told."""

    name: str
    byte_count: int | None = None
    row_count: int | None = None


@dataclass(frozen=True)
class Manifest:
    """One run as its exporter describes it. `path` is relative to the drop folder."""

    path: str
    submitted_at_utc: datetime | None
    listed: tuple[str, ...]
    counts: tuple[Listed, ...] = ()
    row_count: int | None = None
    dataset_type: str = ""
    """`actual`, `amortized`, `usage`, `focus`, or '' where the manifest does not say."""
    scope: str = ""
    """What was exported, such as `/subscriptions/…`; lower case."""
    first_day: date | None = None
    last_day: date | None = None
    is_whole_period: bool = False
    """Each of its runs delivers the whole billing period."""
    run_order: str = ""
    lies_beside: bool = False
    """Whether files that it lists lie in its own folder: then it speaks of no others, however alike their paths."""

    def count_of(self, name: str) -> Listed:
        """What it says of a file."""
        return next((each for each in self.counts if each.name == name), Listed(name))


class Manifests:
    """The manifests of a drop folder, by the files they list."""

    def __init__(self, manifests: Iterable[Manifest] = (), unreadable: Mapping[str, str] | None = None) -> None:
        self.unreadable = dict(unreadable or {})
        """Paths of manifests that could not be read, and why."""
        self._by_name: dict[str, list[tuple[Manifest, list[str]]]] = defaultdict(list)
        for manifest in manifests:
            for listed in manifest.listed:
                parts = listed.split("/")
                self._by_name[parts[-1]].append((manifest, parts))

    def listing(self, path: str) -> Manifest | None:
        """The manifest that lists a file: in its own folder, or by at least the last two parts of its path.

        Of several, the one that agrees with most of the path, then the nearest.
        """
        found = self.found(path)
        return found[0] if found else None

    def found(self, path: str) -> tuple[Manifest, str] | None:
        """The manifest that lists a file, and the file's name in it."""
        parts = path.split("/")
        best: tuple[tuple[int, int, str], Manifest, str] | None = None
        for manifest, listed in self._by_name.get(parts[-1], []):
            agreement = _common(parts[::-1], listed[::-1])
            home = manifest.path.split("/")[:-1]
            if home != parts[:-1] and (agreement < 2 or manifest.lies_beside):
                continue
            rank = (agreement, _common(parts, home), manifest.path)
            if best is None or rank > best[0]:
                best = (rank, manifest, "/".join(listed))
        return (best[1], best[2]) if best else None


def is_manifest(path: str) -> bool:
    """Whether a file's name says that it is a manifest."""
    return path.lower().endswith("manifest.json")


def read_manifests(folder: Path) -> Manifests:
    """Every manifest below a folder."""
    found, unreadable = [], {}
    for path in sorted(folder.rglob("*.json")) if folder.is_dir() else []:
        if is_manifest(path.name) and not leads_outside(path, folder):
            relative_path = path.relative_to(folder).as_posix()
            content = _content(path)
            if isinstance(content, str):
                unreadable[relative_path] = content
            elif manifest := _manifest(content, relative_path):
                beside = {each.name for each in path.parent.iterdir()}
                is_beside = any(name.rpartition("/")[2] in beside for name in manifest.listed)
                found.append(replace(manifest, lies_beside=is_beside))
    return Manifests(found, unreadable)


def _content(path: Path) -> dict[str, Any] | str:
    """The object of a manifest, or why there is none."""
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            return f"it is larger than {MAX_MANIFEST_BYTES:,} bytes"
        content = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        return error.strerror or "it cannot be opened"
    except (ValueError, RecursionError):
        return "it is no JSON, or it breaks off"
    return content if isinstance(content, dict) else "it is no JSON object"


def _manifest(content: dict[str, Any], relative_path: str) -> Manifest | None:
    listed = [each for key, name in _LISTS for each in _listed(content.get(key), name)]
    if not listed:
        return None
    config, run = _dict(content.get("exportConfig")), _dict(content.get("runInfo"))
    first, last = _day(run.get("startDate")), _day(run.get("endDate"))
    order = content.get("executionId") or run.get("runId")
    return Manifest(
        relative_path,
        _instant(run.get("submittedTime")),
        tuple(each.name for each in listed),
        tuple(listed),
        _count(content.get("dataRowCount") or content.get("row_count")),
        _type(config.get("type")),
        str(config.get("resourceId") or "").strip("/").lower(),
        first if last else None,
        last if first else None,
        bool(_AWS & content.keys()),
        order if isinstance(order, str) else "",
    )


def _listed(items: Any, key: str) -> list[Listed]:
    found = []
    for item in items if isinstance(items, list) else []:
        told = _dict(item)
        name = next((told[each] for each in (key, *_OTHER_NAMES) if told.get(each)), None) if told else item
        if isinstance(name, str) and name and not name.lower().endswith(".json"):
            size = _count(told.get("byteCount") or told.get("bytes") or told.get("size"))
            found.append(Listed(name, size, _count(told.get("dataRowCount", told.get("row_count")))))
    return found


def _type(value: Any) -> str:
    text = value.lower() if isinstance(value, str) else ""
    return next((name for name in ("actual", "amortized", "usage", "focus") if name in text), "")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _instant(text: Any) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return parse_instant(text)
    except Unusable:
        return None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        return None


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
