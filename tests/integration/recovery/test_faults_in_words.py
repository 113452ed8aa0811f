"""Broken files and refused folders end in words with a remedy, never in a traceback."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from ingestion.config import Settings
from orchestration.cli import app
from orchestration.publishing.published_copy import publish
from orchestration.repairing import repair


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")
    result = CliRunner().invoke(app, ["repair", "--home", str(home)])
    assert result.exit_code == 1
    assert "--home" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("content", [b"", b"broken", bytes(300_000)])
def test_a_torn_published_copy_names_the_command_that_mends_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "marts.duckdb").write_bytes(content)
    result = CliRunner().invoke(app, ["query", "from x", "--home", str(tmp_path)])
    assert result.exit_code == 1
    assert "error:" in result.output
    assert not isinstance(result.exception, duckdb.Error)


def test_repair_names_and_mends_a_broken_warehouse_and_copy(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    settings.published_dir.mkdir()
    settings.warehouse_path.write_bytes(b"broken")
    (settings.published_dir / "marts.duckdb").write_bytes(b"broken")
    said: list[str] = []
    assert repair(settings, said.append).needs_run
    assert any(words.startswith("the warehouse file was broken") for words in said)
    assert any(words.startswith("published copy: it was broken") for words in said)
    assert not settings.warehouse_path.exists()


def test_parquet_of_a_publication_takes_its_place_in_one_step(tmp_path: Path) -> None:
    """A reader that resolved the old folder keeps all its files; the path that others use has all new ones."""
    warehouse, published = tmp_path / "w.duckdb", tmp_path / "published"
    kept: list[Path] = []
    for number in (1, 2, 3):
        connection = duckdb.connect(str(warehouse))
        connection.execute("create schema if not exists marts")
        connection.execute(f"create or replace table marts.a as select {number} n")
        connection.execute(f"create or replace table marts.b as select {number} n")
        connection.close()
        folder = publish(warehouse, published).parquet_dir
        kept.append(folder.resolve())
        for old, wanted in zip(kept[-2:], range(number + 1 - len(kept[-2:]), number + 1), strict=True):
            read = [duckdb.sql(f"select n from '{old / name}.parquet'").fetchall()[0][0] for name in "ab"]
            assert read == [wanted, wanted]
        assert duckdb.sql(f"select n from '{folder / 'a.parquet'}'").fetchall() == [(number,)]
    assert not kept[0].exists()
