"""What people are told of notes: grouped, most pressing first, safe for a terminal of 80 columns."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from rich.console import Console

from ingestion.landing.notes import Note
from orchestration.running.landing_notes import group_notes, notes_markdown, print_groups
from orchestration.text.terminal import SafeConsole, plain, stripped

NOTES = [
    Note("other", "three spans were left out", "otel/a.jsonl"),
    Note("unused_columns", "columns not used: Shoe [/red] Size", "teams.csv"),
    Note("delivery_question", "a.csv and b.csv cover the same days", "a.csv", amount=Decimal("32.005"), currency="EUR"),
    *[Note("unknown_format", "passed over", f"very/long/folder/{'x' * 90}-{number}.csv") for number in range(9)],
    Note("unreadable_file", "\x1b[31mred\x1b[0m \u202egnp.exe", "b\x07.csv", row=3),
]


def printed(width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_groups(group_notes(NOTES), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_questions_come_first_then_losses_then_information() -> None:
    titles = [group.title for group in group_notes(NOTES)]
    assert titles[0] == "deliveries that may or may not replace one another"
    assert titles[-1] == "other things that were noticed"
    assert [group.count for group in group_notes(NOTES)] == [1, 1, 9, 1, 1]


def test_every_group_says_how_many_where_and_what_to_do() -> None:
    text = printed()
    assert "9 files of no known format" in text
    assert "and 6 more, see rpt_landing_notes" in text
    assert "a.csv and b.csv cover the same days (32.01 EUR)" in " ".join(text.split())
    assert "say in deliveries.yml which file replaces, adds or is ignored" in " ".join(text.split())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_terminal_and_hold_no_control_characters(width: int) -> None:
    lines = printed(width).splitlines()
    assert max(map(len, lines)) <= width
    assert not any(ord(character) < 32 or character in "\u202e\x7f" for line in lines for character in line)
    assert "[/red]" in " ".join(lines)


def test_the_catalogue_shows_all_notes_with_their_remedy() -> None:
    page = notes_markdown(NOTES)
    assert page.count("very/long/folder") == 9
    assert "What to do: compare the header with docs/sources" in page


@pytest.mark.parametrize("name", ["[/red]", "[red]", "a\\", "[bold]x[/]", "\\[x]", "[link=file:///etc/passwd]y[/link]"])
def test_outside_names_are_printed_as_they_are(name: str) -> None:
    console = Console(file=io.StringIO(), width=120)
    console.print(f"[bold]{plain(name)}[/] end", highlight=False)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == f"{name} end\n"


def test_a_console_that_is_given_broken_markup_prints_it() -> None:
    console = SafeConsole(file=io.StringIO(), width=120)
    console.print("team [/red] spent")
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "team [/red] spent\n"


def test_stripping_keeps_words_and_letters_of_every_script() -> None:
    assert stripped("Größe\t日本\x00\x9b31m\r\nزيادة") == "Größe 日本 زيادة"
