"""Forgets a person: the order of it, file by file, and what is told.

First it is written down that this person is forgotten, so that a kill in between changes nothing but where it goes on:
the command may be given again. Put here: which files there are and what becomes of each kind. Keep out: rewriting.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.config import PSEUDONYMS, Settings
from ingestion.landing.forgotten import FILE, PSEUDONYMISE, read_forgotten, remember_to_forget
from ingestion.landing.pseudonyms import Pseudonyms
from ingestion.whole_files import replace_file
from orchestration.forgetting.databases import rewrite_database, rewrite_parquet, rewrite_sqlite
from orchestration.forgetting.faults import CannotForgetError
from orchestration.forgetting.words import Person, person_of
from orchestration.home.clock import utc_now
from orchestration.home.lock import hold_home
from orchestration.identities.resolving import resolve
from orchestration.lake.writing import purge, purge_is_due

Tell = Callable[[str], None]
_DERIVED = ("dbt", "dlt", "docs", "reports", "dagster/storage", "dagster/logs", "published/dashboards")
"""Folders of the home that are made anew: a file of theirs that cannot be rewritten goes."""
_PACKED = (".zip", ".xlsx", ".pdf", ".hyper", ".docx", ".png")
MOST_BYTES = 4 << 30


@dataclass
class Done:
    """What was done; `left` are files that still have the person, with why."""

    person: Person
    rewritten: list[Path] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    table_count: int = 0
    was_known: bool = False
    """Whether the person had been forgotten before."""

    @property
    def found_nothing(self) -> bool:
        """Whether no table and no file had the person, who had not been forgotten either: likely another's id."""
        return not (self.rewritten or self.left or self.was_known)


def forget(
    settings: Settings, user: str, *, rewrite_org: bool = False, mode: str = PSEUDONYMISE, tell: Tell | None = None,
    also: tuple[str, ...] = (), wait_seconds: float = 60.0,
) -> Done:  # fmt: skip
    """Take a person out of a home and its drop folders.

    Files of the organisation folder are named, and rewritten with `rewrite_org`. `also`: other words for the person.

    Raises:
        CannotForgetError: a database cannot be rewritten; what was rewritten before stays so.
        HomeIsBusyError: a run holds the home.
    """
    say = tell or (lambda _: None)
    with hold_home(settings, wait_seconds=wait_seconds, command="costops forget"):
        known = read_forgotten(settings.home)
        names = Pseudonyms.of_home(settings.home) if settings.identities == PSEUDONYMS else None
        user = _id_of(settings, user, names)
        person = person_of(user, settings.org_dir, settings.warehouse_path, also, known, names)
        remember_to_forget(settings.home, person.words, mode, utc_now().isoformat())
        purge_is_due(settings)
        done, pattern = Done(person, was_known=known.digest(user) in known.words), person.pattern()
        _drop_spare_copies(settings, done)
        for path in _files(settings):
            _one(path, settings, person, pattern, done, rewrite_org=rewrite_org, say=say)
        if still := purge(settings, say):
            done.left.append(still)
    return done


def _id_of(settings: Settings, user: str, names: Pseudonyms | None) -> str:
    """The id behind a pseudonym or label, which is what people see; anything else as it is.

    Raises:
        CannotForgetError: the pseudonym stands for nobody.
    """
    found = resolve(settings.warehouse_path, [user]).get(user)
    if found is None and names and names.is_one(user):
        raise CannotForgetError(f"{user} stands for nobody any more; give the id where files still have it")
    return found.user_id if found else user


def _drop_spare_copies(settings: Settings, done: Done) -> None:
    """Copies that are kept for a bad disk, and versions before the current one, hold what was: the next run makes them
    anew."""
    versions = settings.published_dir / "parquet_versions"
    current = (settings.published_dir / "parquet").resolve()
    spare = [settings.home / "last_good", settings.home / "parquet.next"]
    spare += [path for path in versions.iterdir() if path.resolve() != current] if versions.is_dir() else []
    for path in spare:
        if path.is_dir():
            shutil.rmtree(path)
            done.removed.append(path)
    for path in settings.home.glob("*.broken*"):
        path.unlink()
        done.removed.append(path)


