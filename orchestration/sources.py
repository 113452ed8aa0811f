"""The registry of sources: which exist, what switches each on, how each is landed.

Put here: one line per source. Keep out: how a source works.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol

from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing.model import LandingReport


class Land(Protocol):
    """Lands one source and reports what it did."""

    def __call__(
        self, settings: Settings, *, now: datetime, progress: Callable[[str], None] | None = None
    ) -> LandingReport: ...


@dataclass(frozen=True)
class Source:
    """A source of raw data; `switch` is the variable that turns it on, None where it is always on."""

    name: str
    module: str
    switch: str | None
    purpose: str

    @property
    def land(self) -> Land:
        """The landing function, imported at first use."""
        return import_module(self.module).land

    def folder(self, settings: Settings) -> Path | None:
        """The drop folder, where the source reads one."""
        return getattr(settings, f"{self.name}_dir", None)

    def off_reason(self, settings: Settings) -> str | None:
        """Why the source has nothing to read, or None when it is on."""
        folder = self.folder(settings)
        if folder is None:
            return None
        if not folder.exists():
            return f"{folder} does not exist; set {self.switch} to a folder with files"
        if not any(path.is_file() for path in folder.rglob("*")):
            return f"{folder} is empty; drop files there or set {self.switch}"
        return None


SOURCES: tuple[Source, ...] = (
    Source("events", "ingestion.sources.events", DROP_FOLDERS["events"], "usage events of applications and gateways"),
    Source("billing", "ingestion.sources.billing", DROP_FOLDERS["billing"], "billing exports"),
    Source("org", "ingestion.sources.org", DROP_FOLDERS["org"], "teams, projects, cost centres, ownership, budgets"),
    Source("gpu", "ingestion.sources.gpu", DROP_FOLDERS["gpu"], "GPU telemetry logs"),
    Source("prices", "ingestion.sources.prices", None, "public model prices"),
)
