"""The one page of the Power BI project: spend, its course, who and what it went to.

Put here: the page's parts. Keep out: the model (`power_bi`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from orchestration.publishing.bi.model import Model

FACT = "rpt_cost_daily"
CARDS = ("spend_usd", "llm_spend_usd", "contracted_cost_usd_per_request", "cache_read_ratio", "unallocated_share_ratio")
BARS = (("dim_teams", "team_name"), ("dim_providers", "provider_name"), (FACT, "model_id"))
WIDTH, HEIGHT, GAP = 1280, 720, 16


def report_files(project: str, model: Model) -> dict[str, str]:
    """Files of the report by their path."""
    section = {
        "name": "overview",
        "displayName": "LLM costs",
        "displayOption": 1,
        "width": WIDTH,
        "height": HEIGHT,
        "config": "{}",
        "filters": "[]",
        "visualContainers": list(_visuals(model)),
    }
    report = {
        "config": json.dumps({"version": "5.50", "activeSectionIndex": 0}),
        "layoutOptimization": 0,
        "resourcePackages": [],
        "sections": [section],
    }
    reference = {"version": "4.0", "datasetReference": {"byPath": {"path": f"../{project}.SemanticModel"}}}
    return {
        f"{project}.Report/definition.pbir": json.dumps(reference, indent=2) + "\n",
        f"{project}.Report/report.json": json.dumps(report, indent=2) + "\n",
    }


def _visuals(model: Model) -> Iterator[dict[str, Any]]:
    def label(name: str) -> str:
        return model.metrics[name].label

    card = (WIDTH - GAP * (len(CARDS) + 1)) / len(CARDS)
    for number, name in enumerate(CARDS):
        yield _visual(
            f"card{number}",
            "card",
            (GAP + number * (card + GAP), GAP, card, 110),
            {"Values": [(FACT, label(name), True)]},
        )
    fields = {"Category": [("dim_dates", "date_day", False)], "Y": [(FACT, label("spend_usd"), True)]}
    yield _visual("course", "lineChart", (GAP, 142, WIDTH - 2 * GAP, 260), fields)
    bar = (WIDTH - GAP * (len(BARS) + 1)) / len(BARS)
    for number, (table, column) in enumerate(BARS):
        metric = "contracted_cost_usd" if column == "model_id" else "spend_usd"
        fields = {"Category": [(table, column, False)], "Y": [(FACT, label(metric), True)]}
        yield _visual(f"bars{number}", "clusteredBarChart", (GAP + number * (bar + GAP), 418, bar, 286), fields)


def _visual(
    name: str, kind: str, place: tuple[float, float, float, float], fields: dict[str, list[tuple[str, str, bool]]]
) -> dict[str, Any]:
    x, y, width, height = place
    tables = sorted({table for each in fields.values() for table, _, _ in each})
    alias = {table: f"t{number}" for number, table in enumerate(tables)}
    select = [
        {
            "Measure" if is_measure else "Column": {
                "Expression": {"SourceRef": {"Source": alias[table]}},
                "Property": field,
            },
            "Name": f"{table}.{field}",
        }
        for each in fields.values()
        for table, field, is_measure in each
    ]
    position = {"x": x, "y": y, "z": 0, "width": width, "height": height}
    config = {
        "name": name,
        "layouts": [{"id": 0, "position": position}],
        "singleVisual": {
            "visualType": kind,
            "projections": {
                role: [{"queryRef": f"{table}.{field}"} for table, field, _ in each] for role, each in fields.items()
            },
            "prototypeQuery": {
                "Version": 2,
                "From": [{"Name": alias[table], "Entity": table, "Type": 0} for table in tables],
                "Select": select,
            },
            "drillFilterOtherVisuals": True,
        },
    }
    return {**position, "config": json.dumps(config), "filters": "[]"}
