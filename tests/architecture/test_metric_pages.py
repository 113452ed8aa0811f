"""The pages on metrics say what the definitions compute."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.publishing.bi import catalogue
from orchestration.publishing.bi.formulas import Change, Difference, Ratio, ToDate, Total, columns_of
from orchestration.publishing.bi.model import Model, read_model

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def model(manifest: dict[str, Any]) -> Model:
    return read_model(manifest)


def words_of(model: Model, name: str) -> set[str]:
    """Columns that a metric reads in the end, and the metrics that it is made of."""
    formula = model.metrics[name].formula
    if isinstance(formula, Ratio | Difference):
        return {name, *words_of(model, formula.first), *words_of(model, formula.second)}
    if isinstance(formula, Change):
        return {name, *words_of(model, formula.metric)}
    total = formula.total if isinstance(formula, ToDate) else formula
    assert isinstance(total, Total)
    own = {each.name for each in model.metrics.values() if each.formula == total}
    return {name, *own, *columns_of(total), *(condition.value for condition in total.conditions)}


def test_the_page_of_all_metrics_is_the_definitions(model: Model) -> None:
    """`costops bi catalogue --to docs` writes it."""
    assert (DOCS / catalogue.FILE).read_text() == catalogue.files(model)[catalogue.FILE]


def test_ratios_in_words_name_what_the_metric_reads(model: Model) -> None:
    page = (DOCS / "metrics.md").read_text()
    ratios = {name for name, metric in model.metrics.items() if isinstance(metric.formula, Ratio)}
    rows = [(name, formula) for name, formula in ROW.findall(page) if name in ratios]
    named = {name: set(re.findall(r"`(\w+)`", formula)) for name, formula in rows}
    wrong = {name: words - words_of(model, name) for name, words in named.items()}
    assert {name: words for name, words in wrong.items() if words} == {}
    assert sum(1 for words in named.values() if words) >= 6
