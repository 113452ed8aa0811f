"""Broken files and refused folders end in words with a remedy, never in a traceback."""

from __future__ import annotations

import errno
import os
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from ingestion.api.pulls import Ledger
from ingestion.config import Settings
from orchestration.cli import app
from orchestration.home.faults import words_of
from orchestration.publishing.distribution import TargetError
from orchestration.publishing.places import place_at
from orchestration.publishing.published_copy import publish
from orchestration.running.repairing import CannotRebuildError, repair
from tests.integration.recovery import faults_home as small


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")
    result = CliRunner().invoke(app, ["repair", "--home", str(home)])
    assert result.exit_code == 1
    assert "--home" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOENT, "it is not there, or the folder that it should lie in cannot be made"),
        (errno.ENAMETOOLONG, "Give a shorter one"),
        (errno.ELOOP, "links lead in a circle"),
        (errno.EIO, "costops repair reads every file"),
    ],
)
def test_a_path_that_cannot_be_used_is_named_with_what_to_do(number: int, said: str) -> None:
    words = words_of(OSError(number, os.strerror(number), "/x/y"))
    assert words is not None
    assert words.startswith("/x/y: ")
    assert said in words


def test_an_address_with_one_slash_is_no_folder(tmp_path: Path) -> None:
    """`s3:/bucket` would make a folder `s3:` where the command is called, and say that all went well."""
    with pytest.raises(TargetError, match=r"--to begins with s3: and is no address: write s3:// before the bucket"):
        place_at("s3:/bucket/costs", "--to")
    assert not Path("s3:").exists()
    place_at(str(tmp_path / "s3:"), "--to")
    assert (tmp_path / "s3:").is_dir()


@pytest.mark.parametrize("content", [b"", b"broken", bytes(300_000)])
def test_a_torn_published_copy_names_the_command_that_mends_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "costops.duckdb").write_bytes(content)
    result = CliRunner().invoke(app, ["query", "from x", "--home", str(tmp_path)])
    assert result.exit_code == 1
    assert "error:" in result.output
    assert not isinstance(result.exception, duckdb.Error)


def test_repair_names_and_mends_a_broken_warehouse_and_copy(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    settings.published_dir.mkdir()
    settings.warehouse_path.write_bytes(b"broken")
    (settings.published_database).write_bytes(b"broken")
    said: list[str] = []
    assert repair(settings, said.append).needs_run
    assert any(words.startswith("the warehouse file was broken") for words in said)
    assert any(words.startswith("published copy: it was broken") for words in said)
    assert not settings.warehouse_path.exists()


def test_a_published_table_or_file_that_is_torn_is_published_again(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    with duckdb.connect(str(settings.warehouse_path)) as db:
        db.execute("create schema marts; create table marts.a as select i, hash(i) h from range(200000) r(i)")
    database = settings.published_database
    publish(settings.warehouse_path, settings.published_dir)
    said: list[str] = []
    assert repair(settings, said.append, only_check=True).count == 0, said
    whole = database.read_bytes()
    middle = len(whole) // 2
    database.write_bytes(whole[:middle] + bytes(4096) + whole[middle + 4096 :])
    assert repair(settings, said.append, only_check=True).count == 1
    assert "published copy: it was broken" in said[-1]
    database.write_bytes(whole)
    (settings.published_dir / "parquet" / "a.parquet").write_bytes(b"PAR1 torn")
    assert repair(settings, said.append, only_check=True).needs_run
    assert "published Parquet: a.parquet" in said[-1]


def test_broken_files_of_the_spool_are_asked_for_again_and_a_rebuild_waits(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    small.lay(tmp_path, 0)
    small.run(tmp_path, 0)
    spooled = next((settings.spool_dir / "openai" / "costs").glob("*.gz"))
    spooled.write_bytes(spooled.read_bytes()[:20])
    said: list[str] = []
    assert repair(settings, said.append).count == 1, said
    assert str(spooled) in said[-1]
    assert not spooled.exists()
    state = Ledger(settings.spool_dir / "openai").get("costs", date.fromisoformat(spooled.name[:10]))
    assert state is not None
    assert state.status == "missing"
    with pytest.raises(CannotRebuildError, match="broken files of the spool"):
        repair(settings, said.append, rebuild=True)
    assert settings.warehouse_path.exists()
    small.run(tmp_path, 1)
    assert len(small.rows_of(tmp_path)["raw_openai.costs"]) == 1, "the rows that were landed from it count"


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
