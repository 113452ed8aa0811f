"""People who were forgotten and come back in a later delivery: their ids, addresses and names become the pseudonym they
have now, or their rows are set aside.

Kept are keyed hashes, never the words themselves. Put here: the list, what is done to a batch. Keep out: forgetting
(`orchestration.forgetting`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import ParsedBatch, QuarantinedRow
from ingestion.whole_files import replace_file

FILE = "access/forgotten.json"
PSEUDONYMISE, REFUSE = "pseudonymise", "refuse"
_WORD = re.compile(r"[\w.@+\-]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TEXTS = (pa.types.is_string, pa.types.is_large_string)


class UnreadableAccessError(Exception):
    """The file of a home's key is there and says nothing; the message has the remedy."""


@dataclass
class Forgotten:
    """Keyed hashes of words to what stands for them now."""

    key: str = ""
    words: dict[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    """Hashes of words whose rows are set aside."""
    has_phrases: bool = False
    """Whether one of them is more than a word, as names are: then whole cells and quoted strings are looked up too."""

    def digest(self, word: str) -> str:
        """What is kept of a word."""
        return hmac.new(self.key.encode(), word.casefold().encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def mended(self, text: str) -> tuple[str, bool]:
        """A text with pseudonyms, and whether a word in it is refused."""
        is_refused = False

        def stand_in(word: str) -> str | None:
            nonlocal is_refused
            digest = self.digest(word)
            is_refused = is_refused or digest in self.refused
            return self.words.get(digest)

        if self.has_phrases:
            whole = stand_in(text.strip())
            if whole is not None:
                return whole, is_refused
            text = _QUOTED.sub(lambda found: f'"{stand_in(found[1]) or found[1]}"', text)
        return _WORD.sub(lambda found: stand_in(found[0]) or found[0], text), is_refused


_current = Forgotten()


def read_forgotten(home: Path) -> Forgotten:
    """The list of a home; empty where nobody was forgotten.

    Raises:
        UnreadableAccessError: the file is broken.
    """
    content = _content(home)
    if content is None:
        return Forgotten()
    people = content["people"]
    return Forgotten(
        content["key"], {digest: word for each in people for digest, word in each["words"].items()},
        frozenset(digest for each in people if each["mode"] == REFUSE for digest in each["words"]),
        any(each["has_phrases"] for each in people),
    )  # fmt: skip


def home_key(home: Path) -> str:
    """The secret of a home, made where there is none: what hashes of words and pseudonyms are made with.

    It never leaves `access/`: no table, no SQL, no log has it.
    """
    known = _read(home)
    if not (home / FILE).exists():
        _write(home, known)
    return str(known["key"])


def remember_to_forget(home: Path, words: dict[str, str], mode: str, forgotten_at_utc: str) -> None:
    """Add somebody's words with what stands for each; on disk, whole, when this returns."""
    known = _read(home)
    hashing = Forgotten(known["key"])
    known["people"].append({
        "forgotten_at_utc": forgotten_at_utc, "mode": mode,
        "words": {hashing.digest(word): pseudonym for word, pseudonym in words.items()},
        "has_phrases": any(not _WORD.fullmatch(word) for word in words),
    })  # fmt: skip
    _write(home, known)


def _read(home: Path) -> dict[str, Any]:
    return _content(home) or {"key": secrets.token_hex(32), "people": []}


def _content(home: Path) -> dict[str, Any] | None:
    """The file; None where there is none."""
    path = home / FILE
    try:
        found = json.loads(path.read_bytes())
        if isinstance(found["key"], str) and isinstance(found["people"], list):
            return dict(found)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        pass
    raise UnreadableAccessError(
        f"{path} is broken: it holds the key of pseudonyms and who was forgotten. Restore it from a backup of the "
        "home; if there is none, take it away and run: everybody gets another pseudonym, and people who were forgotten "
        "come back with the next delivery that has them"
    )


def _write(home: Path, known: dict[str, Any]) -> None:
    replace_file(home / FILE, json.dumps(known, indent=1), is_secret=True)


@contextmanager
def forgetting(home: Path) -> Iterator[None]:
    """Landing within this knows who was forgotten in a home."""
    global _current
    before, _current = _current, read_forgotten(home)
    try:
        yield
    finally:
        _current = before


def is_anyone_forgotten() -> bool:
    """Whether batches have to be looked at."""
    return bool(_current.words)


def without_forgotten(batch: ParsedBatch) -> ParsedBatch:
    """A batch with pseudonyms in place of people who were forgotten; rows that are refused are set aside."""
    known = _current
    if not known.words:
        return batch
    quarantined = [
        replace(row, original_record=known.mended(row.original_record)[0] if row.original_record else None)
        for row in batch.quarantined
    ]
    if batch.table is None or not batch.table.num_rows:
        return replace(batch, quarantined=quarantined)
    table, refused = _mended_table(batch.table, known)
    if refused is not None:
        numbers = table.filter(refused)["_source_row"].to_pylist() if "_source_row" in table.column_names else []
        message = "the row is of a person who was forgotten, and is set aside as configured; costops forget said so"
        quarantined += [QuarantinedRow(number, "forgotten_person", message, None) for number in numbers]
        table = table.filter(pc.invert(refused))
    return replace(batch, table=table, quarantined=quarantined)


def _mended_table(table: pa.Table, known: Forgotten) -> tuple[pa.Table, pa.Array | None]:
    refused: pa.Array | None = None
    for place, name in enumerate(table.column_names):
        column = table[name].combine_chunks()
        if not any(is_text(column.type) for is_text in _TEXTS):
            continue
        encoded = column.dictionary_encode()
        encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        words = encoded.dictionary.to_pylist()
        mended = [known.mended(word) for word in words]
        if all(new == old and not is_refused for (new, is_refused), old in zip(mended, words, strict=True)):
            continue
        if any(is_refused for _, is_refused in mended):
            marks = pa.array([is_refused for _, is_refused in mended], pa.bool_()).take(encoded.indices)
            marks = pc.fill_null(marks, False)
            refused = marks if refused is None else pc.or_(refused, marks)
        fresh = pa.array([new for new, _ in mended], column.type).take(encoded.indices)
        table = table.set_column(place, name, fresh)
    return table, refused
