"""API keys: shown once, kept as a hash, revoked at once.

A key is `costops_<id>_<secret>`; the secret has 256 random bits, so a plain SHA-256 of it gives nothing away.
Put here: making, finding, revoking. Keep out: who a principal is (`principals`), HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from ingestion.whole_files import replace_file

FOLDER = "access"
FILE = "keys.json"
PREFIX = "costops"
_KEY = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})\Z")
_NOTHING = hashlib.sha256(b"no such key").hexdigest()


class UnknownKeyError(LookupError):
    """No key has this id."""


@dataclass(frozen=True)
class Key:
    """A key as it is kept: never its secret."""

    key_id: str
    principal_id: str
    secret_sha256: str
    created_at_utc: str
    note: str = ""
    sends: bool = False
    """Whether it may send usage, besides what its principal may."""
    expires_at_utc: str | None = None
    revoked_at_utc: str | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything."""
        expired = self.expires_at_utc is not None and datetime.fromisoformat(self.expires_at_utc) <= now
        return self.revoked_at_utc is None and not expired


class KeyStore:
    """The keys of a home, in one file that its user alone reads; a change by another process is seen at once."""

    def __init__(self, home: Path) -> None:
        self.path = home / FOLDER / FILE
        self._read_as: tuple[int, int, int] | None = None
        self._keys: dict[str, Key] = {}

    def keys(self) -> dict[str, Key]:
        """Every key by its id, revoked ones too."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return {}
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if stamp != self._read_as:
            content = json.loads(self.path.read_text("utf-8"))
            self._keys = {each["key_id"]: Key(**each) for each in content["keys"]}
            self._read_as = stamp
        return self._keys

    def find(self, text: str, now: datetime | None = None) -> Key | None:
        """The key that a text is, where it is good; takes as long whether its id is known or not."""
        shape = _KEY.match(text)
        known = self.keys().get(shape[1]) if shape else None
        given = hashlib.sha256((shape[2] if shape else text).encode("utf-8", "replace")).hexdigest()
        is_same = hmac.compare_digest(given, known.secret_sha256 if known else _NOTHING)
        return known if known and is_same and known.is_good(now or datetime.now(UTC)) else None

    def create(
        self, principal_id: str, *, note: str = "", sends: bool = False, expires_at: datetime | None = None
    ) -> tuple[Key, str]:
        """A new key, and its text, which is nowhere else."""
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        key = Key(
            key_id, principal_id, hashlib.sha256(secret.encode()).hexdigest(), _now(), note, sends,
            expires_at.astimezone(UTC).isoformat() if expires_at else None,
        )  # fmt: skip
        self._change(lambda keys: keys | {key_id: key})
        return key, f"{PREFIX}_{key_id}_{secret}"

    def revoke(self, key_id: str) -> Key:
        """Close a key for good; one that was closed before stays as it was.

        Raises:
            UnknownKeyError: there is no such key.
        """
        known = self.keys().get(key_id)
        if known is None:
            raise UnknownKeyError(key_id)
        if known.revoked_at_utc is None:
            closed = Key(**(asdict(known) | {"revoked_at_utc": _now()}))
            self._change(lambda keys: keys | {key_id: closed})
            return closed
        return known

    def _change(self, change: Callable[[dict[str, Key]], dict[str, Key]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(str(self.path) + ".lock", timeout=10):
            keys = change(dict(self.keys()))
            written = json.dumps({"keys": [asdict(key) for key in keys.values()]}, indent=1)
            replace_file(self.path, written, is_secret=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
