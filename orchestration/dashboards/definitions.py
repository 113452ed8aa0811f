"""What a dashboard is: datasets, filters and widgets on a grid of twelve columns.

Put here: its parts and what each type of widget takes. Keep out: reading files, looking at marts, drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.presenting.formats import Unit

COLUMNS = 12
TEAM = "team_id"
"""The dimension by which a page is restricted to one team."""
SECTIONS = ("dashboards", "analytics", "budgets", "settings")
"""Where the navigation lists a dashboard."""
GRAINS = ("day", "week", "month", "quarter", "year", "auto")
MOST_SLICES = 7
"""Of a pie, the rest included: more cannot be told apart."""

DIMENSIONS = {
    "provider_id": ("Provider", "dim_providers", "provider_name"),
    "model_id": ("Model", None, None),
    "team_id": ("Team", "dim_teams", "team_name"),
    "project_id": ("Project", "dim_projects", "project_name"),
    "cost_center_id": ("Cost center", "dim_cost_centers", "cost_center_name"),
    "cost_kind": ("Kind of cost", None, None),
    "environment": ("Environment", None, None),
    "customer_id": ("Customer", None, None),
    "feature": ("Feature", None, None),
    "gpu_name": ("GPU", None, None),
    "scope_type": ("Scope", None, None),
}
"""Known dimensions: what a reader calls them, where their names are."""


@dataclass(frozen=True)
class Dataset:
    """Rows that widgets draw from: a mart, or a statement over marts, and what of it the page holds."""

    name: str
    mart: str = ""
    query: str = ""
    date: str = ""
    grain: str = "day"
    """`month` where a row stands for a whole month."""
    dimensions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Measures of which a missing value is an unknown amount, not one that does not apply."""
    days: int = 0
    """Only the newest so many; 0 is all."""
    where: str = ""


@dataclass(frozen=True)
class Position:
    """A place on the grid."""

    x: int
    y: int
    w: int
    h: int

    def overlaps(self, other: Position) -> bool:
        """Whether both claim the same cell."""
        return (
            self.x < other.x + other.w
            and other.x < self.x + self.w
            and self.y < other.y + other.h
            and other.y < self.y + self.h
        )


@dataclass(frozen=True)
class Widget:
    """One box of a page; `options` are the fields of its type, read and with expressions as trees."""

    type: str
    title: str
    position: Position
    dataset: str = ""
    period: str = ""
    unit: Unit = Unit.USD
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""
    empty: str = ""
    """What is said where there is nothing to show."""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Dashboard:
    """A definition that holds together by itself."""

    name: str
    title: str
    description: str = ""
    section: str = "dashboards"
    owner: str = ""
    audience: tuple[str, ...] = ()
    is_public: bool = False
    tags: tuple[str, ...] = ()
    period: str = "30d"
    filters: tuple[str, ...] = ()
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    widgets: tuple[Widget, ...] = ()


@dataclass(frozen=True)
class Kind:
    """What a type of widget takes besides what all take. A mark behind a name says how it is read.

    `=` an expression, `=*` a list of labelled expressions, `.` a dimension of its dataset, `.*` a list of them, `#` a
    number, `#*` numbers, `?` yes or no, `[a|b]` one of these, none: text.
    """

    needs: Mapping[str, str]
    takes: Mapping[str, str] = field(default_factory=dict)


_TIME = {"x": ".", "grain": "[day|week|month|quarter|year|auto]"}
TYPES: dict[str, Kind] = {
    "metric": Kind({"value": "="}, {"compare": "?", "good": "[up|down]", "spark": "?", "text": ".",
                   "thresholds": "#*"}),
    "comparison": Kind({"values": "=*"}, {"good": "[up|down]"}),
    "gauge": Kind({"value": "="}, {"maximum": "#", "thresholds": "#*"}),
    "progress": Kind({"value": "=", "goal": "="}, {"thresholds": "#*"}),
    "line": Kind({"values": "=*"}, {**_TIME, "series": ".", "limit": "#", "low": "=", "high": "=", "markers": "?"}),
    "area": Kind({"values": "=*"}, {**_TIME, "series": ".", "limit": "#"}),
    "bar": Kind(
        {"values": "=*"},
        {**_TIME, "series": ".", "limit": "#", "direction": "[vertical|horizontal]", "reference": "#", "drill": "?",
         "signed": "?", "sort": "[value|label]"},
    ),
    "pie": Kind({"by": ".", "value": "="}, {"limit": "#", "drill": "?"}),
    "scatter": Kind({"by": ".", "x_value": "=", "y_value": "="}, {"x_label": "", "y_label": "", "x_unit": "unit",
                    "y_unit": "unit", "size": "=", "drill": "?"}),
    "heatmap": Kind({"rows": ".", "columns": ".", "value": "="}),
    "table": Kind({"columns": "columns"}, {"sort": "", "order": "=", "limit": "#", "drill": ".", "details": ".*"}),
    "pivot": Kind({"rows": ".", "value": "="}, {"columns": ".", "grain": _TIME["grain"], "limit": "#", "totals": "?"}),
    "side_by_side": Kind({"by": ".", "values": "=*"}),
    "explorer": Kind({"values": "=*", "by": ".*"}, {"limit": "#"}),
    "waterfall": Kind({"steps": ".", "value": "="}, {"order": "="}),
    "drivers": Kind({"total": "="}, {"total_dataset": ""}),
    "text": Kind({"markdown": ""}),
}  # fmt: skip
"""By the name that a definition writes; `_chart` may follow (`line_chart`)."""
WITHOUT_DATA = ("text",)
