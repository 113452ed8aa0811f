"""A pseudonym is the same for the same id and key, says nothing without the key, and is known again with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ingestion.landing.pseudonyms import Pseudonyms

NAMES = Pseudonyms("key of a test")


@given(st.text(), st.text())
def test_ids_that_differ_have_pseudonyms_that_differ(one: str, other: str) -> None:
    assert (NAMES.of(one) == NAMES.of(other)) == (one == other)


@given(st.text())
def test_a_pseudonym_stands_for_itself_where_it_was_made_and_only_there(word: str) -> None:
    pseudonym = NAMES.of(word)
    assert NAMES.of(pseudonym) == pseudonym
    assert Pseudonyms("another key").of(pseudonym) != pseudonym
    assert not Pseudonyms("another key").is_one(pseudonym)


def test_it_is_the_keyed_hash_of_rfc_2104_over_the_id() -> None:
    said = base64.b32encode(hmac.digest(b"key of a test", b"who\x1fuser_036", hashlib.sha256)).decode().lower()
    assert NAMES.of("user_036")[:19] == f"person-{said[:12]}"
    assert len(NAMES.of("user_036")) == 23


def test_who_only_knows_the_form_cannot_make_one() -> None:
    forged = sum(NAMES.is_one(f"person-{number:016d}".translate(str.maketrans("01689", "abcde")))
                 for number in range(10_000))  # fmt: skip
    assert forged <= 1


def test_the_key_is_made_once_and_lies_in_a_closed_file(tmp_path: Path) -> None:
    first, again = Pseudonyms.of_home(tmp_path), Pseudonyms.of_home(tmp_path)
    assert first.of("anna") == again.of("anna") != NAMES.of("anna")
    assert first.key_id == again.key_id != NAMES.key_id
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert first.key_id not in kept.read_text()
