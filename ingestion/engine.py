"""Which engine builds the dbt project, and how it is set up.

Put here: its settings. Keep out: starting it (`orchestration.warehouse.engines`), other settings (`config`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingestion.vocabulary.settings import choice, host_and_port, memory

DUCKDB, SPARK = "duckdb", "spark"


@dataclass(frozen=True)
class Engine:
    """`duckdb`, or `spark` (`docs/scaling.md`)."""

    name: str = DUCKDB
    duckdb_memory: str | None = None
    """What a DuckDB database holds in memory (`4GB`), before it goes to disk; None for its own 80 % of the machine."""
    master: str = "local[*]"
    """Where Spark's session of this process works."""
    memory: str = "4g"
    """Memory of that session's driver, as Java writes it."""
    thrift: str | None = None
    """`host:port` of a Thrift server that builds instead of a session of this process."""
    folder: Path = Path("spark")
    """Files of Spark's tables; with a Thrift server, a folder that it and its workers see under the same name."""

    @classmethod
    def from_env(cls, env: Mapping[str, str], home: Path) -> Engine:
        """The engine of a home from variables; an unreadable one is an error that names it."""
        return cls(
            name=choice("COSTOPS_ENGINE", env.get("COSTOPS_ENGINE") or DUCKDB, DUCKDB, SPARK),
            duckdb_memory=memory("COSTOPS_DUCKDB_MEMORY", env.get("COSTOPS_DUCKDB_MEMORY") or ""),
            master=env.get("COSTOPS_SPARK_MASTER") or cls.master,
            memory=env.get("COSTOPS_SPARK_MEMORY") or cls.memory,
            thrift=host_and_port("COSTOPS_SPARK_THRIFT", env.get("COSTOPS_SPARK_THRIFT") or ""),
            folder=Path(env.get("COSTOPS_SPARK_DIR") or home / "spark").expanduser().resolve(),
        )
