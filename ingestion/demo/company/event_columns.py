"""Requests as event files know them: ids, names and sources in place of numbers.

Put here: which log a request is in, and its fields as text. Keep out: the formats of the logs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingestion.demo.company.company import KEYS, USERS
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.incidents import DAY
from ingestion.demo.company.models import MODELS
from ingestion.demo.company.projects import PROJECT_NUMBER, PROJECTS
from ingestion.demo.company.traffic import ERROR_TYPES, TIERS

SOURCES = ("canonical", "litellm", "langfuse", "otel", "provider_bodies", "mapped")
SOURCE_NUMBER = {name: number for number, name in enumerate(SOURCES)}
MAPPED_NAME = "batch_runner"
REGIONS = {"aws": "us-east-1", "azure": "eastus2"}
Record = dict[str, Any]
"""A request as a line of JSON."""


def sources(requests: pd.DataFrame, calendar: Calendar) -> npt.NDArray[np.int64]:
    """Number of the log that holds each request."""
    project = requests["project"].to_numpy()
    day = requests["moment"].to_numpy() // DAY
    provider = np.array([model.provider for model in MODELS])[requests["model"]]

    def is_project(name: str) -> npt.NDArray[np.bool_]:
        return project == PROJECT_NUMBER[name]

    legacy = day < (calendar.legacy_tool_ends - calendar.first).days
    raw = (day >= (calendar.raw_bodies_start - calendar.first).days) & (provider == "groq")
    return np.select(
        [
            is_project("proj_campaign_copy"),
            is_project("proj_lead_enrichment"),
            is_project("proj_analytics_copilot"),
            is_project("proj_research_agents") | (is_project("proj_ticket_triage") & raw),
            is_project("proj_document_extraction") & legacy,
        ],
        [SOURCE_NUMBER[name] for name in ("litellm", "langfuse", "otel", "provider_bodies", "mapped")],
        SOURCE_NUMBER["canonical"],
    )


def event_ids(requests: pd.DataFrame) -> list[str]:
    """The id of every request; iterations of one call are numbered below the call's id."""
    return [
        f"req_{parent:016x}/{iteration}" if parent else f"req_{own:016x}"
        for own, parent, iteration in zip(
            requests["id"].tolist(), requests["parent_id"].tolist(), requests["iteration"].tolist(), strict=True
        )
    ]


@dataclass(frozen=True)
class Event:
    """One request with its names; token counts as in `raw_events.requests`, all known."""

    id: int
    parent_id: int
    iteration: int
    retry_of_id: int
    at: datetime
    provider: str
    account_id: str
    workspace_id: str | None
    project_id: str | None
    team_id: str | None
    key_id: str
    key_name: str
    user_id: str | None
    model: str
    feature: str | None
    served_tier: str
    error: str
    is_billable: bool
    duration_ms: int
    uncached: int
    cache_read: int
    cache_write: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    web_searches: int
    list_pico: int

    @property
    def input(self) -> int:
        """All input tokens."""
        return self.uncached + self.cache_read + self.cache_write + self.cache_write_5m + self.cache_write_1h

    @property
    def event_id(self) -> str:
        """As `event_ids` gives it."""
        return f"req_{self.parent_id:016x}/{self.iteration}" if self.parent_id else f"req_{self.id:016x}"

    @property
    def end(self) -> datetime:
        """When the call was over."""
        return self.at + timedelta(milliseconds=self.duration_ms)


_NUMBER_COLUMNS = (
    "id parent_id iteration retry_of_id moment key user model feature served_tier error is_billable duration_ms "
    "uncached_input_tokens cache_read_tokens cache_write_tokens cache_write_5m_tokens cache_write_1h_tokens "
    "output_tokens reasoning_tokens web_searches list_pico"
).split()


def events(requests: pd.DataFrame, calendar: Calendar) -> Iterator[Event]:
    """Requests one by one, for formats that are written line by line."""
    start = datetime(calendar.first.year, calendar.first.month, calendar.first.day)  # noqa: DTZ001 - naive UTC
    columns: list[list[Any]] = [requests[name].tolist() for name in _NUMBER_COLUMNS]
    for row in zip(*columns, strict=True):
        own_id, parent, iteration, retry_of, moment, key_number, user, model_number, feature, tier, error, *rest = row
        key = KEYS[key_number]
        project = PROJECTS[key.project_number] if key.project_number >= 0 else None
        yield Event(
            own_id,
            parent,
            iteration,
            retry_of,
            start + timedelta(microseconds=moment),
            key.provider,
            key.account_id,
            key.workspace_id,
            project.id if project else None,
            project.team_id if project else None,
            key.id,
            key.name,
            USERS[user].id if user >= 0 else None,
            MODELS[model_number].raw_name,
            project.features[feature] if project and feature >= 0 else None,
            TIERS[tier],
            ERROR_TYPES[error],
            *rest,
        )
