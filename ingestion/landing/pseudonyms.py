"""A pseudonym: a keyed hash of an id, which nobody makes or checks without the key of the home.

Put here: making and recognising one. Keep out: who it is (`orchestration.identities`), where the key lies
(`ingestion.landing.forgotten`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from pathlib import Path

from ingestion.landing.forgotten import home_key

PREFIX = "person-"
_BODY, _CHECK = 12, 4
"""Letters of 5 bits: two of a million people share 60 bits once in a million homes; the rest says that it is ours."""
_FORM = re.compile(PREFIX + r"[a-z2-7]{16}")
UNRESOLVED = "person-unresolved"
"""What a mart says where models ran on rows whose people were not looked up; a check finds it."""


class Pseudonyms:
    """Pseudonyms of one home. The same id has the same one as long as the home keeps `access/`."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    @classmethod
    def of_home(cls, home: Path) -> Pseudonyms:
        """With the key of a home, made where there is none."""
        return cls(home_key(home))

    @property
    def key_id(self) -> str:
        """Changes with the key, and tells nothing of it."""
        return self._letters("which key", "", _BODY)

    def of(self, word: str) -> str:
        """What stands for an id, a name or an address; a pseudonym of this home stands for itself."""
        if self.is_one(word):
            return word
        body = self._letters("who", word, _BODY)
        return PREFIX + body + self._letters("ours", body, _CHECK)

    def is_one(self, word: str) -> bool:
        """Whether it was made with this key."""
        if not _FORM.fullmatch(word):
            return False
        body = word.removeprefix(PREFIX)[:_BODY]
        return hmac.compare_digest(word[-_CHECK:], self._letters("ours", body, _CHECK))

    def _letters(self, use: str, word: str, count: int) -> str:
        said = f"{use}\x1f{word}".encode("utf-8", "surrogatepass")
        digest = hmac.new(self._key, said, hashlib.sha256).digest()
        return base64.b32encode(digest)[:count].decode().lower()
