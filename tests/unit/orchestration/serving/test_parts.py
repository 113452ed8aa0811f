"""Keys, principals, limits, sessions, days and scopes, without a server."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.publishing.row_rules import is_for_teams, rows_of_teams
from orchestration.serving.http.formats import chosen, json_bytes
from orchestration.serving.http.limits import Buckets
from orchestration.serving.http.remembering import LARGEST, Given, GivenAnswers
from orchestration.serving.keys import KeyStore, UnknownKeyError
from orchestration.serving.principals import FILE, read_principals
from orchestration.serving.sessions import LIFE, Sessions
from orchestration.serving.viewers import RIGHTS, Right, Role, Viewer

NOW = datetime(2026, 3, 15, tzinfo=UTC)


def test_a_key_is_found_by_its_text_alone_and_kept_as_a_hash(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    key, text = store.create("ann", note="laptop")
    assert store.find(text) == key
    prefix, secret = text.rsplit("_", 1)[0], text[-43:]
    for wrong in ("", "costops_", text[:-1], text + "x", f"{prefix}_{secret[::-1]}", text.upper(), "é" * 60):
        assert store.find(wrong) is None
    assert secret not in store.path.read_text()
    assert store.path.stat().st_mode & 0o777 == 0o600


def test_a_revoked_or_expired_key_opens_nothing_and_another_process_sees_it(tmp_path: Path) -> None:
    store, other = KeyStore(tmp_path), KeyStore(tmp_path)
    key, text = store.create("ann")
    _, short = store.create("ann", expires_at=datetime.now(UTC) + timedelta(days=1))
    assert other.find(text)
    assert other.find(short, datetime.now(UTC) + timedelta(days=2)) is None
    store.revoke(key.key_id)
    assert other.find(text) is None
    assert store.revoke(key.key_id).revoked_at_utc
    with pytest.raises(UnknownKeyError):
        store.revoke("nothing")


def principals(folder: Path, rows: str) -> object:
    (folder / FILE).write_text("principal_id,role,teams,email,valid_from,valid_to\n" + rows)
    return read_principals(folder)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("ann,boss,,,,", "role"), (",admin,,,,", "principal_id"), ("a b,admin,,,,", "principal_id"),
        ("lea,team_lead,,,,", "teams"), ("ann,admin,,,soon,", "valid_from"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_gives_no_access_and_says_why(tmp_path: Path, row: str, words: str) -> None:
    found = principals(tmp_path, f"{row}\nfin,finance,,,,\n")
    assert set(found.by_id) == {"fin"}  # type: ignore[attr-defined]
    (problem,) = found.problems  # type: ignore[attr-defined]
    assert problem.startswith(f"{FILE} row 1: {words}")


def test_an_id_that_stands_twice_and_one_out_of_its_time_give_no_access(tmp_path: Path) -> None:
    found = principals(tmp_path, "ann,admin,,,,\nann,viewer,x,,,\nold,admin,,,,2026-03-15\nnew,admin,,,2026-03-15,\n")
    day = date(2026, 3, 15)
    assert [found.valid(name, day) is not None for name in ("ann", "old", "new")] == [False, False, True]  # type: ignore[attr-defined]
    assert read_principals(tmp_path / "nowhere").by_id == {}


def test_a_bucket_fills_evenly() -> None:
    buckets = Buckets(60)
    assert [buckets.take("a", 0.0) for _ in range(60)] == [0.0] * 60
    assert buckets.take("a", 0.0) == pytest.approx(1.0)
    assert buckets.take("b", 0.0) == 0.0
    assert buckets.take("a", 1.0) == 0.0
    assert buckets.take("a", 1.0) == pytest.approx(1.0)


def test_a_session_ends_by_itself() -> None:
    sessions = Sessions()
    token = sessions.begin("ann", None, NOW)
    assert sessions.find(token, NOW + LIFE / 2)
    assert sessions.find(token + "x", NOW) is None
    assert sessions.find(token, NOW + LIFE) is None


def test_rights_are_those_of_the_roles() -> None:
    assert RIGHTS[Role.ADMIN] == frozenset(Right)
    assert not RIGHTS[Role.VIEWER]
    assert [Viewer("x", role).sees_all for role in Role] == [True, True, False, False]
    assert Viewer("x", Role.VIEWER, sends=True).may(Right.SEND_USAGE)


def test_a_mart_without_a_team_is_no_team_s() -> None:
    def rule(mart: str, *columns: str) -> str | None:
        return rows_of_teams(mart, columns, lambda column: f"{column} in ('a')", {}, "m")

    assert rule("rpt_total", "spend_usd") is None
    assert rule("dim_dates", "date_day") == "true"
    assert rule("fct", "owner_team_id", "team_id") == "\"team_id\" in ('a')"
    assert rule("rpt", "scope_type", "scope_id") == "coalesce((scope_type = 'team' and scope_id in ('a')), false)"
    assert (is_for_teams("rpt", ["scope_type"]), is_for_teams("rpt", ["team_id"])) == (False, True)


@pytest.mark.parametrize(
    ("asked", "accept", "form"),
    [
        (None, "", "json"),
        (None, "text/csv", "csv"),
        (None, "text/html,text/csv;q=0.9", "csv"),
        ("arrow", "text/csv", "arrow"),
    ],
)
def test_the_form_is_asked_for_or_what_is_accepted_first(asked: str | None, accept: str, form: str) -> None:
    assert chosen(asked, accept) == form


def test_json_keeps_every_digit() -> None:
    from decimal import Decimal

    value = {"a": Decimal("12345678901234567890.123456789012"), "b": 2**80, "c": None}
    assert (
        json_bytes(value, "number") == b'{"a":12345678901234567890.123456789012,"b":1208925819614629174706176,"c":null}'
    )
    assert json_bytes(value).startswith(b'{"a":"12345678901234567890.123456789012"')


def test_given_answers_are_kept_within_a_bound_those_asked_for_last_the_longest() -> None:
    answers = GivenAnswers(most_bytes=100)
    for name in "abcd":
        answers.keep((name,), Given(name.encode() * 30, 1))
    assert [name for name in "abcd" if answers.find((name,))] == ["b", "c", "d"]
    assert answers.find(("b",))
    answers.keep(("c",), Given(b"c" * 31, 2))
    answers.keep(("e",), Given(b"e" * 30, 1))
    assert [name for name in "abcde" if answers.find((name,))] == ["b", "c", "e"]
    answers.keep(("huge",), Given(b"x" * (LARGEST + 1), 1))
    assert answers.find(("huge",)) is None
    assert answers.find(("b",))
