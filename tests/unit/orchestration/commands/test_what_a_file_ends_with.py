"""A file that a command writes is what its ending says, or the command says why it is not written."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "executive_monthly", "--to", "a.docx"], "a report is no .docx file: end a.docx with one of .html"),
        (["report", "executive_monthly", "--format", "html", "--to", "b.pdf"], "--format html and b.pdf do not agree"),
        (["report", "executive_monthly", "--format", "terminal", "--to", "b.pdf"], "do not agree"),
        (["chargeback", "2026-11", "--out", "c"], "c says no format: end it with .xlsx or .csv, or say --format"),
        (["chargeback", "2026-11", "--format", "table", "--out", "c.csv"], "--format table is not written to c.csv"),
        (["chargeback", "2026-11", "--format", "journal", "--out", "c.xlsx"], "--format journal is not written to"),
        (["chargeback", "2026-11", "--format", "xlsx", "--out", "c.csv"], "--format xlsx is not written to c.csv"),
    ],
)
def test_a_format_that_the_file_contradicts_is_refused(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, [*arguments, "--home", str(tmp_path)])
    assert result.exit_code == 2, result.output
    assert words in result.stderr.replace("\n", " ")
