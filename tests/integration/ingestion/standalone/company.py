"""A small company whose providers and files every source alone is run against, and what landing makes of the same.

Put here: how each source is called alone and landed. Keep out: assertions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from ingestion.config import Settings
from ingestion.demo.company import generate
from ingestion.demo.providers import Options, Urls, running_simulator
from ingestion.sources.ledger import lines
from ingestion.sources.ledger.records import LINES, csv_bytes, write_record
from ingestion.vocabulary.raw_types import DATE, TEXT
from tests.support.http_stub import Answer, serving

NOW = datetime(2026, 8, 3, 12)  # noqa: DTZ001
START = date(2026, 7, 27)
PROVIDERS = ("openai", "anthropic", "groq", "openrouter", "azure", "aws", "prometheus")
FOLDERS = ("events", "billing", "gpu", "org", "gcp", "ledger")
QUICK = {"max_attempts": 3, "retry_base_seconds": 0.001, "requests_per_minute": 60000.0}
ACTIVITY = [
    {"date": "2026-08-01", "model": "m", "endpoint_id": "e", "workspace_id": "w", "usage": 0.1, "requests": 2,
     "prompt_tokens": 10, "completion_tokens": 3},
]  # fmt: skip
GCP_EXPORT = """billing_account_id,service.id,service.description,sku.id,sku.description,usage_start_time,\
usage_end_time,project.id,cost,currency,invoice.month,cost_type
0A-1,S1,Vertex AI,K1,Gemini input,2026-07-30T00:00:00Z,2026-07-31T00:00:00Z,p1,1.25,USD,202607,regular
0A-1,S1,Vertex AI,K2,Gemini output,2026-07-31T00:00:00Z,2026-08-01T00:00:00Z,p1,2.50,USD,202607,regular
"""


CLOSED = [lines.CLOSED_LINES[name] for name in lines.COLUMNS]


@dataclass
class House:
    """The providers' addresses and the drop folders."""

    urls: Urls
    prometheus: str
    drop: Path

    def settings(self, home: Path) -> Settings:
        """A home that lands all of it."""
        env = self.urls.environment() | {"PROMETHEUS_URL": self.prometheus, "COSTOPS_AWS_MAX_REQUESTS": "1000"}
        names = {"events": "EVENTS", "billing": "BILLING", "gpu": "GPU", "org": "ORG"}
        env |= {f"COSTOPS_{variable}_DIR": str(self.drop / name) for name, variable in names.items()}
        found = Settings.from_env(env, home=home)
        return replace(found, ledger_dir=self.drop / "ledger", api=found.api.with_changes(backfill_from=START, **QUICK))

    def alone(self, name: str, **more: Any) -> Any:
        """A source alone."""
        function = getattr(import_module(f"ingestion.sources.{name}.source"), f"{name}_source")
        if name in FOLDERS:
            return function(str(self.drop / ("billing/gcp" if name == "gcp" else name)), **more)
        return function(**(self._arguments(name) | {"start_date": START, "as_of": NOW, "options": QUICK} | more))

    def _arguments(self, name: str) -> dict[str, Any]:
        if name == "prometheus":
            return {"url": self.prometheus}
        env, keys = self.urls.environment(), self.urls.simulator.keys
        given: dict[str, dict[str, Any]] = {
            "openai": {"admin_key": keys.openai_admin_key, "base_url": env["OPENAI_BASE_URL"]},
            "anthropic": {"admin_key": keys.anthropic_admin_key, "base_url": env["ANTHROPIC_BASE_URL"]},
            "groq": {"api_key": keys.groq_api_key, "base_url": env["GROQ_BASE_URL"]},
            "openrouter": {"api_key": keys.openrouter_api_key, "base_url": env["OPENROUTER_BASE_URL"]},
            "aws": {
                "access_key_id": keys.aws_access_key_id,
                "secret_access_key": keys.aws_secret_access_key,
                "cost_explorer_url": env["AWS_ENDPOINT_URL_COST_EXPLORER"],
                "max_requests": 1000,
                "cost_tags": tuple(filter(None, env.get("AWS_COST_TAGS", "").split(","))) or None,
            },
            "azure": {
                "tenant_id": keys.azure_tenant_id,
                "client_id": keys.azure_client_id,
                "client_secret": keys.azure_client_secret,
                "cost_scopes": tuple(filter(None, env.get("AZURE_COST_SCOPES", "").split(","))) or None,
                "openai_resource_ids": tuple(filter(None, env.get("AZURE_OPENAI_RESOURCE_IDS", "").split(","))) or None,
                "authority_url": env["AZURE_AUTHORITY_HOST"],
                "management_url": env["AZURE_MANAGEMENT_URL"],
            },
        }
        return given[name]

    def land(self, name: str, home: Path, **more: Any) -> None:
        """The same source landed into a home's warehouse."""
        land: Callable[..., Any] = import_module(f"ingestion.sources.{name}.pipeline").land
        land(self.settings(home), now=NOW.replace(tzinfo=UTC), **more)


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """The company's files below `folder` and its providers on loopback."""
    truth = generate(folder, last_date=date(2026, 8, 1), days=14, scale=0.02)
    export = folder / "billing" / "gcp" / "export.csv"
    export.parent.mkdir(parents=True)
    export.write_text(GCP_EXPORT)
    line = ["2026-06" if kind == TEXT else "2026-06-01" if kind == DATE else "7" for kind in CLOSED]
    write_record(folder / "ledger", "close", "2026-06", {LINES: csv_bytes(lines.COLUMNS, [line, line])}, {})
    options = Options(openrouter_activity=ACTIVITY)
    with running_simulator(truth, now=NOW, options=options) as urls, serving(prometheus) as stub:
        yield House(urls, stub.url, folder)


def prometheus(asked: Any) -> Answer:
    """A GPU of one node, busy for an hour of each day; nothing else."""
    query = asked.query.get("query", "")
    first, last, step = (int(float(asked.query.get(name, 60))) for name in ("start", "end", "step"))
    if "DCGM_FI_DEV_GPU_UTIL" not in query:
        return Answer({"status": "success", "data": {"resultType": "matrix", "result": []}})
    labels = {"__name__": "DCGM_FI_DEV_GPU_UTIL", "Hostname": "n1", "UUID": "GPU-a", "modelName": "NVIDIA H100"}
    values = [[at, "50"] for at in range(first, last + 1, step) if at % 86_400 < 3_600]
    if not values:
        return Answer({"status": "success", "data": {"resultType": "matrix", "result": []}})
    result = [{"metric": labels | {"instance": "10.0.0.1:9400"}, "values": values}]
    return Answer({"status": "success", "data": {"resultType": "matrix", "result": result}})
