"""One recommendation: what is known of it and how it becomes a row of `recommendations`.

Put here: the row, what all recommendations share (identity, interval, priority). Keep out: what to recommend.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.contracts import columns_of
from ml.identity import stable_id
from ml.money import to_decimal
from ml.optimization.params import OptimizationParams
from ml.optimization.scoring import priority_of, score_saving

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Slice:
    """Money that a recommendation touches: its id, what the touched part costs in the days ahead, what is saved."""

    slice_id: str
    cost_usd: Decimal
    saving_usd: Decimal


@dataclass(frozen=True)
class Advice:
    """A recommendation. Amounts are USD in the days ahead (`window_days`)."""

    identity: tuple[str, ...]
    """What makes it the same one in another run, besides strategy and scope: never a date or what would be used
    instead, as these change."""
    lever: str
    """What it turns: two that turn the same one on the same money replace each other and do not add up."""
    saving_kind: str
    """How it is verified: `price` (requests re-priced), `volume` (against other slices), `none` (no dollars)."""
    title: str
    description: str
    actions: tuple[str, ...]
    scope_type: str
    scope_id: str
    slices: tuple[Slice, ...]
    half_width_usd: Decimal
    effort: str
    risk: str
    evidence: Mapping[str, Any]
    evidence_query: str
    period: tuple[date, date]
    provider_id: str | None = None
    current_model_id: str | None = None
    suggested_model_id: str | None = None
    bounds_usd: tuple[Decimal, Decimal] | None = field(default=None)
    """Least and greatest saving, where they are not the saving ± half a width."""

    @property
    def saving_usd(self) -> Decimal:
        """What it would save alone."""
        return sum((each.saving_usd for each in self.slices), Decimal(0))

    @property
    def cost_usd(self) -> Decimal:
        """What the money it touches comes to."""
        return sum((each.cost_usd for each in self.slices), Decimal(0))

    @property
    def interval_usd(self) -> tuple[Decimal, Decimal]:
        """90 %: never below nothing or above what is spent."""
        low, high = self.bounds_usd or (self.saving_usd - self.half_width_usd, self.saving_usd + self.half_width_usd)
        most = max(self.cost_usd + self.half_width_usd, self.saving_usd)
        return max(low, Decimal(0)), min(max(high, self.saving_usd), most)

    def is_worth_it(self, params: OptimizationParams) -> bool:
        """Whether it saves enough to be said."""
        least = self.cost_usd * params.min_saving_pct / 100
        return self.saving_usd >= params.min_saving_usd and self.saving_usd >= least

    def row(self, strategy: str, version: str, scored_at_utc: datetime, params: OptimizationParams) -> dict[str, Any]:
        """The row of `recommendations`; the portfolio adds what it brings after others."""
        saving, cost = self.saving_usd, self.cost_usd
        low, high = self.interval_usd
        pct = float(saving * 100 / cost) if cost > 0 else None
        return {
            "recommendation_id": stable_id("recommendation", strategy, self.scope_type, self.scope_id, *self.identity),
            "strategy": strategy,
            "lever": self.lever,
            "saving_kind": self.saving_kind,
            "title": self.title,
            "description": self.description,
            "actions": json.dumps(list(self.actions)),
            "scope_type": self.scope_type,
            "scope_id": self.scope_id,
            "provider_id": self.provider_id,
            "current_model_id": self.current_model_id,
            "suggested_model_id": self.suggested_model_id,
            "slices": json.dumps([[s.slice_id, _text(s.cost_usd), _text(s.saving_usd)] for s in self.slices]),
            "evidence": json.dumps(dict(self.evidence), sort_keys=True, default=str),
            "evidence_query": self.evidence_query,
            "period_start_date": self.period[0],
            "period_end_date": self.period[1],
            "current_cost_usd": to_decimal(cost),
            "projected_cost_usd": to_decimal(cost - saving),
            "saving_usd": to_decimal(saving),
            "saving_lower_usd": to_decimal(low),
            "saving_upper_usd": to_decimal(high),
            "saving_pct": pct,
            "effort": self.effort,
            "risk": self.risk,
            "priority": priority_of(self.effort, self.risk),
            "score": float(score_saving(saving, self.risk, self.effort, params)),
            "status": "proposed",
            "model_name": strategy,
            "model_version": version,
            "scored_at_utc": scored_at_utc,
        }


def frame_of(
    advice: Iterable[Advice], strategy: str, version: str, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """Rows of one strategy, best score first."""
    import pandas as pd

    rows = [each.row(strategy, version, scored_at_utc, params) for each in advice]
    frame = pd.DataFrame(rows, columns=columns_of("recommendations"))
    return frame.sort_values(["score", "recommendation_id"], ascending=[False, True], ignore_index=True)


def _text(amount: Decimal) -> str:
    return str(to_decimal(amount))
