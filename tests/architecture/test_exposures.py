"""Dashboards that are shipped are exposures of dbt: lineage shows who looks at a table.

`COSTOPS_TEST_WRITE_DOCS=1` writes `dbt_project/models/semantic/dashboards.yml` anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "dbt_project" / "models" / "semantic" / "dashboards.yml"
SHIPPED = ROOT / "orchestration" / "dashboards" / "shipped"
MART = re.compile(r"\b(?:rpt|fct|dim|focus)_[a-z0-9_]+")


def exposures(marts: set[str]) -> list[dict[str, Any]]:
    """As the shipped dashboards say it themselves."""
    found = []
    for path in sorted(SHIPPED.glob("*.yml")):
        text = path.read_text()
        content = yaml.safe_load(text)
        found.append(
            {
                "name": f"dashboard_{path.stem}",
                "label": content["title"],
                "type": "dashboard",
                "maturity": "high",
                "description": content["description"],
                "owner": {"name": content.get("owner", "analytics")},
                "depends_on": [f"ref('{name}')" for name in sorted(set(MART.findall(text)) & marts)],
            }
        )
    return found


def test_every_shipped_dashboard_is_an_exposure_of_what_it_shows(manifest: dict[str, Any]) -> None:
    marts = {node["name"] for node in manifest["nodes"].values() if node["schema"] == "marts"}
    wanted = exposures(marts)
    assert len(wanted) >= 8
    assert all(each["depends_on"] for each in wanted)
    if os.environ.get("COSTOPS_TEST_WRITE_DOCS"):
        record = {"version": 2, "exposures": wanted}
        FILE.write_text(yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=120))
        return
    written = yaml.safe_load(FILE.read_text())["exposures"]
    assert written == wanted, (
        "a dashboard reads other marts: COSTOPS_TEST_WRITE_DOCS=1 pytest <this file> says so to dbt"
    )
