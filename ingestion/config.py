"""The settings that variables give: where things lie and which sources are on.

Put here: settings and their defaults. Keep out: everything that acts on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ingestion.agent_folders import AGENTS, Places, agent_folders
from ingestion.catalog import CATALOG
from ingestion.engine import Engine
from ingestion.environment import Environment
from ingestion.limits import Limits
from ingestion.vocabulary.settings import (
    PUBLISHED_DATABASE,
    Setting,
    alarm_days,
    choice,
    count_above_zero,
    currency,
    flag,
    folder_or_address,
    number_above_zero,
    percent,
    rights,
    words,
)
from ingestion.vocabulary.time_zones import time_zone

DROP_FOLDERS = {
    "events": "COSTOPS_EVENTS_DIR",
    "billing": "COSTOPS_BILLING_DIR",
    "gpu": "COSTOPS_GPU_DIR",
    "org": "COSTOPS_ORG_DIR",
}

PSEUDONYMS, DELIVERED = "pseudonyms", "delivered"
"""What marts hold of people: a pseudonym for each id, or ids as they were delivered."""

COMMON_API_SETTINGS = (
    Setting("backfill_from", "COSTOPS_BACKFILL_FROM", date(2026, 1, 1), date.fromisoformat),
    Setting("max_attempts", "COSTOPS_API_MAX_ATTEMPTS", 8, count_above_zero),
    Setting("retry_base_seconds", "COSTOPS_API_RETRY_BASE_SECONDS", 0.5, number_above_zero),
    Setting("retry_max_seconds", "COSTOPS_API_RETRY_MAX_SECONDS", 60.0, number_above_zero),
    Setting("timeout_seconds", "COSTOPS_API_TIMEOUT_SECONDS", 120.0, number_above_zero),
    Setting("request_seconds", "COSTOPS_API_MAX_REQUEST_SECONDS", 600.0, number_above_zero),
    Setting("pull_seconds", "COSTOPS_API_MAX_PULL_SECONDS", 21_600.0, number_above_zero),
    Setting("answer_bytes", "COSTOPS_API_MAX_ANSWER_BYTES", 64 << 20, count_above_zero),
    Setting("max_pages", "COSTOPS_API_MAX_PAGES", 10_000, count_above_zero),
    Setting("requests_per_minute", "COSTOPS_API_REQUESTS_PER_MINUTE", None, number_above_zero),
)
API_SETTINGS: dict[str, Setting] = {
    each.name: each for each in (*(each for spec in CATALOG for each in spec.settings), *COMMON_API_SETTINGS)
}
"""What sources say of themselves in their specs, and what all provider APIs share."""


KNOWN_BY_OTHERS = ("COSTOPS_ALERT_", "COSTOPS_PUBLISH_", "COSTOPS_REPORT_", "COSTOPS_SERVE_")
"""How variables begin of which those know the names that are configured with them."""


class ApiSettings:
    """Credentials and addresses of provider APIs, by the names of `API_SETTINGS`; `repr` shows no secret."""

    backfill_from: date
    max_attempts: int
    retry_base_seconds: float
    retry_max_seconds: float
    timeout_seconds: float
    request_seconds: float
    pull_seconds: float
    answer_bytes: int
    max_pages: int
    requests_per_minute: float | None

    def __init__(self, **given: object) -> None:
        unknown = sorted(given.keys() - API_SETTINGS.keys())
        if unknown:
            raise TypeError(f"no setting of a provider API is called {unknown[0]}")
        self.__dict__.update({name: each.default for name, each in API_SETTINGS.items()} | given)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """The setting of a source: its spec says what it is."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"settings do not change: {name}; see `with_changes`")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiSettings) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).items()))

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in vars(self).items() if not API_SETTINGS[name].is_secret)
        return f"ApiSettings({', '.join(shown)})"

    def with_changes(self, **changes: object) -> ApiSettings:
        """The same with some settings changed."""
        return ApiSettings(**(vars(self) | changes))

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> ApiSettings:
        """Settings from variables; an empty one counts as not set, an unreadable one is an error that names it."""
        texts = {each: (env.get(each.variable) or "").strip() for each in API_SETTINGS.values()}
        return cls(**{each.name: each.value(text) for each, text in texts.items() if text})


def _drop_folders(text: str) -> frozenset[str]:
    names = {name.strip().lower() for name in text.split(",") if name.strip()}
    unknown = sorted(names - DROP_FOLDERS.keys())
    if unknown:
        raise ValueError(
            f"COSTOPS_KEEP_REMOVED cannot be read: {unknown[0]!r} is no drop folder; "
            f"expected some of {', '.join(DROP_FOLDERS)}, joined by commas"
        )
    return frozenset(DROP_FOLDERS[name] for name in names)


