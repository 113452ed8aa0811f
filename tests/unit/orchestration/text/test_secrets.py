"""Passwords in addresses are found however they are written, and cut out of what others say."""

from __future__ import annotations

import pytest

from orchestration.text.secrets import secrets_of, without


@pytest.mark.parametrize(
    ("address", "passwords"),
    [
        ("postgresql://me:s3cret@db/costs", ["s3cret"]),
        ("postgresql://me:s%2F3%20@db/costs", ["s%2F3%20", "s/3 "]),
        ("ftp://me:geheim@host/share", ["geheim"]),
        ("host=db user=me password=s3cret dbname=x", ["s3cret"]),
        ("host=db password = 's3 cret' user=me", ["s3 cret"]),
    ],
)
def test_nothing_of_an_address_that_opens_it_is_said(address: str, passwords: list[str]) -> None:
    said = without(secrets_of(address), f"cannot open {address}: {' or '.join(passwords)} is refused")
    assert said == f"cannot open …: {' or '.join('…' for _ in passwords)} is refused"


def test_an_address_without_a_password_is_cut_as_a_whole() -> None:
    assert secrets_of("s3://bucket/folder") == ("s3://bucket/folder",)


def test_a_short_secret_is_cut_where_it_stands_alone_and_leaves_words_whole() -> None:
    said = without(("u", "25"), "ConnectionRefusedError for u at 25, not 250; u@host")
    assert said == "ConnectionRefusedError for … at …, not 250; …@host"
