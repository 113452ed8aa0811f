"""A billing folder that lies in a bucket: `COSTOPS_BILLING_DIR=s3://…`, `abfs://…`, any fsspec address.

What is new or changed there is copied to a local mirror, with the remote times, and landed from it like any folder.
Buckets expire files, so what left the bucket stays in the mirror and counts until its copy is deleted, unless its
delivery was written anew with fewer parts. A file is copied beside its place and moved there whole.
Put here: mirroring. Keep out: formats, landing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from ingestion.config import Settings
from ingestion.landing.counting import counted
from ingestion.landing.notes import Note
from ingestion.sources.billing.paths import stem_of
from ingestion.vocabulary.settings import without_credentials
from ingestion.whole_files import replace_file

STATE_FILE = ".mirror.json"
EXTRAS = {"s3": "s3", "s3a": "s3", "abfs": "abfs", "abfss": "abfs", "az": "abfs", "gs": "gs", "gcs": "gs"}
TRIES = 3
GONE = "gone"
"""The mark of a file that left the bucket."""


class UnreachableFolderError(Exception):
    """The bucket cannot be read; the message says what to do and holds no secret."""


def mirror(url: str, folder: Path, progress: Callable[[str], None] | None = None) -> list[Note]:
    """Bring the mirror up to date; what was done, in sentences. Raises `UnreachableFolderError`."""
    files, root = _open(url)
    folder.mkdir(parents=True, exist_ok=True)
    before = _read_state(folder)
    listed = _listing(files, root, url)
    state: dict[str, str] = {}
    copied = 0
    for relative, info in sorted(listed.items()):
        place, mark = _place(folder, relative), _mark(info)
        if place is None:
            continue
        if before.get(relative) != mark or not place.is_file():
            if progress:
                progress(f"billing: copying {relative}")
            _copy(files, info, place)
            copied += 1
            _write_state(folder, before | state | {relative: mark})
        state[relative] = mark
    kept = []
    for relative in sorted(relative for relative in before if relative not in state):
        place = _place(folder, relative)
        if place is None or not place.is_file():
            continue
        if _is_stale_part(relative, place, listed):
            place.unlink(missing_ok=True)
            continue
        state[relative] = GONE
        kept.append(relative)
    _write_state(folder, state)
    shown = without_credentials(url)
    notes = (
        [Note("run_figures", f"{counted(copied, 'file', 'files')} copied from {shown}", count=copied)] if copied else []
    )
    if kept:
        message = (
            f"{counted(len(kept), 'file is', 'files are')} no longer in {shown}, such as {kept[0]}; "
            "what was copied is kept and counts. To "
            f"withdraw one, delete its copy below {folder}"
        )
        notes.append(Note("left_the_bucket", message, count=len(kept)))
    return notes


def _is_stale_part(relative: str, place: Path, listed: dict[str, dict[str, Any]]) -> bool:
    """Whether a file was a part of a delivery that has been written anew since, with fewer parts."""
    stem, before = stem_of(relative), datetime.fromtimestamp(place.stat().st_mtime, UTC)
    newer = (_modified(info) for name, info in listed.items() if stem_of(name) == stem)
    return any(modified is not None and modified > before for modified in newer)


def refresh(settings: Settings, progress: Callable[[str], None] | None = None) -> list[Note]:
    """Bring the mirror of a remote billing folder up to date; nothing to do for a local one."""
    return mirror(settings.billing_url, settings.billing_dir, progress) if settings.billing_url else []


def _open(url: str) -> tuple[Any, str]:
    import fsspec

    scheme = url.partition("://")[0]
    try:
        return fsspec.core.url_to_fs(url)
    except ImportError:
        extra = EXTRAS.get(scheme, scheme)
        raise UnreachableFolderError(f"{scheme}:// needs a package; install llm-cost-ops[{extra}]") from None
    except (ValueError, OSError) as error:
        raise UnreachableFolderError(
            f"COSTOPS_BILLING_DIR: {type(error).__name__} for {without_credentials(url)}"
        ) from None


def _listing(files: Any, root: str, url: str) -> dict[str, dict[str, Any]]:
    """Every object below the root, by relative path."""
    try:
        files.invalidate_cache()
        found = files.find(root, detail=True)
    except Exception as error:  # each store has errors of its own
        shown = without_credentials(url)
        message = f"{shown} cannot be listed ({type(error).__name__}); check the address and the credentials"
        raise UnreachableFolderError(message) from None
    prefix = root.rstrip("/") + "/"
    return {
        path.removeprefix(prefix): info | {"name": path}
        for path, info in found.items()
        if info.get("type") == "file" and path.startswith(prefix)
    }


def _mark(info: dict[str, Any]) -> str:
    """What tells versions of an object apart."""
    tag = next((info[name] for name in ("ETag", "etag", "md5", "content_hash") if info.get(name)), None)
    return f"{info.get('size')}|{_modified(info) or ''}|{tag or ''}"


def _modified(info: dict[str, Any]) -> datetime | None:
    for name in ("LastModified", "last_modified", "updated", "mtime", "modified", "created"):
        value = info.get(name)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            with suppress(ValueError):
                found = datetime.fromisoformat(value)
                return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _copy(files: Any, info: dict[str, Any], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f"{place.name}.part")
    size = info.get("size")
    for attempt in range(1, TRIES + 1):
        try:
            files.get_file(info["name"], str(partial))
            if size is None or partial.stat().st_size == size:
                break
            problem = f"{partial.stat().st_size} of {size} bytes arrived"
        except Exception as error:  # each store has errors of its own
            problem = type(error).__name__
        if attempt == TRIES:
            partial.unlink(missing_ok=True)
            raise UnreachableFolderError(f"{info['name']} cannot be copied ({problem}); run again to go on") from None
    modified = _modified(info)
    if modified is not None:
        os.utime(partial, (modified.timestamp(), modified.timestamp()))
    os.replace(partial, place)


def _place(folder: Path, relative: str) -> Path | None:
    """Where an object goes; None for a name that would leave the folder."""
    parts = PurePosixPath(relative).parts
    return folder.joinpath(*parts) if parts and ".." not in parts and not relative.startswith("/") else None


def _read_state(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / STATE_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_state(folder: Path, state: dict[str, str]) -> None:
    replace_file(folder / STATE_FILE, json.dumps(state))
