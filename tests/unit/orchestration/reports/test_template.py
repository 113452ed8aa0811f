"""Templates: those that ship can be used, and what is wrong with one is said with its place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.reports.template import SHIPPED, TemplateError, load_template, load_templates

GOOD = """
name: mine
title: Mine
sections:
  - {type: table, figure: spend_by_team, total: true}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yml"
    path.write_text(text)
    return path


def test_every_shipped_template_can_be_used() -> None:
    found, problems = load_templates(None)
    assert problems == []
    assert set(found) == {path.stem for path in SHIPPED.glob("*.yml")}
    asked_for = {
        "executive_monthly", "monthly_summary", "daily_summary", "weekly_analysis", "team", "customer",
        "model_performance", "budget_variance", "optimization", "chargeback_statement", "showback", "reconciliation",
        "tco",
    }  # fmt: skip
    assert asked_for <= set(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a list", "a template is a mapping"),
        ("name: mine\nsections: []", "sections is empty"),
        ("name: Mine!\nsections: [{type: basis}]", "small letters"),
        ("name: mine\ncolour: red\nsections: [{type: basis}]", "'colour', which nothing reads"),
        ("sections: [{type: table}]", "section 1 needs figure, or query with columns"),
        ("sections: [{type: table, figure: spend_by_teem}]", "figure 'spend_by_teem'; there are:"),
        ("sections: [{type: tabel, figure: spend_by_team}]", "type 'tabel'; there are:"),
        ("sections: [{type: table, figure: spend_by_team, show: [cost]}]", "it has: subject, spend_usd"),
        ("sections: [{type: table, figure: spend_by_team, limit: many}]", "limit 'many'"),
        ("sections: [{type: chart, figure: spend_by_team, kind: pye}]", "none of line, area"),
        ("sections: [{type: executive_summary, metrics: [profit]}]", "no metric profit; there are: total_cost"),
        ("sections: [{type: analysis, topics: [gossip]}]", "holds none but change"),
        ("sections: [{type: recommendations, categories: [all]}]", "holds none but cost_optimization"),
        ("sections: [{type: text}]", "text is missing"),
        ("sections: [{type: table, query: select 1 as a}]", "a query needs columns"),
        ("sections: [{type: table, query: select 1 as a, columns: {a: euro}}]", "unit 'euro'; there are: usd"),
        (
            "sections: [{type: table, figure: budget_variance, thresholds: {warning: 2, critical: 1}}]",
            "warning lies above critical",
        ),
        ("sections: [{type: basis}]\nstyle: {primary_color: blue}", "is no colour; write it as #1E3A8A"),
        ('sections: [{type: basis}]\nstyle: {font: "a\\"; }"}', "is no name of a font"),
        ("sections: [{type: basis}]\nstyle: {logo: ../../etc/passwd.png}", "is no file beside the template"),
        ("sections: [{type: basis}]\nformats: [docx]", "holds none but html, pdf"),
        ("title: 5\nsections: [{type: basis}]", "title 5, which is no text; put it in quotes"),
        ("name: [", "it is no YAML"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TemplateError) as raised:
        load_template(written(tmp_path, text))
    assert said in str(raised.value)
    assert "mine.yml" in str(raised.value)


def test_a_wrong_template_costs_the_others_nothing_and_ones_own_stands_before_a_shipped_one(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("name: mine", "name: team"))
    (tmp_path / "broken.yml").write_text("sections: 5")
    found, problems = load_templates(tmp_path)
    assert found["team"].title == "Mine"
    assert len(problems) == 1
    assert "broken.yml" in problems[0]
    assert "executive_monthly" in found
