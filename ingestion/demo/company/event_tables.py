"""Event files that are tables: canonical Parquet by provider and month, and the legacy tool's CSV with its mapping.

Data flow: requests → `events/canonical/*.parquet`, `events/mapped/batch_runner/*`.
Put here: columns of both. Keep out: logs written line by line (`event_logs`).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.demo.company.company import KEYS, USERS
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.event_columns import MAPPED_NAME, REGIONS, events
from ingestion.demo.company.models import MODELS
from ingestion.demo.company.projects import PROJECTS
from ingestion.demo.company.text import named_column, write_bytes, write_csv, write_parquet
from ingestion.demo.company.traffic import ERROR_TYPES, TIERS
from ingestion.raw_schemas import REQUESTS
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

_MEASURED = [
    "uncached_input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "web_searches",
    "duration_ms",
]
_CACHE_METERS = {
    "cache_read_tokens": {"read", "write", "ttl"},
    "cache_write_tokens": {"write"},
    "cache_write_5m_tokens": {"ttl"},
    "cache_write_1h_tokens": {"ttl"},
    "web_searches": {"ttl"},
}
"""Which kinds of provider report a meter at all; the others leave it unknown."""


def instants(requests: pd.DataFrame, calendar: Calendar) -> pa.Array:
    """When each request was made, UTC without a zone."""
    moments = np.datetime64(calendar.first, "us") + requests["moment"].to_numpy().astype("timedelta64[us]")
    return pa.array(moments, pa.timestamp("us"))


def month_of(requests: pd.DataFrame, calendar: Calendar) -> pd.Series:
    """The first day of each request's month."""
    starts = [(calendar.first + timedelta(days=day)).replace(day=1) for day in range(calendar.days)]
    return pd.Series([starts[day] for day in requests["day"]], index=requests.index)


ASKED_AGAIN = "proj_support_bot"
"""The project whose calls bring digests of their prompts."""


def features(requests: pd.DataFrame) -> pa.Array:
    """What each request was for; NULL without a project."""
    project = requests["project"].to_numpy()
    start = np.cumsum([0] + [len(one.features) for one in PROJECTS])
    number = np.where(project >= 0, start[project] + requests["feature"].to_numpy(), -1)
    return named_column(number, [feature for one in PROJECTS for feature in one.features])


def canonical_table(requests: pd.DataFrame, calendar: Calendar, ids: list[str]) -> pa.Table:
    """Requests in the columns of `raw_events.requests` that the company fills."""
    project = requests["project"].to_numpy()
    key = requests["key"].to_numpy()
    model = requests["model"].to_numpy()
    retries = [f'{{"retry_of": "req_{one:016x}"}}' if one else None for one in requests["retry_of_id"].tolist()]
    cache = np.array([one.cache for one in MODELS])[model]
    columns: dict[str, pa.Array] = {
        "event_id": pa.array(ids, pa.string()),
        "requested_at_utc": instants(requests, calendar),
        "provider_name": named_column(model, [one.provider for one in MODELS]),
        "account_id": named_column(key, [one.account_id for one in KEYS]),
        "project_id": named_column(project, [one.id for one in PROJECTS]),
        "workspace_id": named_column(key, [one.workspace_id for one in KEYS]),
        "api_key_id": named_column(key, [one.id for one in KEYS]),
        "user_id": named_column(requests["user"].to_numpy(), [one.id for one in USERS]),
        "customer_id": named_column(
            requests["customer"].to_numpy(), [None, *(f"customer_{n:03d}" for n in range(1, 121))]
        ),
        "feature": features(requests),
        "environment": named_column(np.where(project >= 0, 0, -1), ["production"]),
        "prompt_hash": pa.array(_prompt_hashes(requests), pa.string()),
        "tags": pa.array(retries, pa.string()),
        "served_model": named_column(model, [one.raw_name for one in MODELS]),
        "requested_service_tier": named_column(_tier(requests["requested_tier"]), TIERS),
        "served_service_tier": named_column(_tier(requests["served_tier"]), TIERS),
        "is_batch": pa.array(requests["is_batch"].to_numpy()),
        "region": named_column(model, [REGIONS.get(one.provider) for one in MODELS]),
        "status": named_column(np.minimum(requests["error"].to_numpy(), 1), ["ok", "error"]),
        "error_type": named_column(_tier(requests["error"]), ERROR_TYPES),
        "is_billable": pa.array(requests["is_billable"].to_numpy()),
    }
    for name in _MEASURED:
        counts = pa.array(requests[name].to_numpy(), pa.int64())
        reporting = _CACHE_METERS.get(name)
        if reporting is not None:
            counts = pc.if_else(pa.array(np.isin(cache, list(reporting))), counts, pa.scalar(None, pa.int64()))
        columns[name] = counts
    return pa.table({name: columns[name] for name in REQUESTS if name in columns})


