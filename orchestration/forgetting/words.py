"""The words by which a person is known in the data, and what stands for each afterwards.

Put here: finding and replacing them in text. Keep out: files, databases.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion.landing.forgotten import Forgotten
from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.forgetting.faults import CannotForgetError

SHORTEST = 3
"""A shorter id would be found within words that mean something else."""
_PEOPLE = (
    ("raw_org", "users", "user_id", ("user_name", "email")), ("raw_anthropic", "members", "id", ("name", "email")),
    ("raw_openai", "users", "id", ("name", "email")),
)  # fmt: skip
"""Tables that say who somebody is."""
_BOUNDS = r"A-Za-z0-9_"


@dataclass(frozen=True)
class Person:
    """Each word to what stands for it; `keys` are those that the warehouse makes from an id."""

    pseudonym: str
    words: dict[str, str]
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def every(self) -> dict[str, str]:
        """All replacements, the longest words first."""
        both = self.words | self.keys
        return dict(sorted(both.items(), key=lambda each: -len(each[0])))

    def pattern(self) -> re.Pattern[bytes]:
        """Where one of the words stands as a whole, however it is capitalised."""
        parts = b"|".join(re.escape(word).encode("utf-8") for word in self.every)
        bounds = _BOUNDS.encode()
        return re.compile(rb"(?<![" + bounds + rb"])(?:" + parts + rb")(?![" + bounds + rb"])", re.IGNORECASE)

    def replaced(self, content: bytes, pattern: re.Pattern[bytes]) -> bytes:
        """A text without the person."""
        known = {word.casefold().encode("utf-8"): new.encode("utf-8") for word, new in self.every.items()}

        def new(found: re.Match[bytes]) -> bytes:
            return known.get(found[0].decode("utf-8", "replace").casefold().encode("utf-8"), self.pseudonym.encode())

        return pattern.sub(new, content)


def person_of(
    user: str, org_dir: Path, warehouse: Path, more: tuple[str, ...] = (), known: Forgotten | None = None,
    names: Pseudonyms | None = None,
) -> Person:  # fmt: skip
    """Who a user id is: the id, names and addresses that the organisation and providers give it, keys made from it.
    Who is in `known` already keeps the pseudonym. With `names` each word gets the pseudonym that marts have for it.

    Raises:
        CannotForgetError: the id is too short to be told from other words.
    """
    if len(user.strip()) < SHORTEST or user != user.strip():
        raise CannotForgetError(f"{user!r} is too short to be told from other words; give the whole id")
    known = known or Forgotten()
    pseudonym = known.words.get(known.digest(user)) or f"forgotten-{secrets.token_hex(4)}"
    if names:
        pseudonym = names.of(user)
    words = {user: pseudonym}
    taken = set(known.words.values())
    found = {text for text in (*_of_the_file(org_dir, user), *_of_tables(warehouse, user), *more) if text}
    for text in sorted(each for each in found if len(each) >= SHORTEST and each.casefold() != user.casefold()):
        number = 1 + sum(each.startswith(f"{pseudonym}-") for each in (*words.values(), *taken))
        fresh = f"{pseudonym}-{number}@forgotten.invalid" if "@" in text else f"{pseudonym}-{number}"
        words[text] = names.of(text) if names else known.words.get(known.digest(text), fresh)
    keys: dict[str, str] = {}
    for word, new in words.items():
        old_key, new_key = _key(word), _key(new)
        keys |= {old_key: new_key, f"user-{old_key[:8]}": f"user-{new_key[:8]}"}
    return Person(pseudonym, words, keys)


def _key(text: str) -> str:
    """What `surrogate_key` makes of one column."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _of_the_file(org_dir: Path, user: str) -> list[str]:
    try:
        text = (org_dir / "users.csv").read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    rows = csv.DictReader(io.StringIO(text))
    return [
        (row.get(name) or "").strip()
        for row in rows
        if (row.get("user_id") or "").strip() == user or (row.get("email") or "").strip() == user
        for name in ("user_id", "user_name", "email")
    ]


def _of_tables(warehouse: Path, user: str) -> list[str]:
    if not warehouse.exists():
        return []
    connection = duckdb.connect(str(warehouse), read_only=True)
    try:
        found = []
        for schema, table, key, names in _PEOPLE:
            there = {name for (name,) in connection.execute(
                "select column_name from duckdb_columns() where schema_name = ? and table_name = ?", [schema, table]
            ).fetchall()}  # fmt: skip
            wanted = [name for name in (key, *names) if name in there]
            if key not in wanted:
                continue
            sql = f"select {', '.join(wanted)} from {schema}.{table} where {key} = ?"
            values: list[str] = [user]
            if "email" in wanted:
                sql, values = f"{sql} or email = ?", [user, user]
            found += [text for row in connection.execute(sql, values).fetchall() for text in row if text]
        return [str(text).strip() for text in found]
    finally:
        connection.close()


Tell = Callable[[str], None]
Words = Mapping[str, str]
