"""A simulator: whom it simulates, what time it is there, which keys it accepts, what goes wrong.

Put here: what all endpoints share. Keep out: HTTP.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers.company import Company
from ingestion.demo.providers.faults import Faults
from ingestion.demo.providers.journal import Journal
from ingestion.demo.providers.visibility import Visibility


@dataclass(frozen=True)
class Keys:
    """The credentials that are accepted. They open nothing but the simulator."""

    openai_admin_key: str = "sk-admin-simulated-0001"
    anthropic_admin_key: str = "sk-ant-admin01-simulated-0001"
    groq_api_key: str = "gsk_simulated_enterprise_0001"
    groq_developer_key: str = "gsk_simulated_developer_0001"
    """A real key of a plan without metrics: 404."""
    openrouter_api_key: str = "sk-or-v1-simulated-management-0001"
    openrouter_inference_key: str = "sk-or-v1-simulated-inference-0001"
    """A real key that may not read activity: 403."""
    azure_tenant_id: str = "00000000-0000-4000-8000-000000000001"
    azure_client_id: str = "00000000-0000-4000-8000-000000000002"
    azure_client_secret: str = "simulated-client-secret-0001"
    azure_access_token: str = "simulated-arm-token-0001"
    aws_access_key_id: str = "AKIASIMULATED0000001"
    aws_secret_access_key: str = "simulated-secret-access-key-0001"


@dataclass(frozen=True)
class Options:
    """How the providers print and limit things where reality varies.

    openai_amounts: `string` (as seen live), `number` (as specified) or `scientific` (a number like 1.5E-3).
    anthropic_default_workspace_id: this workspace is the default one: its usage has workspace null.
    anthropic_console_key_ids: use of these keys is Console use: its api key is null.
    openai_usage: rows for endpoints the sample company does not use: endpoint name to a frame with
        `requested_at_utc`, the endpoint's group fields and its counts (see `openai.endpoints`).
    openrouter_activity: the items that OpenRouter's activity endpoint knows.
    azure_retention_days: how far back Azure Monitor remembers; None for ever.
    azure_queries_per_minute: more cost queries than these get 429; None for no limit.
    aws_groups_per_page: groups in one Cost Explorer page.
    aws_history_months: how far back Cost Explorer goes.
    """

    openai_amounts: str = "string"
    anthropic_default_workspace_id: str | None = None
    anthropic_console_key_ids: frozenset[str] = frozenset()
    openai_usage: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    openrouter_activity: Sequence[dict[str, Any]] = ()
    azure_retention_days: int | None = 93
    azure_queries_per_minute: int | None = None
    aws_groups_per_page: int = 5_000
    aws_history_months: int = 14


class Simulator:
    """What the endpoints share. `now` (UTC) and `faults` may be changed while it runs.

    Args:
        truth: what happened, loaded from or written to a folder.
        now: the simulated moment; by default noon after the last day, when everything is out.
    """

    def __init__(
        self,
        truth: GroundTruth,
        *,
        now: datetime | None = None,
        faults: Faults | None = None,
        keys: Keys | None = None,
        options: Options | None = None,
    ) -> None:
        self.company = Company(truth)
        self.faults = faults or Faults()
        self.keys = keys or Keys()
        self.options = options or Options()
        self.journal = Journal()
        self._lock = threading.Lock()
        self.now = now or self.company.default_now

    @property
    def now(self) -> datetime:
        """The simulated moment, UTC without a zone."""
        return self._now

    @now.setter
    def now(self, moment: datetime) -> None:
        self._now = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

    @property
    def visibility(self) -> Visibility:
        """What is out by now."""
        return Visibility(self.now, self.faults.growth_days, self.faults.restatement, self.faults.lost_days)

    def decide(self, endpoint: str, request: str) -> str | None:
        """What goes wrong with this request."""
        with self._lock:
            return self.faults.decide(endpoint, request)
