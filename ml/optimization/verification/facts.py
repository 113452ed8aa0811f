"""What verification reads, in the shape it needs: usage by scope, slices by day, hosts by day.

Put here: that. Keep out: what follows from it (`lifecycle`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.optimization.recurring import without_one_offs
from ml.optimization.verification.repricing import DatedPrices
from ml.optimization.workloads import clean_rows, scope_of

if TYPE_CHECKING:
    import pandas as pd


class Facts:
    """The inputs, read once."""

    def __init__(self, inputs: Mapping[str, pd.DataFrame]) -> None:
        self.snapshots = {str(row["recommendation_id"]): row for row in clean_rows(inputs["snapshots"])}
        self.usage: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in clean_rows(inputs["usage"]):
            self.usage.setdefault(scope_of(row), []).append(row)
        self.slices: dict[str, dict[date, Decimal]] = {}
        for row in clean_rows(inputs["totals"]):
            self.slices.setdefault(str(row["slice_id"]), {})[row["usage_date"]] = row["cost_usd"] or Decimal(0)
        self.prices = DatedPrices(clean_rows(inputs["prices"]))
        self.gpus = clean_rows(inputs["gpus"])
        acted = {name for row in self.snapshots.values() for name in slice_ids(row)}
        self.acted_llm = {name for name in acted if name.startswith("llm|")}
        self.acted_hosts = {name.split("|")[1] for name in acted if name.startswith("gpu|")}

    def slice_costs(self, names: Sequence[str]) -> dict[date, float]:
        """Daily cost of workloads."""
        found: dict[date, float] = {}
        for name in names:
            _, scope_type, scope_id, provider_id, model_id = name.split("|", 4)
            for row in self.usage.get((scope_type, scope_id), []):
                if (row["provider_id"], row["model_id"]) == (provider_id, model_id):
                    found[row["usage_date"]] = found.get(row["usage_date"], 0.0) + float(row["cost_usd"] or 0)
        return found

    def other_costs(self, days: Sequence[date]) -> dict[date, float]:
        """Daily cost of all slices that nobody acted on. What went wrong once in one of them does not count."""
        found = dict.fromkeys(days, 0.0)
        for name in sorted(self.slices.keys() - self.acted_llm):
            for day, amount in without_one_offs(self.slices[name], days).items():
                found[day] += float(amount)
        return found

    def host_costs(self, hosts: set[str], others: bool = False) -> dict[date, float]:
        """Daily cost of some hosts, or of all others that nobody acted on."""
        found: dict[date, float] = {}
        for row in self.gpus:
            if row["host"] in hosts if not others else row["host"] not in self.acted_hosts:
                found[row["usage_date"]] = found.get(row["usage_date"], 0.0) + float(row["cost_usd"] or 0)
        return found


def slice_ids(row: Mapping[str, Any]) -> list[str]:
    """The slices that a recommendation touches."""
    return [str(name) for name, *_ in json.loads(row["slices"] or "[]")]


def days_of(first: date, last: date) -> list[date]:
    """Both ends included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
