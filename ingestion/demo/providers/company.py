"""The sample company seen from its providers: which rows of the truth each of them knows, in its own terms.

Put here: choosing and deriving columns. Keep out: adding up (`ledger`), answering (the provider packages).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd

from ingestion.demo.company import GroundTruth
from ingestion.demo.company.ledger import PRINTED_DECIMALS
from ingestion.demo.company.models import MODELS
from ingestion.demo.providers.ledger import TOKEN_COLUMNS, USAGE_SUMS, ChargeRows, Dimension, UsageRows, chances
from ingestion.demo.providers.moments import DAY, microseconds

PICO = 10**12
LONG_CONTEXT_TOKENS = 200_000
_EMBEDDINGS = {model.raw_name for model in MODELS if model.is_embedding}
_USAGE_DIMENSIONS = (
    "account_id",
    "workspace_id",
    "project_id",
    "api_key_id",
    "user_id",
    "model",
    "service_tier",
    "batch",
    "context_window",
    "status_code",
    "is_embedding",
)
_CHARGE_DIMENSIONS = (
    "sub_account_id",
    "charge_category",
    "charge_kind",
    "model",
    "meter",
    "price_variant",
    "is_long_context",
)
STATUS_CODES = {"rate_limit_error": "429", "server_error": "500", "timeout": "504"}


class Company:
    """The truth, split by provider.

    Requests that a gateway answered from its own cache never reached a provider and are in no report. Failed
    requests are: they count as requests, with the tokens they were charged for.
    """

    def __init__(self, truth: GroundTruth) -> None:
        requests = truth.requests()
        requests = requests[requests["is_billable"]].copy()
        requests["batch"] = requests["is_batch"].astype(bool)
        requests["request_count"] = 1
        requests["chance"] = chances(requests["event_id"])
        total = requests[list(TOKEN_COLUMNS)].sum(axis=1) - requests["output_tokens"]
        requests["context_window"] = np.where(total > LONG_CONTEXT_TOKENS, "200k-1M", "0-200k")
        requests["status_code"] = requests["error_type"].map(STATUS_CODES).fillna("200")
        requests["is_embedding"] = requests["model"].isin(_EMBEDDINGS)
        self._requests = dict(list(requests.groupby("provider_id")))
        self._charges = dict(list(truth.charges.groupby("provider_id")))
        self._empty_requests, self._empty_charges = requests.iloc[:0], truth.charges.iloc[:0]
        booked = truth.facts("late_refund")
        self._refund_booked = booked[0].end_date if booked else None
        days = truth.usage["usage_date"]
        self.first_date: date = days.min()
        self.last_date: date = days.max()

    @property
    def default_now(self) -> datetime:
        """Noon (UTC) after the last day: everything is out."""
        return datetime.combine(self.last_date + timedelta(days=1), time(12))

    def requests(self, provider: str) -> pd.DataFrame:
        """The provider's requests, with the columns of the truth and the derived ones."""
        return self._requests.get(provider, self._empty_requests)

    def usage(self, provider: str) -> UsageRows:
        """The provider's requests."""
        return UsageRows.of(self.requests(provider), _USAGE_DIMENSIONS, USAGE_SUMS)

    def charge_lines(self, provider: str) -> pd.DataFrame:
        """The provider's charge lines by day, in a fixed order."""
        lines = self._charges.get(provider, self._empty_charges)
        return lines.sort_values("charge_date", kind="stable", ignore_index=True)

    def charges(self, provider: str, more: dict[str, list[str | bool | None]] | None = None) -> ChargeRows:
        """The provider's charge lines, with `more` columns that belong to `charge_lines`."""
        lines = self.charge_lines(provider)
        days = pd.to_datetime(lines["charge_date"]).to_numpy().astype("datetime64[us]").astype(np.int64)
        known_from = days + DAY
        if self._refund_booked is not None:
            is_late = (lines["charge_kind"] == "refund").to_numpy()
            booked = microseconds(self._refund_booked) + DAY
            known_from = np.where(is_late, np.maximum(booked, known_from), known_from)
        dimensions = {name: Dimension.of(lines[name]) for name in _CHARGE_DIMENSIONS}
        dimensions |= {name: Dimension.of(column) for name, column in (more or {}).items()}
        amounts = [int(amount * PICO) for amount in lines["billed_cost_usd"]]
        return ChargeRows(
            days,
            known_from,
            dimensions,
            np.array(amounts, dtype=np.int64),
            lines["quantity"].to_numpy(dtype=np.int64),
            10 ** (12 - PRINTED_DECIMALS.get(provider, 12)),
            chances([f"{provider}|{number}" for number in range(len(lines))]),
        )