def _prompt_hashes(requests: pd.DataFrame) -> list[str | None]:
    """Of the support bot alone: four in ten of its calls ask one of the forty questions that customers ask again."""
    support = [one.id for one in PROJECTS].index(ASKED_AGAIN)
    asked = zip(requests["id"].tolist(), requests["project"].tolist(), strict=True)
    return [
        None if project != support else f"prompt:{one % 100:016x}" if one % 10 < 4 else f"prompt:{one:016x}"
        for one, project in asked
    ]


def _tier(numbers: pd.Series) -> np.ndarray:
    return np.where(numbers.to_numpy() == 0, -1, numbers.to_numpy())


def write_canonical(folder: Path, requests: pd.DataFrame, calendar: Calendar, ids: list[str]) -> None:
    """One Parquet file per provider and month."""
    table = canonical_table(requests, calendar, ids)
    provider = np.array([model.provider for model in MODELS])[requests["model"]]
    month = month_of(requests, calendar).to_numpy()
    for name, start in sorted({*zip(provider, month, strict=True)}):
        rows = np.flatnonzero((provider == name) & (month == start))
        path = folder / "canonical" / f"{name}_{start:%Y-%m}.parquet"
        write_parquet(path, table.take(pa.array(rows)), _written(start, calendar))


def _written(month: date, calendar: Calendar) -> date:
    """A file of a month is last written to on the first of the next, or today."""
    return min((month + timedelta(days=32)).replace(day=1), calendar.last + timedelta(days=1))


_LEGACY_HEADER = (
    "job",
    "started",
    "seconds",
    "vendor",
    "deployment",
    "credential",
    "account",
    "prompt_tokens",
    "of_which_cached",
    "completion_tokens",
    "outcome",
)
LEGACY_ZONE_OFFSET = timedelta(hours=5, minutes=30)
"""The legacy tool writes India's time, which has no daylight saving."""

MAPPING = """description: Jobs of the legacy batch runner, in India's time. Its prompt tokens include cached ones.
time_zone: Asia/Kolkata
input_includes_cached: true
columns:
  project_id: {constant: proj_document_extraction}
  environment: {constant: production}
  event_id: job
  requested_at_utc: started
  provider_name: vendor
  served_model: deployment
  api_key_id: credential
  account_id: account
  input_tokens: prompt_tokens
  cache_read_tokens: of_which_cached
  output_tokens: completion_tokens
  status: outcome
  duration_ms: {from: seconds, unit: seconds}
"""


def write_mapped(folder: Path, requests: pd.DataFrame, calendar: Calendar) -> None:
    """The legacy tool's monthly CSVs and the mapping that explains them."""
    target = folder / "mapped" / MAPPED_NAME
    write_bytes(target / "mapping.yml", MAPPING.encode(), calendar.first)
    for month, part in requests.groupby(month_of(requests, calendar)):
        rows = (
            [
                event.event_id,
                f"{event.at + LEGACY_ZONE_OFFSET:%Y-%m-%d %H:%M:%S.%f}",
                f"{event.duration_ms / 1000:.3f}",
                event.provider,
                event.model,
                event.key_id,
                event.account_id,
                event.input,
                event.cache_read,
                event.output,
                "error" if event.error else "ok",
            ]
            for event in events(part, calendar)
        )
        assert isinstance(month, date)
        write_csv(target / f"jobs_{month:%Y-%m}.csv", _LEGACY_HEADER, rows, _written(month, calendar))


assert set(_MEASURED) - {"duration_ms"} <= {*TOKEN_COLUMNS, "reasoning_tokens", "web_searches"}
