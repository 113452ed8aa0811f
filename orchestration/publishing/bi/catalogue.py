"""The page of all metrics, in Markdown, as it stands in `docs/`.

Put here: that page. Keep out: what the words around it say (`docs/metrics.md`).
"""

from __future__ import annotations

from orchestration.publishing.bi.formulas import Change, ToDate, Total
from orchestration.publishing.bi.languages import Sql
from orchestration.publishing.bi.model import Fact, Metric, Model

FILE = "metric_catalogue.md"
_HEAD = """# All metrics by name

One definition each, in `dbt_project/models/semantic/`: [MetricFlow](bi_tools.md#metricflow) answers from it, and the
files for [BI tools](bi_tools.md) are written from it. So is this page, by `costops bi catalogue --to docs`. What the
words mean is in [metrics.md](metrics.md). Sums leave unknown amounts out and are NULL where nothing is known, so they
are *at least* what they say.
"""


def files(model: Model) -> dict[str, str]:
    """The page by its name."""
    facts = sorted(model.facts.values(), key=lambda fact: (fact.mart != "rpt_cost_daily", fact.mart))
    return {FILE: "\n".join([_HEAD, *(_section(model, fact) for fact in facts)])}


def _section(model: Model, fact: Fact) -> str:
    dimensions = [f"`{name}`" for name in (fact.time, *fact.entities, *fact.dimensions)]
    lines = [
        f"## {fact.mart}",
        "",
        fact.description,
        "",
        f"Of `{fact.mart}`, by {', '.join(dimensions)}.",
        "",
        *(
            f"* **{metric.label}** `{metric.name}`: {metric.description} Computed as {_computed(model, metric)}."
            for metric in sorted(model.metrics_of(fact.mart), key=lambda metric: metric.label)
        ),
    ]
    return "\n".join(lines) + "\n"


def _computed(model: Model, metric: Metric) -> str:
    formula = metric.formula
    if isinstance(formula, ToDate):
        return f"`{_sql(formula.total)}` since the first of the {formula.grain}"
    if isinstance(formula, Change):
        return f"`{formula.metric}` − that of {formula.count} {formula.grain} before"
    written = Sql(str, str).formula(formula) or ""
    return f"`{written.replace('cast(', '').replace(' as double precision)', '')}`"


def _sql(total: Total) -> str:
    return Sql(str, str).total(total)
