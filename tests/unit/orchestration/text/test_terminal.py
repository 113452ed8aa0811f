"""Text from outside is printed as it is read, and does nothing else."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from orchestration.text.terminal import SafeConsole, plain, stripped

ATTACKS = {
    "colour": ("a\x1b[31mb\x1b[0m", "ab"),
    "clear the screen": ("a\x1b[2J\x1b[Hb", "ab"),
    "clipboard": ("a\x1b]52;c;cm0gLXJm\x07b", "ab"),
    "link": ("a\x1b]8;;http://x.invalid\x1b\\b\x1b]8;;\x1b\\", "ab"),
    "title, never ended": ("a\x1b]0;title", "a]0;title"),
    "device control": ("a\x1bPq#0\x1b\\b", "ab"),
    "reset": ("a\x1bcb", "ab"),
    "character set": ("a\x1b(0b", "ab"),
    "eight bit": ("a\x9b31mb", "ab"),
    "a sequence within a sequence": ("a\x1b\x1b[31m[31mb", "a[31mb"),
    "carriage return": ("real\rfake", "real fake"),
    "a forged line": ("name\nAll is well", "name All is well"),
    "backspaces": ("abc\b\b\bxyz", "abcxyz"),
    "reading direction": ("user\u202egnp.exe\u2066", "usergnp.exe"),
    "no width": ("te\u200bam\ufeff", "team"),
    "lone surrogate": ("a\ud83db", "a\ufffdb"),
}


@pytest.mark.parametrize(("text", "expected"), ATTACKS.values(), ids=ATTACKS)
def test_what_a_terminal_would_act_on_is_gone(text: str, expected: str) -> None:
    assert stripped(text) == expected


@pytest.mark.parametrize("text", ["[/red]", "[red]x", "[link=http://x]y[/link]", "a\\", "[/]", "\\[bold]", "[[/]]"])
def test_markup_is_printed_as_text(text: str) -> None:
    output = io.StringIO()
    console = Console(file=output, width=100, color_system=None)
    console.print(f"<[dim]{plain(text)}[/]>", highlight=False)
    table = Table("name")
    table.add_row(plain(text))
    console.print(table)
    first, *rest = output.getvalue().splitlines()
    assert first == f"<{text}>"
    assert any(text in line for line in rest)


def test_lines_of_a_message_stay_where_they_are_wanted() -> None:
    assert stripped("one\r\ntwo\x1b[1m\n\tthree", keep_lines=True) == "one\ntwo\n three"


def test_ordinary_text_of_any_script_is_left_as_it_is() -> None:
    for text in ("Kostenstelle Größe", "売上 2026", "فريق", "👩‍💻 team", "a [1] of 2", "100 %"):
        assert stripped(text) == text


def test_the_console_prints_what_was_not_made_plain_without_acting_on_it() -> None:
    output = io.StringIO()
    console = SafeConsole(file=output, width=100, color_system=None)
    console.print("a\x1b[2Jb [/red] c", highlight=False)
    table = Table("x\x1b]0;t\x07y")
    table.add_row("[/nothing] \x9b2J")
    console.print(table)
    assert output.getvalue().splitlines()[0] == "ab [/red] c"
    assert "[/nothing]" in output.getvalue()
    assert "\x1b" not in output.getvalue()
    assert "\x9b" not in output.getvalue()


def test_a_reader_that_goes_away_stops_the_words_and_not_the_work() -> None:
    work = """
import sys
from pathlib import Path
from orchestration.text.terminal import SafeConsole
console = SafeConsole(file=sys.stdout)
for number in range(20_000):
    console.print(f"line {number} of a long run")
print("said past the console")
Path(sys.argv[1]).write_text("done")
"""
    with tempfile.TemporaryDirectory() as folder:
        done = Path(folder) / "done"
        with subprocess.Popen(
            [sys.executable, "-c", work, str(done)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "line 0 of a long run\n"
            process.stdout.close()
            _, complaints = process.communicate()
        assert (process.returncode, complaints, done.read_text()) == (0, "", "done")
