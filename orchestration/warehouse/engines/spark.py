"""Spark as the engine that builds: a session in this process, or a Thrift server somewhere else.

Put here: starting it, asking it, how it is set up. Keep out: what lies in its files (`given`, `tables`).
"""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from ingestion.config import Settings

TARGET, THRIFT_TARGET = "spark", "spark_thrift"
"""Outputs of profiles.yml."""
CONFIGURATION = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    # A table's days are its folders. Kept in a catalog, a table that the next session is told of has none.
    "spark.sql.hive.manageFilesourcePartitions": "false",
    "spark.sql.legacy.allowNonEmptyLocationInCTAS": "true",
    # Where tables without rows leave nothing of a deep plan, Spark's description of it for its own log never ends.
    "spark.sql.adaptive.optimizer.excludedRules": "org.apache.spark.sql.execution.adaptive.AQEPropagateEmptyRelation",
    "spark.sql.codegen.factoryMode": "CODEGEN_ONLY",
    "spark.sql.codegen.hugeMethodLimit": "65535",
}
"""What results and files depend on. A Thrift server is given the same for each session."""
OF_A_SESSION = {f"set:hiveconf:{name}": value for name, value in CONFIGURATION.items()}
"""As a Thrift server takes it: without this prefix, settings are for Hive, and Spark hears nothing of them."""
_LOGGING = """rootLogger.level = error
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{HH:mm:ss}} %p %c{{1}}: %m%n
"""


class EngineError(RuntimeError):
    """The engine that is asked for cannot be had: with what is missing and the remedy."""


class Spark(Protocol):
    """An engine that answers statements."""

    target: str
    declared: dict[str, str]
    """Where the files lie of each table (`schema.table`) that this process has made known to the engine."""

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        ...


_started: dict[str, Spark] = {}


def started(settings: Settings) -> Spark:
    """The engine of this process, started once.

    Raises:
        EngineError: a package, Java or the server is missing.
    """
    key = settings.engine.thrift or str(settings.home)
    if key not in _started:
        if missing := missing_for_spark(settings):
            raise EngineError(f"COSTOPS_ENGINE=spark {missing}")
        if set("'\\%") & set(str(settings.engine.folder)):
            words = "a folder whose name has no quote, backslash or percent sign is needed"
            raise EngineError(f"COSTOPS_SPARK_DIR is {settings.engine.folder}: {words}")
        _started.clear()
        _started[key] = ThriftSpark(settings.engine.thrift) if settings.engine.thrift else SessionSpark(settings)
    return _started[key]


def missing_for_spark(settings: Settings) -> str | None:
    """What Spark lacks on this machine, with the remedy."""
    if find_spec("pyspark") is None or find_spec("dbt.adapters.spark") is None:
        return "needs more packages: pip install 'llm-cost-ops[spark]'"
    if not settings.engine.thrift and not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        return "needs Java 17 or newer (a JRE): install it, or name it in JAVA_HOME"
    return None


def where_spark_is(settings: Settings) -> str:
    """Where it works, in words, and where its files lie."""
    engine = settings.engine
    place = f"Thrift server {engine.thrift}" if engine.thrift else f"this process, {engine.master}"
    return f"{place}; files in {engine.folder}"


class SessionSpark:
    """A session in this process: for one machine, and for tests."""

    target = TARGET

    def __init__(self, settings: Settings) -> None:
        folder = settings.engine.folder
        for each in ("local", "warehouse"):
            (folder / each).mkdir(parents=True, exist_ok=True)
        log4j = folder / "log4j2.properties"
        log4j.write_text(_LOGGING.format(log=folder / "spark.log"))
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
        try:
            with _stderr_in(folder / "spark.log"), warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                from pyspark.sql import SparkSession

                builder = SparkSession.builder.master(settings.engine.master).appName("llm-cost-ops")
                for name, value in (CONFIGURATION | _of_this_machine(settings, log4j)).items():
                    builder = builder.config(name, value)
                self._session = builder.getOrCreate()
        except Exception as error:
            raise EngineError(f"Spark cannot be started: {error}. {folder / 'spark.log'} may say more") from error
        self.declared: dict[str, str] = {}
        keep_ansi()

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        return [tuple(row) for row in self._session.sql(statement).collect()]

    def stop(self) -> None:
        """End the session; the next run of this process starts another."""
        self._session.stop()
        _started.clear()


GONE = "TTransportException"
"""What Thrift raises where nobody is at the other end any more."""


class ThriftSpark:
    """A Thrift server of Spark, which this process and every worker share their files with."""

    target = THRIFT_TARGET

    def __init__(self, address: str) -> None:
        from pyhive import hive

        host, _, port = address.rpartition(":")
        os.environ["COSTOPS_SPARK_HOST"], os.environ["COSTOPS_SPARK_PORT"] = host, port
        try:
            self._connection = hive.connect(host=host, port=int(port), username="costops", configuration=OF_A_SESSION)
        except Exception as error:
            raise EngineError(f"COSTOPS_SPARK_THRIFT: no Thrift server answers at {address} ({error})") from error
        self._address = address
        self.declared: dict[str, str] = {}
        keep_ansi()

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement.

        Raises:
            EngineError: the server is gone.
        """
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
                return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        except Exception as error:
            if type(error).__name__ != GONE:
                raise
            raise EngineError(
                f"COSTOPS_SPARK_THRIFT: the Thrift server at {self._address} ended while it was asked ({error}). Start "
                "it, then costops run; what it had built before is kept"
            ) from error


def _of_this_machine(settings: Settings, log4j: Path) -> dict[str, str]:
    """What a session in this process needs: loopback only, no web page, no more shuffles than there are cores."""
    cores = os.cpu_count() or 2
    return {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": settings.engine.memory,
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:ReservedCodeCacheSize=512m "
        f"-Dlog4j2.configurationFile=file:{log4j}",
        "spark.local.dir": str(settings.engine.folder / "local"),
        "spark.sql.warehouse.dir": str(settings.engine.folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


@contextmanager
def _stderr_in(log: Path) -> Iterator[None]:
    """What a process that is started meanwhile says on its standard error goes to a file."""
    kept = os.dup(2)
    with open(log, "ab") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def keep_ansi() -> None:
    """dbt-spark turns ANSI off for its session: an overflow would be NULL, and a small decimal written as 9.2E-7."""
    from dbt.adapters.spark.connections import SparkCredentials

    kind: Any = SparkCredentials
    if getattr(kind, "keeps_ansi", False):
        return
    before = kind.__post_init__

    def keeping(self: Any) -> None:
        before(self)
        self.server_side_parameters |= OF_A_SESSION if self.method == "thrift" else {"spark.sql.ansi.enabled": "true"}

    kind.__post_init__ = keeping
    kind.keeps_ansi = True
