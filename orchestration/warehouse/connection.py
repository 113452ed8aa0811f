"""Opens DuckDB the same way everywhere.

Put here: connections, what a reader may reach. Keep out: frames (`frames`), SQL that carries meaning (`dbt_project`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

_CONFIG = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def connect(path: Path | str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection in UTC that never reaches for the network."""
    connection = duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def confine(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave a connection with what it has open: no files, network, extensions or other databases, for good.

    Statements from outside run after this. DuckDB refuses to take any of it back while the database is open.
    """
    for setting in ("python_enable_replacements", "enable_external_access"):
        connection.execute(f"set {setting} = false")
    connection.execute("set lock_configuration = true")
