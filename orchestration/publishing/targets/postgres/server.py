"""A PostgreSQL server through DuckDB's own extension, which writes as fast as the server reads.

Put here: the connection, transactions, failures in words. Keep out: what is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publishing.distribution import TargetError
from orchestration.text.secrets import secrets_of, without
from orchestration.warehouse.connection import connect

COPY, SERVER = "copy", "pg"
"""Under these names the published copy and the server are attached."""
EXTENSION = "postgres_scanner"
LOCKED = re.compile(r"lock timeout|deadlock detected")


@dataclass(frozen=True)
class Server:
    """An attached server; every statement fails with words that hold no secret."""

    connection: duckdb.DuckDBPyConnection
    secrets: tuple[str, ...]

    def run(self, *statements: str) -> None:
        """Statements in PostgreSQL's own SQL, in one go."""
        if statements:
            self.copy(f"call postgres_execute('{SERVER}', {text('; '.join(statements))})")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query in PostgreSQL's own SQL; its columns have names of their own."""
        return self.copy(f"select * from postgres_query('{SERVER}', {text(query)})").fetchall()

    def copy(self, statement: str) -> duckdb.DuckDBPyConnection:
        """A statement in DuckDB's SQL, over the copy, the server or both."""
        try:
            return self.connection.execute(statement)
        except duckdb.Error as error:
            raise TargetError(self._words(error)) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written meanwhile."""
        self.copy("begin")
        try:
            yield
            self.copy("commit")
        except BaseException:
            # Left to the end of the connection, a rollback that fails would end the whole process.
            with suppress(duckdb.Error):
                self.connection.execute("rollback")
            raise

    def _words(self, error: duckdb.Error) -> str:
        message = without(self.secrets, str(error))
        said = re.search(r"(?:ERROR|FATAL):\s*(.*)", message, re.DOTALL)
        return "the server says: " + " ".join(said.group(1).split()) if said else " ".join(message.split())


@contextmanager
def opened(database: Path, url: str) -> Iterator[Server]:
    """The published copy, read-only, and the server at `url`."""
    server = Server(connect(":memory:"), secrets_of(url))
    try:
        _load_extension(server.connection)
        server.copy(f"attach {text(str(database))} as {COPY} (read_only)")
        # PostgreSQL's text cannot hold a zero byte; DuckDB's can.
        server.copy("set pg_null_byte_replacement = ''")
        try:
            server.copy(f"attach {text(url)} as {SERVER} (type postgres)")
        except TargetError as error:
            raise TargetError(f"no connection by COSTOPS_PUBLISH_POSTGRES_URL: {_cause(str(error))}") from None
        yield server
    finally:
        with suppress(duckdb.Error):
            server.connection.execute(f"detach database if exists {SERVER}")
        server.connection.close()


def text(words: str) -> str:
    """A text as SQL writes it."""
    return "'" + words.replace("'", "''") + "'"


def _cause(message: str) -> str:
    """What libpq says, without the sentence around it."""
    return message.rpartition('Postgres at "…": ')[2]


def _load_extension(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        import duckdb_extension_postgres_scanner as package
    except ImportError:
        raise TargetError("DuckDB's extension for PostgreSQL is missing: install llm-cost-ops[postgres]") from None
    found = sorted(
        Path(path) for folder in package.__path__ for path in Path(folder).rglob(f"{EXTENSION}.duckdb_extension")
    )
    of_this_version = [path for path in found if f"v{duckdb.__version__}" in path.parts]
    if not of_this_version:
        raise TargetError(
            f"the installed duckdb-extension-postgres-scanner is not made for DuckDB {duckdb.__version__}: "
            "install llm-cost-ops[postgres] anew"
        )
    connection.execute(f"load {text(str(of_this_version[0]))}")
