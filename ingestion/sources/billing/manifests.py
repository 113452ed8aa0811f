"""Manifests that exports write beside their data: which files are one run, and when it ran.

Azure: `manifest.json` with `blobs[].blobName` and `runInfo.submittedTime`. AWS: `…-Manifest.json` with `reportKeys`
(legacy) or `dataFiles`. A manifest that cannot be read counts as absent. Put here: reading manifests.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ingestion.landing.links import leads_outside
from ingestion.sources.tabular.values import Unusable, parse_instant

MAX_MANIFEST_BYTES = 20_000_000


@dataclass(frozen=True)
class Manifest:
    """One run as its exporter describes it. `path` is relative to the drop folder."""

    path: str
    submitted_at_utc: datetime | None
    listed: tuple[str, ...]


class Manifests:
    """The manifests of a drop folder, by the files they list."""

    def __init__(self, manifests: Iterable[Manifest] = ()) -> None:
        self._by_name: dict[str, list[tuple[Manifest, list[str]]]] = defaultdict(list)
        for manifest in manifests:
            for listed in manifest.listed:
                parts = listed.split("/")
                self._by_name[parts[-1]].append((manifest, parts))

    def listing(self, path: str) -> Manifest | None:
        """The manifest that lists a file: in its own folder, or by at least the last two parts of its path.

        Of several, the one that agrees with most of the path, then the nearest.
        """
        parts = path.split("/")
        best: tuple[tuple[int, int, str], Manifest] | None = None
        for manifest, listed in self._by_name.get(parts[-1], []):
            agreement = _common(parts[::-1], listed[::-1])
            home = manifest.path.split("/")[:-1]
            if agreement < 2 and home != parts[:-1]:
                continue
            rank = (agreement, _common(parts, home), manifest.path)
            if best is None or rank > best[0]:
                best = (rank, manifest)
        return best[1] if best else None


def is_manifest(path: str) -> bool:
    """Whether a file's name says that it is a manifest."""
    return path.lower().endswith("manifest.json")


def read_manifests(folder: Path) -> Manifests:
    """Every manifest below a folder."""
    found = []
    for path in sorted(folder.rglob("*.json")) if folder.is_dir() else []:
        if is_manifest(path.name) and not leads_outside(path, folder):
            manifest = _read(path, path.relative_to(folder).as_posix())
            if manifest:
                found.append(manifest)
    return Manifests(found)


def _read(path: Path, relative_path: str) -> Manifest | None:
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            return None
        content = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    listed = [*_names(content.get("blobs"), "blobName"), *_names(content.get("reportKeys"), "key")]
    listed += _names(content.get("dataFiles"), "key")
    return Manifest(relative_path, _submitted(content), tuple(listed)) if listed else None


def _names(items: Any, key: str) -> list[str]:
    if not isinstance(items, list):
        return []
    names = [item.get(key) if isinstance(item, dict) else item for item in items]
    return [name for name in names if isinstance(name, str) and name]


def _submitted(content: dict[str, Any]) -> datetime | None:
    run = content.get("runInfo")
    text = run.get("submittedTime") if isinstance(run, dict) else None
    if not isinstance(text, str):
        return None
    try:
        return parse_instant(text)
    except Unusable:
        return None


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
