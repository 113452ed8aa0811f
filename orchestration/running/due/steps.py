"""The steps of a run that are not dbt's: what each reads and writes, and what its result depends on besides.

Put here: these facts, once; assets take their dependencies from here. Keep out: what a step does (`defs`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ml.optimization import strategies
from ml.optimization.verification.inputs import READS as VERIFICATION_READS
from orchestration.alerting.reading import tables_of_single_rules, tables_read

SCORED_BY = ("holidays", "numpy", "pandas", "prophet", "scikit-learn")
"""Libraries whose release may change a score."""


@dataclass(frozen=True)
class Step:
    """One step: tables it reads and writes as `schema.table`."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    may_lack: tuple[str, ...] = ()
    """Of what it reads the tables that cost only a part of it where they are held back."""
    scores_days: tuple[str, ...] = ()
    """Of what it reads the tables of which only days that are over count (`days_over`)."""

    @property
    def id(self) -> str:
        """Its id in the plan."""
        return f"step.{self.name}"


STEPS = {
    step.name: step
    for step in (
        Step(
            "detect_anomalies",
            (
                "intermediate.int_metered_costs_daily",
                "intermediate.int_price_changes",
                "intermediate.int_tagged_usage_daily",
                "marts.fct_allocated_costs_daily",
                "marts.fct_charges",
                "marts.rpt_incomplete_days",
            ),
            ("ml.cost_anomalies", "ml.cost_incidents", "ml.price_changes"),
            scores_days=(
                "intermediate.int_metered_costs_daily",
                "intermediate.int_tagged_usage_daily",
                "marts.fct_allocated_costs_daily",
            ),
        ),
        Step(
            "forecast_costs",
            (
                "marts.fct_allocated_costs_daily",
                "marts.fct_budget_status_daily",
                "marts.dim_budgets",
                "intermediate.int_price_steps",
                "marts.rpt_incomplete_days",
                "ml.cost_anomalies",
            ),
            (
                "ml.cost_forecasts",
                "ml.forecast_accuracy",
                "ml.period_forecasts",
                "ml.cost_outlooks",
                "ml.budget_outlooks",
                "ml.capacity_outlooks",
                "ml.cost_components",
            ),
            scores_days=("marts.fct_allocated_costs_daily",),
        ),
        Step(
            "score_optimizations",
            tuple(sorted({table for strategy in strategies() for table in strategy.reads} | set(VERIFICATION_READS))),
            ("ml.recommendations", "ml.strategy_results", "ml.recommendation_snapshots", "ml.verified_savings"),
        ),
        Step(
            "infer_prices",
            ("intermediate.int_billed_quantities_daily", "marts.dim_prices_current"),
            ("ml.implied_prices",),
        ),
        Step(
            "alerts",
            tables_read(),
            ("alerts.alerts", "alerts.deliveries"),
            may_lack=tables_of_single_rules(),
        ),
    )
}
"""In the order they run."""


@lru_cache(maxsize=1)
def scoring_code_key() -> str:
    """Changes with the code that scores and alerts, reads for it and writes it, and with the libraries that score."""
    digest = hashlib.md5(usedforsecurity=False)
    root = Path(__file__).parents[3]
    for folder in ("ml", "orchestration/alerting", "orchestration/defs", "orchestration/warehouse"):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    for package in SCORED_BY:
        try:
            digest.update(f"{package} {version(package)}".encode())
        except PackageNotFoundError:
            digest.update(f"{package} missing".encode())
    return digest.hexdigest()
