"""Texts show a pseudonym for whoever they mention, and are otherwise as they were."""

from __future__ import annotations

import pytest

from orchestration.identities.mentions import Mentions, is_full_name, is_mention

WORDS = ("user_036", "anna", "Maeve O'Brien", "arn:aws:iam::1:user/maeve", "ann.b@x.example", "Östen Å", "u-12")
NAMED = Mentions(WORDS, lambda word: f"<{word.replace('@', ' at ')}>")


@pytest.mark.parametrize(("text", "shown"), [
    ('{"asked_by": "user_036"}', '{"asked_by": "<user_036>"}'),
    ("key of USER_036, laptop", "key of <user_036>, laptop"),
    ("user_0361 and xuser_036", "user_0361 and xuser_036"),
    ("claude_code/anna/a.jsonl", "claude_code/<anna>/a.jsonl"),
    ("owner=anna", "owner=<anna>"),
    ("by anna or by default", "by anna or by default"),
    ("anna", "<anna>"),
    ("the key of Maeve O'Brien (old)", "the key of <Maeve O'Brien> (old)"),
    ('{"by": "arn:aws:iam::1:user/maeve"}', '{"by": "<arn:aws:iam::1:user/maeve>"}'),
    ("write to ann.b@x.example.", "write to <ann.b at x.example>."),
    ("write to nobody.known@y.example", "write to <nobody.known at y.example>"),
    ("***@its.domain and forgotten-1@forgotten.invalid", "***@its.domain and forgotten-1@forgotten.invalid"),
    ("u-12, u-123, xu-12", "<u-12>, u-123, xu-12"),
    ("Östen Å", "<Östen Å>"),
    ("", ""),
    ("nothing of interest", "nothing of interest"),
])  # fmt: skip
def test_whoever_is_mentioned_is_not_shown(text: str, shown: str) -> None:
    assert NAMED.shown(text) == shown


@pytest.mark.parametrize("text", ["key of USER_036", "anna", "Maeve O'Brien", "arn:aws:iam::1:user/maeve", "u-12"])
def test_a_text_that_mentions_somebody_has_one_of_the_parts_that_are_looked_for(text: str) -> None:
    assert any(atom in text.lower() for atom in NAMED.atoms)


def test_what_names_a_thing_or_is_short_is_no_mention() -> None:
    assert [is_mention(word, frozenset({"search"})) for word in ("ab", "Search", "user_1")] == [False, False, True]
    assert [is_full_name(name) for name in ("Will", "Maeve O'Brien")] == [False, True]
