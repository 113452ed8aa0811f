"""A folder that files are published to: on this machine, or in any store that fsspec knows (`s3://`, `abfs://`, `gs://`).

A file appears whole or not at all: it is written beside its name and renamed, or uploaded in one step where the store
shows nothing before. Put here: putting, taking out, listing, reading. Keep out: what the files hold.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ingestion.sources.billing.remote import EXTRAS
from ingestion.vocabulary.settings import torn_address
from ingestion.whole_files import sync_file
from orchestration.publishing.distribution import TargetError
from orchestration.text.secrets import secrets_of, without

_SHOWS_PARTS = {"file", "local", "sftp", "ssh", "ftp", "smb", "hdfs", "webhdfs", "dav", "webdav"}
"""Stores in which a file is seen while it is written; the others show an upload when it is complete."""
_NEXT = ".next"
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, AWS_ENDPOINT_URL where it is not Amazon's",
    "abfs": "AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY, _SAS_TOKEN or a login",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS or a login",
}
"""By extra: where a store takes its credentials from."""
_READ = stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True)
class Place:
    """A folder; names in it are relative and use `/`."""

    files: Any
    """A file system of fsspec."""
    root: str
    shows_parts: bool
    variable: str
    """Who configured it: named in errors in place of the address."""
    secrets: tuple[str, ...] = ()
    keys: str = ""
    """Variables of the store's credentials, in words."""

    def put(self, file: Path, name: str) -> None:
        """Give the place a local file under a name; what had the name before is replaced in one step."""
        target = self._path(name)
        partial = str(PurePosixPath(target).with_name(f".{PurePosixPath(target).name}{_NEXT}"))
        with self._in_words("written"):
            if self.shows_parts:
                self.files.makedirs(str(PurePosixPath(target).parent), exist_ok=True)
                self.files.put_file(str(file), partial)
                self.files.mv(partial, target)
            else:
                self.files.put_file(str(file), target)

    def write(self, name: str, content: bytes) -> None:
        """Give the place a small file; what had the name before is replaced in one step."""
        with tempfile.TemporaryDirectory(prefix="costops-place-") as folder:
            file = Path(folder) / "file"
            file.write_bytes(content)
            self.put(file, name)

    def create(self, name: str, content: bytes) -> bool:
        """The same where nobody has that name yet; False where somebody has. Of two that try at once one succeeds, in
        stores that know conditions (folders, S3)."""
        target = self._path(name)
        with self._in_words("written"):
            self.files.invalidate_cache()
            if self.files.exists(target):
                return False
            try:
                self.files.pipe_file(target, content, mode="create")
            except FileExistsError:
                return False
            except TypeError:  # a store of fsspec that knows no conditions
                self.files.pipe_file(target, content)
        return True

    def fetch(self, name: str, file: Path) -> None:
        """A file of the place as a local one."""
        with self._in_words("read"):
            self.files.get_file(self._path(name), str(file))

    def remove(self, name: str) -> None:
        """Take a file out; one that is not there is no matter."""
        with self._in_words("written"):
            try:
                self.files.rm_file(self._path(name))
            except FileNotFoundError:
                return

    def read(self, name: str) -> bytes | None:
        """A small file; None where there is none."""
        with self._in_words("read"):
            self.files.invalidate_cache()
            try:
                return bytes(self.files.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def local(self, name: str) -> Path | None:
        """The file itself where the place is a folder of this machine and has it."""
        path = Path(self._path(name))
        return path if isinstance(self.files, _LocalFiles) and path.exists() else None

    def names(self) -> set[str]:
        """Every file of the place, but for unfinished ones."""
        return {name for name in self.sizes() if not name.endswith(_NEXT)}

    def sizes(self, folder: str = "") -> dict[str, int]:
        """Bytes of every file of the place, or of one of its folders; unfinished ones end with `.next`."""
        with self._in_words("listed"):
            self.files.invalidate_cache()
            try:
                found = self.files.find(self._path(folder) if folder else self.root, detail=True)
            except FileNotFoundError:
                found = {}
        prefix = self.root.rstrip("/") + "/"
        return {path.removeprefix(prefix): int(about["size"] or 0) for path, about in found.items()}

    def _path(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{name}"

    @contextmanager
    def _in_words(self, verb: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each store has errors of its own
            said = without(self.secrets, f"{type(error).__name__}: {error}")
            raise TargetError(
                f"the place of {self.variable} cannot be {verb} ({said}); "
                f"check the address, the credentials{f' ({self.keys})' if self.keys else ''} and the rights"
            ) from None


def place_at(address: str, variable: str, *, is_shared: bool = True) -> Place:
    """The place at a path or an address; a local folder is made where it is missing.

    Who may read a shared folder of this machine may read what is published into it; else files are the user's alone.
    """
    import fsspec

    if said := torn_address(variable, address):
        raise TargetError(said)
    if "://" not in address:
        root = Path(address).expanduser().resolve()
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TargetError(f"{variable}: the folder cannot be made ({error})") from None
        return Place(_LocalFiles(is_shared), str(root), shows_parts=True, variable=variable)
    scheme = address.partition("://")[0]
    try:
        files, root_path = fsspec.core.url_to_fs(address)
    except ImportError:
        extra = EXTRAS.get(scheme, scheme)
        raise TargetError(f"{variable}: {scheme}:// needs a package; install llm-cost-ops[{extra}]") from None
    except (ValueError, OSError) as error:
        raise TargetError(f"{variable}: no such address ({type(error).__name__})") from None
    keys = _KEYS.get(EXTRAS.get(scheme, ""), "")
    return Place(files, root_path, scheme in _SHOWS_PARTS, variable, secrets_of(address), keys)


class _LocalFiles:
    """What a place asks of fsspec, for this machine: a rename replaces, and nothing is kept in memory."""

    def __init__(self, is_shared: bool) -> None:
        self._is_shared = is_shared

    def makedirs(self, path: str, exist_ok: bool) -> None:
        folder = Path(path)
        if folder.is_dir():
            return
        self.makedirs(str(folder.parent), exist_ok)
        folder.mkdir(exist_ok=exist_ok)
        if self._is_shared:
            folder.chmod(stat.S_IMODE(folder.parent.stat().st_mode) & ~stat.S_ISVTX)

    def put_file(self, source: str, target: str) -> None:
        shutil.copyfile(source, target)
        if self._is_shared:
            os.chmod(target, Path(target).parent.stat().st_mode & _READ)
        else:
            sync_file(target)

    def pipe_file(self, target: str, content: bytes, mode: str) -> None:
        """Only `create`: whole, and only where there is nothing."""
        self.makedirs(str(Path(target).parent), exist_ok=True)
        partial = f"{target}.{os.getpid()}{_NEXT}"
        Path(partial).write_bytes(content)
        sync_file(partial)
        try:
            os.link(partial, target)
        finally:
            os.unlink(partial)

    def get_file(self, source: str, target: str) -> None:
        shutil.copyfile(source, target)

    def exists(self, path: str) -> bool:
        return Path(path).exists()

    def mv(self, source: str, target: str) -> None:
        os.replace(source, target)

    def rm_file(self, path: str) -> None:
        Path(path).unlink()

    def cat_file(self, path: str) -> bytes:
        return Path(path).read_bytes()

    def find(self, root: str, detail: bool) -> dict[str, dict[str, int]]:
        return {str(path): {"size": path.stat().st_size} for path in Path(root).rglob("*") if path.is_file()}

    def invalidate_cache(self) -> None:
        return None
