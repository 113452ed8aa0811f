"""What keeps Spark from being started is said with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.config import Settings
from orchestration.warehouse.engines import spark
from orchestration.warehouse.engines.spark import EngineError, ThriftSpark, missing_for_spark, started, where_spark_is


def home(path: Path, **env: str) -> Settings:
    return Settings.from_env({"COSTOPS_ENGINE": "spark", **env}, path)


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: None)
    with pytest.raises(
        EngineError, match=r"COSTOPS_ENGINE=spark needs more packages: pip install 'llm-cost-ops\[spark\]'"
    ):
        started(home(tmp_path))


def test_a_missing_java_is_named_where_this_process_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: object())
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing_for_spark(home(tmp_path)) == "needs Java 17 or newer (a JRE): install it, or name it in JAVA_HOME"
    assert missing_for_spark(home(tmp_path, COSTOPS_SPARK_THRIFT="127.0.0.1:10000")) is None


@pytest.mark.parametrize("name", ["it's", "100%", "back\\slash"])
def test_a_folder_that_no_statement_can_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(spark, "missing_for_spark", lambda settings: None)
    with pytest.raises(EngineError, match=r"COSTOPS_SPARK_DIR is .*: a folder whose name has no quote"):
        started(home(tmp_path, COSTOPS_SPARK_DIR=str(tmp_path / name)))


def test_an_address_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="COSTOPS_SPARK_THRIFT is 'somewhere': write host:port"):
        home(tmp_path, COSTOPS_SPARK_THRIFT="somewhere")
    with pytest.raises(ValueError, match="COSTOPS_ENGINE is 'snowflake': write duckdb or spark"):
        home(tmp_path, COSTOPS_ENGINE="snowflake")


def test_a_server_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyhive")
    monkeypatch.setattr(spark, "missing_for_spark", lambda settings: None)
    with pytest.raises(EngineError, match=r"COSTOPS_SPARK_THRIFT: no Thrift server answers at 127\.0\.0\.1:9 "):
        started(home(tmp_path, COSTOPS_SPARK_THRIFT="127.0.0.1:9"))


def test_where_it_works_is_said(tmp_path: Path) -> None:
    assert where_spark_is(home(tmp_path)) == f"this process, local[*]; files in {tmp_path / 'spark'}"
    assert where_spark_is(home(tmp_path, COSTOPS_SPARK_THRIFT="h:1")).startswith("Thrift server h:1; files in ")


class TTransportException(Exception):
    """As Thrift's own is called."""


class _Gone:
    """A connection to a server that ended."""

    def cursor(self) -> _Gone:
        raise TTransportException("TSocket read 0 bytes")


def test_a_server_that_ends_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    server = object.__new__(ThriftSpark)
    monkeypatch.setattr(server, "_connection", _Gone(), raising=False)
    monkeypatch.setattr(server, "_address", "localhost:10000", raising=False)
    with pytest.raises(EngineError, match=r"localhost:10000 ended while it was asked.*Start it, then costops run"):
        server.run("select 1")
