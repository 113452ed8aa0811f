"""The rule file: what a home says wins, field by field; a wrong row is named and costs no other row."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.alerting.rulebook import FILE, Kind, RuleBook, read_rulebook

RULES = frozenset({"budget_threshold_crossed", "cost_spike_hour"})


def book(home: Path, text: str | bytes) -> RuleBook:
    path = home / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_rulebook(home, RULES)


def test_without_a_file_every_default_holds(tmp_path: Path) -> None:
    found = read_rulebook(tmp_path, RULES)
    assert (found.lines, found.problems) == ((), ())
    assert found.is_enabled("cost_spike_hour")
    assert found.number("threshold", "cost_spike_hour", "all", Decimal(2)) == 2


def test_later_rows_win_field_by_field(tmp_path: Path) -> None:
    found = book(
        tmp_path,
        "rule,subject,enabled,threshold,owner\n*,,,,finops\ncost_spike_hour,,,2.5,\ncost_spike_hour,team_a*,no,3,\n",
    )
    assert found.problems == ()
    assert found.number("threshold", "cost_spike_hour", "all", Decimal(2)) == Decimal("2.5")
    assert found.number("threshold", "cost_spike_hour", "team_ab", Decimal(2)) == 3
    assert not found.is_enabled("cost_spike_hour", "team_ab")
    assert found.is_enabled("cost_spike_hour", "team_b")
    assert found.value("owner", "cost_spike_hour", "team_ab") == "finops"


def test_a_row_about_a_person_holds_for_the_pseudonym_that_marts_have(tmp_path: Path) -> None:
    found = book(
        tmp_path, "rule,subject,when_owner,channels\n*,,ana@x.example,slack\ncost_spike_hour,u-7,,email\n*,u-*,,teams\n"
    )
    names = Pseudonyms.of_home(tmp_path)
    for owner in ("ana@x.example", names.of("ana@x.example")):
        assert found.value("channels", "cost_spike_hour", "all", Kind(owner=owner)) == ("slack",)
    assert found.value("channels", "cost_spike_hour", "all", Kind(owner=names.of("bob@x.example"))) is None
    assert found.value("channels", "cost_spike_hour", names.of("u-7"), Kind()) == ("email",)
    assert found.value("channels", "cost_spike_hour", names.of("u-8"), Kind()) is None


@pytest.mark.parametrize(
    ("row", "field", "remedy"),
    [
        ("cost_spike,,,,", "rule", "write * or one of"),
        ("cost_spike_hour,abc,,,", "threshold", "write it as 0.25"),
        ("cost_spike_hour,-1,,,", "threshold", "from 0 on"),
        ("cost_spike_hour,NaN,,,", "threshold", "from 0 on"),
        ("cost_spike_hour,,22-7,,", "quiet_hours", "22:00-07:00"),
        ("cost_spike_hour,,22:00-22:00,,", "quiet_hours", "22:00-07:00"),
        ("cost_spike_hour,,,Mars/Base,", "time_zone", "Europe/Berlin"),
        ("cost_spike_hour,,,,e mail", "channels", "semicolons"),
        ("cost_spike_hour,,,,email,more", "note", "quote a cell"),
    ],
)
def test_a_wrong_row_is_named_and_left_out(tmp_path: Path, row: str, field: str, remedy: str) -> None:
    found = book(tmp_path, f"rule,threshold,quiet_hours,time_zone,channels\n{row}\ncost_spike_hour,4,,,\n")
    assert [line.number for line in found.lines] == [3]
    (problem,) = found.problems
    assert f"{FILE}, row 2, field {field}:" in problem
    assert remedy in problem


def test_a_file_that_is_no_csv_of_ours_is_named(tmp_path: Path) -> None:
    assert "cannot be read" in book(tmp_path, b"rule\n\xff\xfe\n").problems[0]
    assert "no column rule" in book(tmp_path, "name,threshold\nx,1\n").problems[-1]
    assert "column 'treshold' is not known" in book(tmp_path, "rule,treshold\ncost_spike_hour,1\n").problems[0]


@pytest.mark.parametrize(
    ("at", "severity", "is_quiet"),
    [
        ("2026-01-10T21:30", "warning", True),  # 22:30 in Berlin
        ("2026-01-10T20:30", "warning", False),
        ("2026-01-10T05:59", "warning", True),
        ("2026-01-10T06:00", "warning", False),  # 07:00 in Berlin: the end is outside
        ("2026-01-10T21:30", "critical", False),
    ],
)
def test_quiet_hours_go_by_the_clock_of_those_told(tmp_path: Path, at: str, severity: str, is_quiet: bool) -> None:
    found = book(tmp_path, "rule,quiet_hours,time_zone\n*,22:00-07:00,Europe/Berlin\n")
    now = datetime.fromisoformat(at)
    assert found.is_quiet(now, "cost_spike_hour", "all", Kind(severity)) is is_quiet
