"""A published copy that a test changes at will, and a PostgreSQL server for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.publishing.distribution import PublishedVersion
from orchestration.publishing.parts import parts_of
from tests.support.postgres import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


class PublishedMarts:
    """A copy as `published_copy` makes one: tables in schema `marts`, each with what it was made from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "costops.duckdb"
        self.contents: dict[str, str] = {}

    def change(self, *statements: str, **contents: str) -> PublishedVersion:
        """Run statements in the copy; `contents` are marts and what they are now made from ("gone": they went)."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("set TimeZone = 'UTC'; create schema if not exists marts")
            for statement in statements:
                connection.execute(statement)
        self.contents |= contents
        self.contents = {mart: made_from for mart, made_from in self.contents.items() if made_from != "gone"}
        return PublishedVersion(self.database, self.folder, dict(self.contents))


@pytest.fixture
def marts(tmp_path: Path) -> PublishedMarts:
    return PublishedMarts(tmp_path)


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parts_of.__kwdefaults__
    monkeypatch.setitem(parts_of.__kwdefaults__, "large_rows", 100)
