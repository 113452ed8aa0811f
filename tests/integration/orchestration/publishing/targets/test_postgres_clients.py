"""Clients that are not ours read decimals, days and instants of PostgreSQL right: JDBC and ODBC, where installed.

Debian: `openjdk-17-jdk-headless libpostgresql-jdbc-java` and `unixodbc odbc-postgresql`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from orchestration.publishing.targets.postgres import write
from tests.integration.orchestration.publishing.targets.conftest import PublishedMarts
from tests.support.postgres import PASSWORD, Server

JDBC_DRIVER = Path("/usr/share/java/postgresql.jar")
ODBC_DRIVERS = [*Path("/usr/lib").glob("*/odbc/psqlodbcw.so")]
COSTS = """create table marts.costs as select * from (values
  (1, 12345678901234567890123456.123456789012::decimal(38, 12), date '2026-02-28', timestamp '2026-02-28 23:59:59.5',
   timestamptz '2026-03-01 00:30:00+02', true, 9007199254740993::bigint, 'ü'),
  (2, null, null, null, null, null, null, null)) as t (id, usd, day, at_local, at_utc, is_paid, tokens, team)"""
JAVA = """
import java.sql.*;
public class Reads {
  public static void main(String[] given) throws Exception {
    try (Connection c = DriverManager.getConnection(given[0], "postgres", given[1])) {
      ResultSet rows = c.createStatement().executeQuery("select * from " + given[2] + ".costs order by id");
      while (rows.next()) {
        System.out.println(rows.getBigDecimal("usd") + "|" + rows.getObject("day", java.time.LocalDate.class) + "|"
          + rows.getObject("at_local", java.time.LocalDateTime.class) + "|"
          + rows.getObject("at_utc", java.time.OffsetDateTime.class) + "|"
          + rows.getObject("is_paid") + "|" + rows.getObject("tokens") + "|" + rows.getString("team"));
      }
      ResultSet columns = c.getMetaData().getColumns(null, given[2], "costs", null);
      while (columns.next()) System.out.println(columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME")
        + " " + columns.getInt("DATA_TYPE") + " " + columns.getString("REMARKS"));
    }
  }
}
"""


@pytest.fixture
def schema(server: Server, marts: PublishedMarts) -> Iterator[str]:
    name = f"m_{uuid4().hex[:8]}"
    version = marts.change(COSTS, "comment on column marts.costs.usd is 'What it costs.'", costs="1")
    write([], [], version, url=server.url(), schema=name)
    yield name
    server.ask(f"drop schema {name} cascade; drop schema {name}_internal cascade; drop schema {name}_v1 cascade")


@pytest.mark.skipif(
    not shutil.which("javac") or not JDBC_DRIVER.exists(), reason="needs a JDK and PostgreSQL's JDBC driver"
)
def test_jdbc_reads_values_types_and_descriptions(server: Server, schema: str, tmp_path: Path) -> None:
    source = tmp_path / "Reads.java"
    source.write_text(JAVA)
    url = f"jdbc:postgresql://127.0.0.1:{server.port}/postgres"
    command = ["java", "-Dfile.encoding=UTF-8", "-cp", str(JDBC_DRIVER), str(source), url, PASSWORD, schema]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()
    assert said[:2] == [
        "12345678901234567890123456.123456789012|2026-02-28|2026-02-28T23:59:59.500|2026-02-28T22:30Z|true"
        "|9007199254740993|ü",
        "null|null|null|null|null|null|null",
    ]
    # java.sql.Types: NUMERIC 2, DATE 91, TIMESTAMP 93, BIT -7, BIGINT -5, VARCHAR 12, INTEGER 4.
    assert said[2:] == [
        "id int4 4 null",
        "usd numeric 2 What it costs.",
        "day date 91 null",
        "at_local timestamp 93 null",
        "at_utc timestamptz 93 null",
        "is_paid bool -7 null",
        "tokens int8 -5 null",
        "team text 12 null",
    ]


@pytest.mark.skipif(not shutil.which("isql") or not ODBC_DRIVERS, reason="needs unixODBC and PostgreSQL's ODBC driver")
def test_odbc_reads_values(server: Server, schema: str, tmp_path: Path) -> None:
    settings = {
        "Driver": ODBC_DRIVERS[0], "Servername": "127.0.0.1", "Port": server.port, "Database": "postgres",
        "UserName": "postgres", "Password": PASSWORD, "BoolsAsChar": 1, "MaxVarcharSize": 255,
    }  # fmt: skip
    (tmp_path / "odbc.ini").write_text("[costs]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
    said = subprocess.run(
        ["isql", "costs", "-b", "-d|"], check=True, capture_output=True, text=True, timeout=60,
        input=f"select usd, day, at_local, tokens, is_paid, team from {schema}.costs order by id\n",
        env={"ODBCINI": str(tmp_path / "odbc.ini"), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
    ).stdout.splitlines()  # fmt: skip
    assert said[0] == "12345678901234567890123456.123456789012|2026-02-28|2026-02-28 23:59:59.5|9007199254740993|1|ü"
    assert said[1].strip("|") == ""
