"""What `costops reprice` says before it does anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app

WINDOW = ("--from", "2026-03-01", "--to", "2026-03-31")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("--from", "2026-03-31", "--to", "2026-03-01", "--as-known-at", "now"), 2, "lies after --to"),
        ((*WINDOW, "--as-known-at", "yesterday"), 2, "neither 'now' nor an instant"),
        ((*WINDOW, "--as-known-at", "2026-04-01T06:00+02:00"), 1, "holds no warehouse yet"),
    ],
)
def test_wrong_use_is_an_error_in_words(tmp_path: Path, arguments: tuple[str, ...], exit_code: int, words: str) -> None:
    result = CliRunner().invoke(app, ["reprice", *arguments, "--home", str(tmp_path)])
    assert result.exit_code == exit_code
    assert words in result.output