def _plan_covered(text: str) -> tuple[str, ...]:
    paths = tuple(word.strip("/") for word in words(text))
    unknown = next((path for path in paths if path.split("/")[0] not in AGENTS), None)
    if unknown is not None:
        raise ValueError(
            f"COSTOPS_PLAN_COVERED cannot be read: {unknown!r} is no folder of sessions; "
            f"expected {' or '.join(AGENTS)}, or a folder below (claude_code/anna), joined by commas"
        )
    return paths


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
    dashboards_dir: Path = Path("dashboards")
    """Definitions of dashboards besides the shipped ones."""
    alert_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What channels of alerts are configured with: every variable of theirs that is set; each is a secret."""
    publish_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What targets of publication are configured with, likewise."""
    report_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What channels of reports are configured with, likewise."""
    serve_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the server is configured with besides its options (signing in), likewise."""
    unread_variables: tuple[str, ...] = ()
    """Names of ours that are set although nothing here is called so (`orchestration.running.variables`)."""
    reporting_time_zone: str = "UTC"
    """Whose days metered usage is summed to; an IANA name."""
    reporting_currency: str = "USD"
    allocation_basis: str = "billed"
    """Which cost of a bill owners carry: `billed`, or `effective` (amortised)."""
    identities: str = PSEUDONYMS
    """What marts hold of people: `pseudonyms`, or `delivered` ids (`docs/identities.md`)."""
    forecast_model: str = "median_of_four"
    """Which model's forecasts are published: a name of `ml.forecasting`."""
    holiday_countries: tuple[str, ...] = ("US",)
    alarm_days_per_week: float = 1.0
    """How many days a week may raise an alarm where all days are like those before: the knob of anomaly detection."""
    budget_buffer_pct: Decimal = Decimal(20)
    """What a recommended budget adds to the forecast."""
    billing_url: str | None = field(default=None, repr=False)
    """Where the billing folder lies when it is remote; `billing_dir` is then its local mirror."""
    lake_url: str | None = field(default=None, repr=False)
    """Where what landed is kept as well: a folder, or an address of an object store; None: nowhere."""
    engine: Engine = field(default_factory=Engine)
    """What builds the dbt project."""
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
        env = Environment.of(env)
        named = env.get("COSTOPS_HOME") or ".costops"
        root = Path(home or named).expanduser().resolve()

        def folder(variable: str, default: str) -> Path:
            given = env.get(variable)
            return Path(given).expanduser().resolve() if given else root / default

        billing = folder_or_address(DROP_FOLDERS["billing"], env.get(DROP_FOLDERS["billing"]) or "") or ""
        is_remote = "://" in billing
        person = env.get("HOME") or env.get("USERPROFILE")
        return cls(
            home=root,
            events_dir=folder(DROP_FOLDERS["events"], "drop/events"),
            billing_dir=root / "mirror" / "billing" if is_remote else folder(DROP_FOLDERS["billing"], "drop/billing"),
            billing_url=billing if is_remote else None,
            lake_url=folder_or_address("COSTOPS_LAKE_URL", env.get("COSTOPS_LAKE_URL") or ""),
            engine=Engine.from_env(env, root),
            gpu_dir=folder(DROP_FOLDERS["gpu"], "drop/gpu"),
            org_dir=folder(DROP_FOLDERS["org"], "drop/org"),
            prices_dir=folder("COSTOPS_PRICES_DIR", "drop/prices"),
            ledger_dir=folder("COSTOPS_LEDGER_DIR", "ledger"),
            dashboards_dir=folder("COSTOPS_DASHBOARDS_DIR", "dashboards"),
            alert_variables=env.starting_with("COSTOPS_ALERT_"),
            publish_variables={
                name: folder_or_address(name, value) or "" if name.endswith("_DIR") else value
                for name, value in env.starting_with("COSTOPS_PUBLISH_").items()
            },
            report_variables=env.starting_with("COSTOPS_REPORT_"),
            serve_variables=env.starting_with("COSTOPS_SERVE_"),
            reporting_time_zone=time_zone(env.get("COSTOPS_REPORTING_TIME_ZONE") or "UTC"),
            reporting_currency=currency("COSTOPS_REPORTING_CURRENCY", env.get("COSTOPS_REPORTING_CURRENCY") or "USD"),
            allocation_basis=choice(
                "COSTOPS_ALLOCATION_BASIS", env.get("COSTOPS_ALLOCATION_BASIS") or "billed", "billed", "effective"
            ),
            identities=choice("COSTOPS_IDENTITIES", env.get("COSTOPS_IDENTITIES") or PSEUDONYMS, PSEUDONYMS, DELIVERED),
            forecast_model=env.get("COSTOPS_FORECAST_MODEL") or "median_of_four",
            holiday_countries=words(env.get("COSTOPS_HOLIDAYS") or "US", none="none"),
            alarm_days_per_week=alarm_days(
                "COSTOPS_ALARM_DAYS_PER_WEEK", env.get("COSTOPS_ALARM_DAYS_PER_WEEK") or "1"
            ),
            budget_buffer_pct=percent("COSTOPS_BUDGET_BUFFER_PCT", env.get("COSTOPS_BUDGET_BUFFER_PCT") or "20"),
            api=ApiSettings.from_env(env),
            home_mode=rights(env.get("COSTOPS_HOME_MODE") or "0700"),
            ui_hosts=words(env.get("COSTOPS_UI_HOSTS") or ""),
            limits=Limits.from_env(env),
            keep_removed=_drop_folders(env.get("COSTOPS_KEEP_REMOVED") or ""),
            agent_folders=agent_folders(Path(person), env) if person else (),
            reads_local=flag("COSTOPS_LOCAL_SESSIONS", env.get("COSTOPS_LOCAL_SESSIONS") or ""),
            plan_covered=_plan_covered(env.get("COSTOPS_PLAN_COVERED") or ""),
            unread_variables=env.unread(KNOWN_BY_OTHERS),
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
        """What readers open: a database and one Parquet file per mart."""
        return self.home / "published"

    @property
    def published_database(self) -> Path:
        """The published marts as one DuckDB file."""
        return self.published_dir / PUBLISHED_DATABASE

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
