"""The dashboard "LLM Cost Monitoring" for Grafana over the gauges, built with Grafana's own SDK.

Gauges are amounts of a period, so nothing here asks `increase()` or `rate()` of them, and every sum names its period.

Put here: panels, their expressions. Keep out: gauges, rules, dashboards over marts (`dashboards`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from orchestration.publishing.prometheus.rules import RULES

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

TITLE, UID = "LLM Cost Monitoring", "llm-cost-monitoring"
CHOSEN = 'tenant_id=~"$tenant_id", model=~"$model", environment=~"$environment"'
MONTH, DAY = f'llm_cost_total{{period="mtd", {CHOSEN}}}', f'llm_cost_total{{period="day", {CHOSEN}}}'
FIRING = f'ALERTS{{alertname=~"{"|".join(rule.alert for rule in RULES)}", alertstate="firing"}}'
EXPRESSIONS = {
    "Current Month Cost": f"sum({MONTH})",
    "Cost vs Budget": "max by (budget_id) (100 * llm_budget_spend / llm_budget_monthly)",
    "Daily Cost Trend": f"sum by (category) ({DAY})",
    "Cost by Model": f"sum by (model) ({MONTH})",
    "Cost by Tenant (Top 10)": 'topk(10, llm_tenant_cost_mtd_usd{tenant_id=~"$tenant_id"})',
    "Cost per Request": "llm_cost_per_request_usd",
    "GPU Cost Efficiency": "avg by (host) (gpu_utilization_percent)",
    "Requests per GPU-Hour": "llm_requests_per_gpu_hour",
    "Monthly Cost Forecast": f"sum({MONTH}) * days_in_month() / day_of_month()",
    "Optimization Opportunities": "sum by (strategy, effort) (llm_optimization_opportunity)",
    "Alerts": FIRING,
}
"""By panel: what it asks Prometheus."""


class MissingSdkError(RuntimeError):
    """Grafana's SDK is not installed."""


def dashboard_json() -> str:
    """The dashboard as Grafana imports it; its data source is asked for then.

    Raises:
        MissingSdkError: the extra `grafana` is not installed.
    """
    try:
        from grafana_foundation_sdk.cog.encoder import JSONEncoder
    except ModuleNotFoundError:
        raise MissingSdkError("Grafana's SDK is not installed; run: pip install 'llm-cost-ops[grafana]'") from None
    return str(JSONEncoder(sort_keys=True, indent=2).encode(_dashboard().build())) + "\n"


def _dashboard() -> Dashboard:
    from grafana_foundation_sdk.builders import dashboard as built

    board = built.Dashboard(TITLE).uid(UID).refresh("5m").time("now-30d", "now").timezone("utc").tags(["llm", "cost"])
    board = board.description("Gauges of costops metrics --serve. Month to date is per calendar month, days are UTC.")
    board = board.with_variable(built.DatasourceVariable("source").label("Prometheus").type("prometheus"))
    for name, label in (("tenant_id", "Customer"), ("model", "Model"), ("environment", "Environment")):
        board = board.with_variable(_choice(name, label))
    for panel in _panels():
        board = board.with_panel(panel)
    return board


def _choice(name: str, label: str) -> Any:
    from grafana_foundation_sdk.builders import dashboard as built
    from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh

    every = VariableOption(text="All", value="$__all", selected=True)
    variable = built.QueryVariable(name).label(label).datasource(_source()).multi(True).include_all(True)
    asked = f'label_values(llm_cost_total{{period="mtd"}}, {name})'
    # ".*" also takes what has no such label: cost without a customer stays in the sums.
    return variable.query(asked).all_value(".*").current(every).refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)


def _panels() -> list[Any]:
    """Each at its place on a grid of 24 columns."""
    from grafana_foundation_sdk.builders import bargauge, gauge, piechart, stat, table, timeseries

    usd, percent = "currencyUSD", "percent"
    return [
        _placed(stat.Panel().unit(usd), "Current Month Cost", (0, 0, 6, 4), steps=(10_000, 50_000)),
        _placed(
            gauge.Panel().unit(percent).min(0).max(150), "Cost vs Budget", (6, 0, 6, 4),
            legend="{{budget_id}}", steps=(80, 100),
        ),
        _placed(timeseries.Panel().unit(usd), "Daily Cost Trend", (12, 0, 12, 8), legend="{{category}}"),
        _placed(piechart.Panel().unit(usd), "Cost by Model", (0, 4, 6, 6), legend="{{model}}", instant=True),
        _placed(
            bargauge.Panel().unit(usd), "Cost by Tenant (Top 10)", (6, 4, 6, 6), legend="{{tenant_id}}", instant=True
        ),
        _placed(timeseries.Panel().unit(usd).decimals(4), "Cost per Request", (0, 10, 12, 6)),
        _placed(
            timeseries.Panel().unit(percent).min(0).max(100), "GPU Cost Efficiency", (12, 10, 12, 6), legend="{{host}}"
        ),
        _placed(stat.Panel().unit(usd), "Monthly Cost Forecast", (0, 16, 8, 4)),
        _placed(table.Panel().unit(usd), "Optimization Opportunities", (8, 16, 16, 6), instant=True, is_table=True),
        _placed(table.Panel(), "Alerts", (0, 22, 24, 6), instant=True, is_table=True),
        _placed(timeseries.Panel().decimals(0), "Requests per GPU-Hour", (0, 28, 24, 6), legend="{{model}}"),
    ]  # fmt: skip


def _placed(
    panel: Any,
    title: str,
    place: tuple[int, int, int, int],
    *,
    legend: str = "",
    steps: Sequence[float] = (),
    instant: bool = False,
    is_table: bool = False,
) -> Any:
    """A panel with its title, place, question and, where it has them, the values from which it is yellow and red."""
    from grafana_foundation_sdk.builders import dashboard as built
    from grafana_foundation_sdk.builders import prometheus
    from grafana_foundation_sdk.models.dashboard import GridPos, Threshold, ThresholdsMode
    from grafana_foundation_sdk.models.prometheus import PromQueryFormat

    query = prometheus.Dataquery().ref_id("A").expr(EXPRESSIONS[title]).legend_format(legend)
    query = query.instant() if instant else query.range()
    if is_table:
        query = query.format(PromQueryFormat.TABLE)
    x, y, width, height = place
    panel = panel.title(title).datasource(_source()).with_target(query).grid_pos(GridPos(x=x, y=y, w=width, h=height))
    if steps:
        colors = zip((None, *steps), ("green", "yellow", "red"), strict=True)
        marks = [Threshold(value=value, color=color) for value, color in colors]
        panel = panel.thresholds(built.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(marks))
    return panel


def _source() -> Any:
    from grafana_foundation_sdk.models.dashboard import DataSourceRef

    return DataSourceRef(type_val="prometheus", uid="${source}")
