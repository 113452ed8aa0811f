"""The registry of sources: which exist, what switches each on, how each is landed.

Put here: one line per source. Keep out: how a source works.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing.model import LandingReport
from ingestion.landing.noting import keep_run_notes
from orchestration.running.addresses import without_credential

Land = Callable[..., LandingReport]
"""`land(settings, *, now, progress=None)`; API sources also take `from_date`, `to_date` and `force`."""


@dataclass(frozen=True)
class Source:
    """A source of raw data; `switch` is the variable that turns it on, None where it is always on."""

    name: str
    module: str
    switch: str | None
    purpose: str
    is_api: bool = False
    sub_folder: str = ""
    """Below the drop folder of `switch`, for a source that shares it."""

    @property
    def dataset(self) -> str:
        """The raw schema it lands in."""
        return f"raw_{self.name}"

    @property
    def land(self) -> Land:
        """The landing function, imported at first use; what it noticed is kept in `raw_landing.notes`."""
        land = import_module(self.module).land

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
        url = getattr(settings.api, _ADDRESSES.get(self.name, ""), None) if self.is_api else None
        return without_credential(url) if url else None

    def off_reason(self, settings: Settings) -> str | None:
        """Why the source has nothing to read, or None when it is on. Never says the value of a secret."""
        if self.is_api:
            return _api_off_reason(self, settings)
        if (
            self.name == "events"
            and settings.reads_local
            and any(place.is_dir() for _, place in settings.agent_folders)
        ):
            return None
        folder = self.folder(settings)
        if folder is None:
            return None
        if not folder.exists():
            return f"{folder} does not exist; set {self.switch} to a folder with files"
        if not any(path.is_file() for path in folder.rglob("*")):
            return f"{folder} is empty; drop files there or set {self.switch}"
        return None


_ADDRESSES = {
    "openai": "openai_base_url",
    "anthropic": "anthropic_base_url",
    "groq": "groq_base_url",
    "openrouter": "openrouter_base_url",
    "azure": "azure_management_url",
    "aws": "aws_cost_explorer_url",
}
_CREDENTIALS = {
    "openai": "openai_admin_key",
    "anthropic": "anthropic_admin_key",
    "groq": "groq_api_key",
    "openrouter": "openrouter_api_key",
}


def _api_off_reason(source: Source, settings: Settings) -> str | None:
    if source.name == "azure":
        from ingestion.sources.azure.access import missing_variables

        missing = missing_variables(settings.api)
        return f"{', '.join(missing)} not set" if missing else None
    if source.name == "aws":
        from ingestion.sources.aws.explorer import missing as missing_of_aws

        return missing_of_aws(settings.api)
    return None if getattr(settings.api, _CREDENTIALS[source.name]) else f"{source.switch} is not set"


def _api(name: str, switch: str, purpose: str) -> Source:
    return Source(name, f"ingestion.sources.{name}", switch, purpose, is_api=True)


SOURCES: tuple[Source, ...] = (
    Source("events", "ingestion.sources.events", DROP_FOLDERS["events"], "usage events of applications and gateways"),
    Source("billing", "ingestion.sources.billing", DROP_FOLDERS["billing"], "billing exports"),
    Source(
        "gcp", "ingestion.sources.gcp", DROP_FOLDERS["billing"], "Google Cloud billing export files", sub_folder="gcp"
    ),
    Source("org", "ingestion.sources.org", DROP_FOLDERS["org"], "teams, projects, cost centres, ownership, budgets"),
    Source("gpu", "ingestion.sources.gpu", DROP_FOLDERS["gpu"], "GPU telemetry logs"),
    _api("openai", "OPENAI_ADMIN_KEY", "usage and costs that OpenAI reports"),
    _api("anthropic", "ANTHROPIC_ADMIN_KEY", "usage and costs that Anthropic reports"),
    _api("groq", "GROQ_API_KEY", "requests and tokens that Groq measures"),
    _api("openrouter", "OPENROUTER_API_KEY", "usage and costs that OpenRouter reports"),
    _api("azure", "AZURE_CLIENT_SECRET", "metrics of Azure OpenAI and cost of Azure"),
    _api("aws", "AWS_ACCESS_KEY_ID", "cost of AWS by Cost Explorer"),
    Source("ledger", "ingestion.sources.ledger", None, "statements of closed months"),
    Source("prices", "ingestion.sources.prices", None, "public model prices"),
)
API_SOURCES: dict[str, Source] = {source.name: source for source in SOURCES if source.is_api}
