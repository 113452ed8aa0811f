"""The sources as a run sees them: whether each is on, how each is landed. Which exist says `ingestion.catalog`.

Put here: what a run asks of any source. Keep out: how a source works, lists of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from ingestion.catalog import CATALOG
from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing.model import LandingReport
from ingestion.landing.noting import keep_run_notes
from ingestion.vocabulary.spec import SourceSpec
from orchestration.running.addresses import without_credential

Land = Callable[..., LandingReport]
"""`land(settings, *, now, progress=None)`; API sources also take `from_date`, `to_date` and `force`."""


@dataclass(frozen=True)
class Source:
    """A source of raw data, by its spec."""

    spec: SourceSpec

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name

    @property
    def purpose(self) -> str:
        """What it brings, in words."""
        return self.spec.purpose

    @property
    def switch(self) -> str | None:
        """The variable that turns it on, None where it is always on."""
        return self.spec.switch

    @property
    def is_api(self) -> bool:
        """Whether it asks a provider."""
        return self.spec.is_api

    @property
    def sub_folder(self) -> str:
        """Below the drop folder of `switch`, where the files usually lie of a source that shares it."""
        return self.spec.sub_folder

    @property
    def dataset(self) -> str:
        """The raw schema it lands in."""
        return self.spec.dataset

    @property
    def land(self) -> Land:
        """The landing function, imported at first use; what it noticed is kept in `raw_landing.notes`."""
        land = import_module(self.spec.module).land

        def land_and_keep(settings: Settings, *, now: datetime, **options: Any) -> LandingReport:
            report: LandingReport = land(settings, now=now, **options)
            keep_run_notes(settings, self.name, self.dataset, report, now)
            return report

        return land_and_keep

    def folder(self, settings: Settings) -> Path | None:
        """The drop folder, where the source reads one."""
        name = next((name for name, variable in DROP_FOLDERS.items() if variable == self.switch), None)
        return getattr(settings, f"{name}_dir") / self.sub_folder if name else None

    def address(self, settings: Settings) -> str | None:
        """The host that an API source asks."""
        url = getattr(settings.api, self.spec.address) if self.spec.address else None
        return without_credential(url) if url else None

    def off_reason(self, settings: Settings) -> str | None:
        """Why the source has nothing to read, or None when it is on. Never says the value of a secret."""
        if self.is_api:
            return self.spec.missing(settings.api)
        if (
            self.name == "events"
            and settings.reads_local
            and any(place.is_dir() for _, place in settings.agent_folders)
        ):
            return None
        folder = self.folder(settings)
        if folder is None:
            return None
        has_files = folder.exists() and any(path.is_file() for path in folder.rglob("*"))
        if not has_files and self.sub_folder and folder.parent.exists():
            return f"nothing is in {folder}; exports elsewhere in {folder.parent} are read too"
        if not folder.exists():
            return f"{folder} does not exist; set {self.switch} to a folder with files"
        if not has_files:
            return f"{folder} is empty; drop files there or set {self.switch}"
        return None


SOURCES: tuple[Source, ...] = tuple(Source(spec) for spec in CATALOG)
API_SOURCES: dict[str, Source] = {source.name: source for source in SOURCES if source.is_api}