def _files(settings: Settings) -> Iterator[Path]:
    """Every file of the home and of the drop folders, each once; links are not followed. The lake is written anew."""
    seen: set[tuple[int, int]] = set()
    lake = Path(settings.lake_url) if settings.lake_url and "://" not in settings.lake_url else None
    folders = (
        settings.home, settings.events_dir, settings.billing_dir, settings.gpu_dir, settings.org_dir,
        settings.prices_dir, settings.ledger_dir, settings.dashboards_dir, settings.engine.folder,
    )  # fmt: skip
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in sorted(names):
                path = Path(parent) / name
                if lake and lake in path.parents:
                    continue
                try:
                    found = path.lstat()
                except OSError:
                    continue
                identity = (found.st_dev, found.st_ino)
                if path.is_symlink() or not path.is_file() or identity in seen:
                    continue
                seen.add(identity)
                yield path


def _one(
    path: Path, settings: Settings, person: Person, pattern: re.Pattern[bytes], done: Done, *, rewrite_org: bool,
    say: Tell,
) -> None:  # fmt: skip
    if path == settings.home / FILE or path.name in ("run.lock", "run.holder.json"):
        return
    is_org = settings.org_dir in path.parents
    try:
        if path.suffix == ".duckdb":
            say(f"{path.name}: looking")
            if count := rewrite_database(path, person):
                done.table_count += count
                done.rewritten.append(path)
            return
        if path.suffix == ".parquet":
            if rewrite_parquet(path, person):
                path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
                done.rewritten.append(path)
            return
        if path.suffix == ".db" and path.open("rb").read(16).startswith(b"SQLite format 3"):
            if rewrite_sqlite(path, person):
                done.rewritten.append(path)
            return
        _text(path, settings, person, pattern, done, is_kept=is_org and not rewrite_org)
    except CannotForgetError:
        raise
    except Exception as error:  # one file that cannot be read costs the others nothing
        done.left.append(f"{path}: {type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}")


def _text(
    path: Path, settings: Settings, person: Person, pattern: re.Pattern[bytes], done: Done, *, is_kept: bool
) -> None:
    """A file of bytes, packed or not."""
    if path.stat().st_size > MOST_BYTES:
        done.left.append(f"{path}: larger than {MOST_BYTES} bytes; look into it yourself")
        return
    content = path.read_bytes()
    is_packed = content[:2] == b"\x1f\x8b"
    plain = _unpacked(content) if is_packed else content
    if path.suffix.lower() in _PACKED:
        _cannot_look_into(path, settings, pattern, plain, done)
        return
    if not pattern.search(plain):
        return
    if is_kept:
        done.left.append(f"{path}: yours; take the person out of it, or say --rewrite-org")
        return
    if b"\x00" in plain[:8192] or path.suffix == ".html":
        if _is_derived(path, settings):
            path.unlink()
            done.removed.append(path)
        else:
            done.left.append(f"{path}: no text; look into it yourself")
        return
    fresh = person.replaced(plain, pattern)
    replace_file(path, gzip.compress(fresh, mtime=0) if is_packed else fresh)
    done.rewritten.append(path)


def _unpacked(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return content


def _cannot_look_into(path: Path, settings: Settings, pattern: re.Pattern[bytes], content: bytes, done: Done) -> None:
    """What is packed in a way of its own: made anew where it is derived, else named."""
    if _is_derived(path, settings):
        path.unlink()
        done.removed.append(path)
    elif path.suffix.lower() != ".png":
        done.left.append(f"{path}: packed; look into it yourself")


def _is_derived(path: Path, settings: Settings) -> bool:
    return any((settings.home / folder) in path.parents for folder in _DERIVED)
