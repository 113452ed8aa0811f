"""A broken file of the home's key stops a run in words: going on would give everybody another pseudonym."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingestion.landing.forgotten import UnreadableAccessError, home_key, read_forgotten, remember_to_forget
from orchestration.cli import app


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": 1, "people": []}', b"\xff\xfe", b'{"key": "k"}'])
def test_a_broken_key_is_neither_used_nor_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "access" / "forgotten.json"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(UnreadableAccessError, match="holds the key of pseudonyms"):
        read_forgotten(tmp_path)
    with pytest.raises(UnreadableAccessError):
        home_key(tmp_path)
    with pytest.raises(UnreadableAccessError):
        remember_to_forget(tmp_path, {"ann": "person-x"}, "refuse", "2026-11-30")
    assert path.read_bytes() == content


def test_a_run_on_such_a_home_ends_in_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    events = tmp_path / "drop" / "events" / "canonical"
    events.mkdir(parents=True)
    (events / "a.jsonl").write_text("{}\n")
    (tmp_path / "access").mkdir()
    (tmp_path / "access" / "forgotten.json").write_text("{")
    result = CliRunner().invoke(app, ["run", "--home", str(tmp_path)])
    assert result.exit_code == 1
    assert "Restore it from a backup of the home" in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "warehouse.duckdb").exists()
