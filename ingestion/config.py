"""The only module that reads the environment: where things lie and which sources are on.

Put here: settings and their defaults. Keep out: everything that acts on them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

DROP_FOLDERS = {
    "events": "COSTOPS_EVENTS_DIR",
    "billing": "COSTOPS_BILLING_DIR",
    "gpu": "COSTOPS_GPU_DIR",
    "org": "COSTOPS_ORG_DIR",
}


@dataclass(frozen=True)
class Settings:
    """Where a home and its drop folders lie. Build one with `Settings.from_env`."""

    home: Path
    events_dir: Path
    billing_dir: Path
    gpu_dir: Path
    org_dir: Path
    alert_webhook_url: str | None = None
    reporting_time_zone: str = "UTC"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, home: Path | None = None) -> Settings:
        """Settings from the environment and the `.env` of the working folder, which yields to the environment.

        `home` overrides `COSTOPS_HOME`; a given `env` is the whole environment and no `.env` is read.
        """
        if env is None:
            env = {name: value for name, value in dotenv_values(".env").items() if value} | dict(os.environ)
        root = Path(home or env.get("COSTOPS_HOME") or ".costops").expanduser().resolve()

        def folder(name: str) -> Path:
            given = env.get(DROP_FOLDERS[name])
            return Path(given).expanduser().resolve() if given else root / "drop" / name

        return cls(
            home=root,
            events_dir=folder("events"),
            billing_dir=folder("billing"),
            gpu_dir=folder("gpu"),
            org_dir=folder("org"),
            alert_webhook_url=env.get("COSTOPS_ALERT_WEBHOOK_URL") or None,
            reporting_time_zone=env.get("COSTOPS_REPORTING_TIME_ZONE") or "UTC",
        )

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file that only one process at a time may write."""
        return self.home / "warehouse.duckdb"

    @property
    def published_dir(self) -> Path:
        """What readers open: `marts.duckdb` and one Parquet file per mart."""
        return self.home / "published"

    @property
    def dlt_dir(self) -> Path:
        """dlt's working folder."""
        return self.home / "dlt"

    @property
    def dagster_dir(self) -> Path:
        """Dagster's home."""
        return self.home / "dagster"

    @property
    def dbt_dir(self) -> Path:
        """dbt's target and log folders."""
        return self.home / "dbt"
