"""What really happened: usage, charges and planted facts, to compare what the warehouse makes of the files.

Put here: the frames of the truth and where they are kept. Keep out: how they came about.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.demo.company.company import KEYS, USERS
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.event_columns import SOURCES
from ingestion.demo.company.event_tables import features, instants
from ingestion.demo.company.ledger import METER_COLUMNS
from ingestion.demo.company.models import MODELS
from ingestion.demo.company.prices import VARIANTS
from ingestion.demo.company.projects import PROJECTS
from ingestion.demo.company.text import decimal_column, named_column, write_parquet
from ingestion.demo.company.traffic import ERROR_TYPES, TIERS

FOLDER = "ground_truth"


@dataclass(frozen=True)
class PlantedFact:
    """Something planted that a user of the warehouse should be able to find.

    `kind` is a snake_case name, the dates are inclusive, `subject_id` is the id files use, and `expected`
    holds amounts as text and counts as numbers.
    """

    kind: str
    start_date: date
    end_date: date
    subject_type: str
    subject_id: str
    description: str
    expected: dict[str, Any] = field(default_factory=dict)


@dataclass
class GroundTruth:
    """The truth in frames. Money is `Decimal` US dollars; None is unknown.

    usage: per usage_date × provider_id × account_id × workspace_id × project_id × api_key_id × user_id × model ×
        price_model_id × service_tier × is_batch × event_source × is_billable × is_logged: request_count,
        error_count, token counts by the raw column names, list_cost_usd, contracted_cost_usd (None where any of it
        is unpriced). `is_logged` False: it happened, but no file says so.
    charges: one row per billed line that counts (the newest delivery).
    invoices: one row per invoice line: provider_id, billing_month, invoice_id, line_number, charge_category,
        amount_usd, is_on_bill (False: tax or credit that the bill does not have).
    planted: what was planted, where and with which figures.
    """

    usage: pd.DataFrame
    charges: pd.DataFrame
    invoices: pd.DataFrame
    planted: list[PlantedFact]
    folder: Path | None = None

    def requests(self) -> pd.DataFrame:
        """Every request: event_id, requested_at_utc, feature, and the columns of `usage` per request.

        Raises:
            FileNotFoundError: the truth was not loaded from or written to a folder.
        """
        if self.folder is None:
            raise FileNotFoundError("this ground truth has no folder: use GroundTruth.load")
        return pq.read_table(self.folder / "requests.parquet").to_pandas()

    def facts(self, kind: str) -> list[PlantedFact]:
        """Planted facts of one kind."""
        return [fact for fact in self.planted if fact.kind == kind]

    @classmethod
    def load(cls, target: Path) -> GroundTruth:
        """The truth that `generate(target)` wrote.

        Raises:
            FileNotFoundError: no sample company was generated there.
        """
        folder = target / FOLDER
        facts = pq.read_table(folder / "planted.parquet").to_pylist()
        return cls(
            pq.read_table(folder / "usage.parquet").to_pandas(),
            pq.read_table(folder / "charges.parquet").to_pandas(),
            pq.read_table(folder / "invoices.parquet").to_pandas(),
            [PlantedFact(**{**fact, "expected": json.loads(fact["expected"])}) for fact in facts],
            folder,
        )


_USAGE_KEYS = ["day", "key", "user", "model", "served_tier", "is_batch", "source", "is_billable", "is_logged"]


def _names(frame: pd.DataFrame) -> dict[str, pa.Array]:
    key = frame["key"].to_numpy()
    model = frame["model"].to_numpy()
    tier = frame["served_tier"].to_numpy()
    project = np.array([one.project_number for one in KEYS])[key]
    return {
        "provider_id": named_column(key, [one.provider for one in KEYS]),
        "account_id": named_column(key, [one.account_id for one in KEYS]),
        "workspace_id": named_column(key, [one.workspace_id for one in KEYS]),
        "project_id": named_column(project, [one.id for one in PROJECTS]),
        "api_key_id": named_column(key, [one.id for one in KEYS]),
        "user_id": named_column(frame["user"].to_numpy(), [one.id for one in USERS]),
        "model": named_column(model, [one.raw_name for one in MODELS]),
        "price_model_id": named_column(model, [one.price_model_id for one in MODELS]),
        "service_tier": named_column(np.where(tier == 0, -1, tier), TIERS),
        "is_batch": pa.array(frame["is_batch"].to_numpy()),
        "event_source": named_column(frame["source"].to_numpy(), SOURCES),
        "is_billable": pa.array(frame["is_billable"].to_numpy()),
        "is_logged": pa.array(frame["is_logged"].to_numpy()),
    }


def _counts(frame: pd.DataFrame) -> dict[str, pa.Array]:
    return {name: pa.array(frame[name].to_numpy(), pa.int64()) for name in [*METER_COLUMNS, "reasoning_tokens"]}


def usage_table(requests: pd.DataFrame, calendar: Calendar) -> pa.Table:
    """`GroundTruth.usage`."""
    unknown = requests["list_pico"] < 0
    work = requests.assign(
        request_count=1,
        error_count=(requests["error"] > 0).astype("int64"),
        unpriced=unknown.astype("int64"),
        list_pico=requests["list_pico"].where(~unknown, 0),
        contracted_pico=requests["contracted_pico"].where(~unknown, 0),
    )
    sums = ["request_count", "error_count", *METER_COLUMNS, "reasoning_tokens", "list_pico", "contracted_pico"]
    groups = work.groupby(_USAGE_KEYS, sort=True, as_index=False)[[*sums, "unpriced"]].sum()
    dates = np.datetime64(calendar.first, "D") + groups["day"].to_numpy()
    is_unpriced = groups["unpriced"].to_numpy() > 0
    return pa.table(
        {
            "usage_date": pa.array(dates, pa.date32()),
            **_names(groups),
            "request_count": pa.array(groups["request_count"].to_numpy()),
            "error_count": pa.array(groups["error_count"].to_numpy()),
            **_counts(groups),
            "list_cost_usd": _money(groups["list_pico"], is_unpriced),
            "contracted_cost_usd": _money(groups["contracted_pico"], is_unpriced),
        }
    )


def _money(pico: pd.Series, is_unknown: np.ndarray | None = None) -> pa.Array:
    values = pico.to_numpy()
    if is_unknown is None:
        return decimal_column(values)
    smallest = int(np.iinfo(np.int64).min)
    return decimal_column(np.where(is_unknown, smallest, values), unknown=smallest)


def requests_table(requests: pd.DataFrame, calendar: Calendar, ids: list[str]) -> pa.Table:
    """`GroundTruth.requests()`."""
    unknown = requests["list_pico"].to_numpy() < 0
    error = requests["error"].to_numpy()
    return pa.table(
        {
            "event_id": pa.array(ids, pa.string()),
            "requested_at_utc": instants(requests, calendar),
            **_names(requests),
            "feature": features(requests),
            "price_variant": named_column(requests["variant"].to_numpy(), [name for name, _ in VARIANTS]),
            "error_type": named_column(np.where(error == 0, -1, error), ERROR_TYPES),
            **_counts(requests),
            "list_cost_usd": _money(requests["list_pico"], unknown),
            "contracted_cost_usd": _money(requests["contracted_pico"], unknown),
        }
    )


def charges_table(lines: pd.DataFrame) -> pa.Table:
    """`GroundTruth.charges`."""
    model = lines["model"].to_numpy()
    text = pa.string()
    return pa.table(
        {
            "charge_source": pa.array(lines["source"], text),
            "provider_id": pa.array(lines["provider"], text),
            "billing_month": pa.array(lines["billing_month"], pa.date32()),
            "charge_date": pa.array(lines["charge_date"], pa.date32()),
            "billing_account_id": pa.array(lines["billing_account_id"], text),
            "sub_account_id": pa.array([place or None for place in lines["sub_account_id"]], text),
            "charge_category": pa.array(lines["category"], text),
            "charge_class": pa.array([one or None for one in lines["charge_class"]], text),
            "charge_kind": pa.array(lines["kind"], text),
            "model": named_column(model, [one.raw_name for one in MODELS]),
            "price_model_id": named_column(model, [one.price_model_id for one in MODELS]),
            "meter": pa.array([one or None for one in lines["meter"]], text),
            "price_variant": named_column(lines["variant"].to_numpy(), [name for name, _ in VARIANTS]),
            "is_long_context": pa.array(lines["is_over"].to_numpy()),
            "quantity": pa.array(lines["quantity"].to_numpy(), pa.int64()),
            "list_cost_usd": _money(lines["list_pico"]),
            "contracted_cost_usd": _money(lines["contracted_pico"]),
            "billed_cost_usd": _money(lines["billed_pico"]),
            "is_explained_by_usage": pa.array(lines["is_explained"].to_numpy()),
        }
    )


def invoices_table(lines: pd.DataFrame) -> pa.Table:
    """`GroundTruth.invoices`."""
    text = pa.string()
    return pa.table(
        {
            "provider_id": pa.array(lines["provider"], text),
            "billing_month": pa.array(lines["billing_month"], pa.date32()),
            "invoice_id": pa.array(lines["invoice_id"], text),
            "line_number": pa.array(lines["line_number"], pa.int64()),
            "charge_category": pa.array(lines["charge_category"], text),
            "amount_usd": _money(lines["cents"].astype("int64") * 10**10),
            "is_on_bill": pa.array(lines["is_on_bill"], pa.bool_()),
        }
    )


def planted_table(facts: Iterable[PlantedFact]) -> pa.Table:
    """`GroundTruth.planted`, with `expected` as JSON text."""
    rows = [asdict(fact) | {"expected": json.dumps(fact.expected, sort_keys=True)} for fact in facts]
    days, text = pa.date32(), pa.string()
    names = ("kind", "start_date", "end_date", "subject_type", "subject_id", "description", "expected")
    schema = pa.schema([(name, days if name.endswith("_date") else text) for name in names])
    return pa.Table.from_pylist(rows, schema=schema)


def write_truth(
    target: Path,
    usage: pa.Table,
    requests: pa.Table,
    charges: pa.Table,
    invoices: pa.Table,
    facts: list[PlantedFact],
    last: date,
) -> GroundTruth:
    """Write the truth beside the drop folders and return it."""
    folder = target / FOLDER
    written = last + timedelta(days=1)
    tables = {
        "usage": usage,
        "requests": requests,
        "charges": charges,
        "invoices": invoices,
        "planted": planted_table(facts),
    }
    for name, table in tables.items():
        write_parquet(folder / f"{name}.parquet", table, written)
    return GroundTruth(usage.to_pandas(), charges.to_pandas(), invoices.to_pandas(), facts, folder)
