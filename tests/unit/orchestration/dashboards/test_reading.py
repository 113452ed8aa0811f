"""Definitions that are right, and those that are not: each fault names file, widget, field and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.dashboards.catalog import SHIPPED, find
from orchestration.dashboards.reading import read_file
from tests.unit.orchestration.dashboards.marts import DEFINITION

METRIC = "{type: metric, title: Spend, position: {x: 0, y: 0, w: 3, h: 2}, value: sum(spend_usd)}"


def faults_of(folder: Path, text: str, name: str = "own.yml") -> str:
    path = folder / name
    path.write_text(text)
    dashboard, faults = read_file(path)
    assert (dashboard is None) == bool(faults)
    return "\n".join(map(str, faults))


def test_every_shipped_definition_is_right() -> None:
    found = find(Path("/nowhere"))
    assert [str(fault) for each in found for fault in each.faults] == []
    assert len(found) == len(list(SHIPPED.glob("*.yml"))) >= 10


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (METRIC, METRIC.replace("metric", "metrik"), "own.yml: widget 1 \"Spend\", field type: 'metrik'"),
        (METRIC, METRIC.replace("w: 3", "w: 4"), 'widget 2 "By team", field position: overlaps widget 1 "Spend"; move'),
        (METRIC, METRIC.replace("w: 3", "w: 13"), "leaves the grid of 12 columns"),
        (
            METRIC,
            METRIC.replace("sum(spend_usd)", "sum(spent)"),
            "no measure 'spent'; there are: request_count, spend_usd",
        ),
        (
            METRIC,
            METRIC.replace("value:", "valeu:"),
            'widget 1 "Spend", field valeu: is not known here; did you mean value',
        ),
        (METRIC, METRIC.replace("title: Spend", "title: Spend, unit: euro"), "field unit: 'euro' is no unit"),
        (
            METRIC,
            METRIC.replace("title: Spend", "title: Spend, dataset: spnd"),
            "no dataset 'spnd'; did you mean spend",
        ),
        (METRIC, METRIC.replace("title: Spend", "title: Spend, where: {team: a}"), "did you mean team_id?"),
        ("x: team_id", "x: teem_id", "no dimension 'teem_id'; did you mean team_id"),
        ("filters: [team_id]", "filters: [user_id]", "no dataset has the dimension 'user_id'"),
        ("mart: rpt_cost_daily", "where: 1=1", "dataset spend, field mart: give either mart"),
        ("measures: [spend_usd,", 'measures: ["sum(spend_usd)",', "is no name of a column; compute it in query"),
        ("title: Spend\n", "titel: Spend\n", "field titel: is not known here; did you mean title?"),
        ("widgets:", "wigets:", "field widgets: a dashboard has a list"),
        (DEFINITION, "just words", "a dashboard is a mapping"),
        (DEFINITION, "a: [", "cannot be read"),
        (DEFINITION, "a: &a [*a, *a]", "line 1 refers to another place"),
        (DEFINITION, "name: index", "'index' is no name"),
    ],
)
def test_a_fault_names_place_and_remedy(tmp_path: Path, before: str, after: str, says: str) -> None:
    assert says in faults_of(tmp_path, DEFINITION.replace(before, after))


def test_a_pie_has_few_slices(tmp_path: Path) -> None:
    pie = METRIC.replace("metric", "pie_chart, by: model_id, limit: 12")
    assert "at most 7 slices" in faults_of(tmp_path, DEFINITION.replace(METRIC, pie))


def test_json_is_read_as_well(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "{", "own.json") != ""
    text = '{"widgets": [{"type": "text", "position": {"x": 0, "y": 0, "w": 12, "h": 1}, "markdown": "Hello"}]}'
    assert faults_of(tmp_path, text, "own.json") == ""


def test_one_of_your_own_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("name: executive\n" + DEFINITION)
    (tmp_path / "twice.yml").write_text("name: executive\n" + DEFINITION)
    found = find(tmp_path)
    named = [each for each in found if each.dashboard and each.dashboard.name == "executive"]
    assert [each.path.name for each in named] == ["mine.yml"]
    assert "is the name of mine.yml too" in str(next(each.faults[0] for each in found if each.path.name == "twice.yml"))
