"""The only module that reads the environment: where things lie and which sources are on.

Put here: settings and their defaults. Keep out: everything that acts on them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import available_timezones

from dotenv import dotenv_values

from ingestion.agent_folders import AGENTS, Places, agent_folders
from ingestion.currencies import CURRENCY_CODES
from ingestion.limits import Limits

DROP_FOLDERS = {
    "events": "COSTOPS_EVENTS_DIR",
    "billing": "COSTOPS_BILLING_DIR",
    "gpu": "COSTOPS_GPU_DIR",
    "org": "COSTOPS_ORG_DIR",
}
NAMES_OF_UTC = frozenset({"UTC", "Etc/UTC", "UCT", "Etc/UCT", "Universal", "Etc/Universal", "Zulu", "Etc/Zulu"})
NO_PLACES = frozenset({"localtime", "Factory", "posixrules"})
"""Files of a time zone database that are no zone of their own."""


@dataclass(frozen=True)
class ApiSettings:
    """Credentials and addresses of provider APIs; what is None switches its source off. `repr` shows no secret."""

    openai_admin_key: str | None = field(default=None, repr=False)
    openai_base_url: str = "https://api.openai.com/v1"
    openai_extra_usage_reports: tuple[str, ...] = ()
    anthropic_admin_key: str | None = field(default=None, repr=False)
    anthropic_base_url: str = "https://api.anthropic.com"
    groq_api_key: str | None = field(default=None, repr=False)
    groq_base_url: str = "https://api.groq.com/v1/metrics/prometheus"
    openrouter_api_key: str | None = field(default=None, repr=False)
    openrouter_base_url: str = "https://openrouter.ai/api/v1"
    azure_tenant_id: str | None = None
    azure_client_id: str | None = None
    azure_client_secret: str | None = field(default=None, repr=False)
    azure_access_token: str | None = field(default=None, repr=False)
    azure_subscription_id: str | None = None
    azure_cost_scopes: tuple[str, ...] = ()
    azure_cost_services: tuple[str, ...] = ()
    azure_cost_tags: tuple[str, ...] = ()
    azure_openai_resource_ids: tuple[str, ...] = ()
    azure_authority_url: str = "https://login.microsoftonline.com"
    azure_management_url: str = "https://management.azure.com"
    aws_access_key_id: str | None = field(default=None, repr=False)
    aws_secret_access_key: str | None = field(default=None, repr=False)
    aws_session_token: str | None = field(default=None, repr=False)
    aws_profile: str | None = None
    aws_region: str = "us-east-1"
    aws_cost_explorer_url: str | None = None
    aws_cost_tags: tuple[str, ...] = ()
    aws_max_requests: int = 100
    aws_max_accounts: int = 20
    backfill_from: date = date(2026, 1, 1)
    max_attempts: int = 8
    retry_base_seconds: float = 0.5
    retry_max_seconds: float = 60.0
    timeout_seconds: float = 120.0
    request_seconds: float = 600.0
    pull_seconds: float = 21_600.0
    answer_bytes: int = 64 << 20
    max_pages: int = 10_000
    requests_per_minute: float | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> ApiSettings:
        """Settings from variables; an empty one counts as not set, an unreadable one is an error that names it."""
        found: dict[str, object] = {}
        for name, (variable, read) in API_VARIABLES.items():
            text = (env.get(variable) or "").strip()
            if text:
                try:
                    found[name] = read(text)
                except ValueError:
                    raise ValueError(f"{variable} cannot be read: {READERS[read]} is expected") from None
        return cls(**found)  # type: ignore[arg-type]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


READERS: dict[Callable[[str], object], str] = {
    str: "text",
    _words: "a list with commas",
    date.fromisoformat: "a date like 2026-01-31",
    int: "a whole number",
    float: "a number",
}
API_VARIABLES: dict[str, tuple[str, Callable[[str], object]]] = {
    "openai_admin_key": ("OPENAI_ADMIN_KEY", str),
    "openai_base_url": ("OPENAI_BASE_URL", str),
    "openai_extra_usage_reports": ("OPENAI_EXTRA_USAGE_REPORTS", _words),
    "anthropic_admin_key": ("ANTHROPIC_ADMIN_KEY", str),
    "anthropic_base_url": ("ANTHROPIC_BASE_URL", str),
    "groq_api_key": ("GROQ_API_KEY", str),
    "groq_base_url": ("GROQ_BASE_URL", str),
    "openrouter_api_key": ("OPENROUTER_API_KEY", str),
    "openrouter_base_url": ("OPENROUTER_BASE_URL", str),
    "azure_tenant_id": ("AZURE_TENANT_ID", str),
    "azure_client_id": ("AZURE_CLIENT_ID", str),
    "azure_client_secret": ("AZURE_CLIENT_SECRET", str),
    "azure_access_token": ("AZURE_ACCESS_TOKEN", str),
    "azure_subscription_id": ("AZURE_SUBSCRIPTION_ID", str),
    "azure_cost_scopes": ("AZURE_COST_SCOPES", _words),
    "azure_cost_services": ("AZURE_COST_SERVICES", _words),
    "azure_cost_tags": ("AZURE_COST_TAGS", _words),
    "azure_openai_resource_ids": ("AZURE_OPENAI_RESOURCE_IDS", _words),
    "azure_authority_url": ("AZURE_AUTHORITY_HOST", str),
    "azure_management_url": ("AZURE_MANAGEMENT_URL", str),
    "aws_access_key_id": ("AWS_ACCESS_KEY_ID", str),
    "aws_secret_access_key": ("AWS_SECRET_ACCESS_KEY", str),
    "aws_session_token": ("AWS_SESSION_TOKEN", str),
    "aws_profile": ("AWS_PROFILE", str),
    "aws_region": ("AWS_REGION", str),
    "aws_cost_explorer_url": ("AWS_ENDPOINT_URL_COST_EXPLORER", str),
    "aws_cost_tags": ("AWS_COST_TAGS", _words),
    "aws_max_requests": ("COSTOPS_AWS_MAX_REQUESTS", int),
    "aws_max_accounts": ("COSTOPS_AWS_MAX_ACCOUNTS", int),
    "backfill_from": ("COSTOPS_BACKFILL_FROM", date.fromisoformat),
    "max_attempts": ("COSTOPS_API_MAX_ATTEMPTS", int),
    "retry_base_seconds": ("COSTOPS_API_RETRY_BASE_SECONDS", float),
    "retry_max_seconds": ("COSTOPS_API_RETRY_MAX_SECONDS", float),
    "timeout_seconds": ("COSTOPS_API_TIMEOUT_SECONDS", float),
    "request_seconds": ("COSTOPS_API_MAX_REQUEST_SECONDS", float),
    "pull_seconds": ("COSTOPS_API_MAX_PULL_SECONDS", float),
    "answer_bytes": ("COSTOPS_API_MAX_ANSWER_BYTES", int),
    "max_pages": ("COSTOPS_API_MAX_PAGES", int),
    "requests_per_minute": ("COSTOPS_API_REQUESTS_PER_MINUTE", float),
}
"""The variable of each setting and how its text is read."""


def _currency(text: str) -> str:
    code = text.strip().upper()
    if code not in CURRENCY_CODES:
        raise ValueError("COSTOPS_REPORTING_CURRENCY cannot be read: an ISO 4217 code like EUR is expected")
    return code


def _allocation_basis(text: str) -> str:
    basis = text.strip().lower()
    if basis not in ("billed", "effective"):
        raise ValueError(f"COSTOPS_ALLOCATION_BASIS is {text!r}: write billed or effective")
    return basis


def _time_zone(text: str) -> str:
    name = text.strip()
    if name in NAMES_OF_UTC:
        return "UTC"
    known = available_timezones() - NO_PLACES
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(
            "COSTOPS_REPORTING_TIME_ZONE cannot be read: an IANA name like Europe/Berlin is expected" + hint
        )
    return name


def _drop_folders(text: str) -> frozenset[str]:
    names = {name.strip().lower() for name in text.split(",") if name.strip()}
    unknown = sorted(names - DROP_FOLDERS.keys())
    if unknown:
        raise ValueError(
            f"COSTOPS_KEEP_REMOVED cannot be read: {unknown[0]!r} is no drop folder; "
            f"expected some of {', '.join(DROP_FOLDERS)}, joined by commas"
        )
    return frozenset(DROP_FOLDERS[name] for name in names)


def _flag(name: str, env: Mapping[str, str]) -> bool:
    text = (env.get(name) or "").strip().lower()
    if text not in ("", "0", "1", "false", "true", "no", "yes"):
        raise ValueError(f"{name} cannot be read: 1 or 0 is expected")
    return text in ("1", "true", "yes")


def _plan_covered(text: str) -> tuple[str, ...]:
    paths = tuple(word.strip("/") for word in _words(text))
    unknown = next((path for path in paths if path.split("/")[0] not in AGENTS), None)
    if unknown is not None:
        raise ValueError(
            f"COSTOPS_PLAN_COVERED cannot be read: {unknown!r} is no folder of sessions; "
            f"expected {' or '.join(AGENTS)}, or a folder below (claude_code/anna), joined by commas"
        )
    return paths


def _mode(text: str) -> int:
    digits = text.strip().removeprefix("0o")
    if not re.fullmatch(r"0?7[0-7]{2}", digits):
        raise ValueError("COSTOPS_HOME_MODE cannot be read: rights like 0700 or 0750 are expected, all for the user")
    return int(digits, 8)


@dataclass(frozen=True)
class Settings:
    """Where a home and its drop folders lie. Build one with `Settings.from_env`."""

    home: Path
    events_dir: Path
    billing_dir: Path
    gpu_dir: Path
    org_dir: Path
    prices_dir: Path = Path("drop/prices")
    """Dated price files from before the public list knows prices."""
    ledger_dir: Path = Path("ledger")
    """Closed months: records that outlive the warehouse."""
    alert_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What channels of alerts are configured with: every variable of theirs that is set; each is a secret."""
    publish_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What targets of publication are configured with, likewise."""
    reporting_time_zone: str = "UTC"
    """Whose days metered usage is summed to; an IANA name."""
    reporting_currency: str = "USD"
    allocation_basis: str = "billed"
    """Which cost of a bill owners carry: `billed`, or `effective` (amortised)."""
    billing_url: str | None = field(default=None, repr=False)
    """Where the billing folder lies when it is remote; `billing_dir` is then its local mirror."""
    api: ApiSettings = field(default_factory=ApiSettings)
    home_mode: int = 0o700
    """Rights of the home's folders; files get the same without the right to execute."""
    ui_hosts: tuple[str, ...] = ()
    """Names, beside those of this machine, under which the web interface answers (behind a proxy)."""
    limits: Limits = field(default_factory=Limits)
    """What one file may cost to read."""
    keep_removed: frozenset[str] = frozenset()
    """Variables of the drop folders whose removed files keep their rows."""
    agent_folders: Places = ()
    """Where coding agents keep the sessions of the person who runs this."""
    reads_local: bool = False
    """Whether a run reads `agent_folders` in place."""
    plan_covered: tuple[str, ...] = ()
    """Paths below the events folder whose calls a flat subscription covers: of list value, and no spend."""

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

        billing = env.get(DROP_FOLDERS["billing"]) or ""
        is_remote = "://" in billing
        person = env.get("HOME") or env.get("USERPROFILE")
        return cls(
            home=root,
            events_dir=folder("events"),
            billing_dir=root / "mirror" / "billing" if is_remote else folder("billing"),
            billing_url=billing if is_remote else None,
            gpu_dir=folder("gpu"),
            org_dir=folder("org"),
            prices_dir=Path(env.get("COSTOPS_PRICES_DIR") or root / "drop" / "prices").expanduser().resolve(),
            ledger_dir=Path(env.get("COSTOPS_LEDGER_DIR") or root / "ledger").expanduser().resolve(),
            alert_variables=_starting_with("COSTOPS_ALERT_", env),
            publish_variables=_starting_with("COSTOPS_PUBLISH_", env),
            reporting_time_zone=_time_zone(env.get("COSTOPS_REPORTING_TIME_ZONE") or "UTC"),
            reporting_currency=_currency(env.get("COSTOPS_REPORTING_CURRENCY") or "USD"),
            allocation_basis=_allocation_basis(env.get("COSTOPS_ALLOCATION_BASIS") or "billed"),
            api=ApiSettings.from_env(env),
            home_mode=_mode(env.get("COSTOPS_HOME_MODE") or "0700"),
            ui_hosts=_words(env.get("COSTOPS_UI_HOSTS") or ""),
            limits=Limits.from_env(env),
            keep_removed=_drop_folders(env.get("COSTOPS_KEEP_REMOVED") or ""),
            agent_folders=agent_folders(Path(person), env) if person else (),
            reads_local=_flag("COSTOPS_LOCAL_SESSIONS", env),
            plan_covered=_plan_covered(env.get("COSTOPS_PLAN_COVERED") or ""),
        )

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file that only one process at a time may write."""
        return self.home / "warehouse.duckdb"

    @property
    def state_dir(self) -> Path:
        """What no source can give again, kept outside the warehouse (`ingestion.landing.keeping`)."""
        return self.home / "state"

    @property
    def spool_dir(self) -> Path:
        """What provider APIs said, one folder per source, one file per endpoint and day."""
        return self.home / "spool"

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


def _starting_with(prefix: str, env: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in env.items() if name.startswith(prefix) and text}
