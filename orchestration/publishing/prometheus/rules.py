"""Alerting rules on the gauges, for those who run Prometheus and Alertmanager.

Put here: rules as data, their file. Keep out: alerts of our own.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

LEAST_HOUR_USD, LEAST_TENANT_USD = 5, 5
"""Below these a jump is no alert."""


@dataclass(frozen=True)
class Rule:
    """One alert: what must hold, for how long, and what is said."""

    alert: str
    expr: str
    for_: str
    severity: str
    summary: str
    description: str


RULES = (
    Rule(
        "BudgetExceeded", "llm_budget_spend / llm_budget_monthly > 1", "5m", "critical",
        "Budget {{ $labels.budget_id }} is passed",
        "{{ $value | humanizePercentage }} of budget {{ $labels.budget_id }} ({{ $labels.period }}) is spent.",
    ),
    Rule(
        "BudgetWarning", "llm_budget_spend / llm_budget_monthly > 0.8 <= 1", "15m", "warning",
        "Budget {{ $labels.budget_id }} is nearly spent",
        "{{ $value | humanizePercentage }} of budget {{ $labels.budget_id }} ({{ $labels.period }}) is spent.",
    ),
    Rule(
        "CostSpike",
        f"llm_cost_hour_usd > 2 * llm_cost_expected_hour_usd and llm_cost_hour_usd > {LEAST_HOUR_USD}",
        "30m", "warning",
        "An hour costs more than twice what it does in other weeks",
        "The newest hour cost {{ $value | printf \"%.2f\" }} USD, more than twice the mean of this hour of the week.",
    ),
    Rule(
        "HighCostPerRequest", "llm_cost_per_request_usd > 0.10", "15m", "warning",
        "Requests are expensive",
        "A request cost {{ $value | printf \"%.4f\" }} USD on average on the newest day.",
    ),
    Rule(
        "LowGPUEfficiency",
        "avg by (host) (gpu_utilization_percent) < 30 and on (host) gpu_cost_mtd_usd > 1000", "1h", "warning",
        "GPUs of {{ $labels.host }} idle",
        "Used {{ $value | printf \"%.0f\" }} % of the newest day, at over 1,000 USD this month.",
    ),
    Rule(
        "UnexpectedTenantCost",
        f"llm_tenant_cost_day_usd > 3 * llm_tenant_cost_mean_day_usd and llm_tenant_cost_day_usd > {LEAST_TENANT_USD}",
        "2h", "warning",
        "Customer {{ $labels.tenant_id }} costs more than usual",
        "{{ $labels.tenant_id }} cost {{ $value | printf \"%.2f\" }} USD, more than three times its mean day.",
    ),
    Rule(
        "ForecastOverBudget", "llm_budget_projected / llm_budget_monthly > 1.1", "1h", "warning",
        "Budget {{ $labels.budget_id }} will be passed at this rate",
        "At this rate {{ $value | humanizePercentage }} of budget {{ $labels.budget_id }} will be spent.",
    ),
    Rule(
        "MartsStale", "time() - costops_published_timestamp_seconds > 36 * 3600", "30m", "warning",
        "Cost figures are old", "Marts were published {{ $value | humanizeDuration }} ago.",
    ),
    Rule(
        "MartsHeldBack", "costops_marts_held_back > 0", "15m", "warning",
        "Cost figures are held back", "{{ $value }} marts are stale because something they read is wrong.",
    ),
)  # fmt: skip


def rules_file() -> str:
    """The file for `rule_files` of prometheus.yml."""
    rules = [
        {
            "alert": rule.alert,
            "expr": rule.expr,
            "for": rule.for_,
            "labels": {"severity": rule.severity},
            "annotations": {"summary": rule.summary, "description": rule.description},
        }
        for rule in RULES
    ]
    return yaml.safe_dump({"groups": [{"name": "llm_costs", "rules": rules}]}, sort_keys=False, width=1000)
