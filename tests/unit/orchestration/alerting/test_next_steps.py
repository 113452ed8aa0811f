"""Commands in messages can be typed, and what comes from outside is a word in them or is not there."""

from __future__ import annotations

import shlex
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from orchestration.alerting.next_steps import OPTIONS, why
from orchestration.cli import app

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 25)


@pytest.mark.parametrize("scope", sorted(OPTIONS))
def test_the_command_is_one_that_there_is(scope: str) -> None:
    _, name, *arguments = shlex.split(why(scope, "some_id", FIRST, LAST))
    options = {option for each in get_command(app).commands[name].params for option in each.opts}  # type: ignore[attr-defined]
    assert {each for each in arguments if each.startswith("--")} <= options
    assert arguments[-2:] == [OPTIONS[scope], "some_id"]
    assert CliRunner().invoke(get_command(app), [name, "--help"]).exit_code == 0


@given(st.text())
def test_no_id_is_more_than_a_word_to_a_shell(text: str) -> None:
    command = why("team", text, FIRST, FIRST)
    parts = shlex.split(command)
    assert parts[:4] == ["costops", "why", "--from", "2026-11-01"]
    assert parts[4:] in ([], ["--team", text])
    assert not set(command) & set("$`;&|<>(){}!*?~#\n\\\"'")


def test_a_whole_company_is_asked_about_without_an_option() -> None:
    assert why("total", "all", FIRST, LAST) == "costops why --from 2026-11-01 --to 2026-11-25"
