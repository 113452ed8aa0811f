"""One page: its words, its data, its program, in one file that loads nothing.

Put here: putting a page together. Keep out: drawing (`page/`, in the browser), which pages there are (`site`).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import duckdb

from orchestration.dashboards.definitions import DIMENSIONS, TEAM, Dashboard
from orchestration.dashboards.packing import EPOCH, Packed, pack
from orchestration.dashboards.spans import period_named
from orchestration.presenting.formats import Unit
from orchestration.presenting.periods import Period, parse_period
from orchestration.presenting.standing import Standing, published_today, standing_of
from orchestration.presenting.theme import DARK, LIGHT
from orchestration.text.terminal import stripped

PRESETS = ("7d", "30d", "90d", "month", "last_month", "quarter", "year", "all")
"""Periods that every page offers; any two dates besides."""
_PRESET_LABELS = {
    "7d": "Last 7 days", "30d": "Last 30 days", "90d": "Last 90 days", "month": "This month",
    "last_month": "Last month", "quarter": "This quarter", "year": "This year", "all": "All",
}  # fmt: skip
PROGRAM = (
    "start.js", "formats.js", "data.js", "svg.js", "axes.js", "charts.js", "shapes.js", "tables.js", "cards.js",
    "drivers.js", "text.js", "widgets.js", "main.js",
)  # fmt: skip
"""Parts of the page's program in the order in which they stand."""


@dataclass(frozen=True)
class Link:
    """A way to another page."""

    section: str
    label: str
    href: str


def render(
    connection: duckdb.DuckDBPyConnection, dashboard: Dashboard, links: Sequence[Link] = (), team: str | None = None
) -> tuple[str, Packed]:
    """The page of a dashboard, of one team's rows where `team` is given, and the data in it."""
    today = published_today(connection)
    standing = standing_of(connection, _period(dashboard.period, today), today)
    packed = pack(connection, dashboard, team)
    subject = "" if team is None else packed.names.get(TEAM, {}).get(team, team)
    title = f"{dashboard.title}: {subject}" if subject else dashboard.title
    content = {
        "name": dashboard.name,
        "title": title,
        "subject": subject,
        "description": dashboard.description,
        "today": _day(today),
        "through": _day(standing.through_date) if standing.through_date else None,
        "standing": _standing(standing, is_for_all=team is None),
        "links": [asdict(link) for link in links],
        "period": dashboard.period,
        "presets": [{"name": name, "label": _PRESET_LABELS[name]} for name in PRESETS],
        "periods": _periods(dashboard, today, standing.through_date),
        "filters": [
            {"dimension": name, "label": DIMENSIONS.get(name, (name.replace("_", " ").capitalize(),))[0]}
            for name in dashboard.filters
        ],
        "labels": {name: label for name, (label, _, _) in DIMENSIONS.items()},
        "units": {unit.value: unit.is_number for unit in Unit},
        "names": packed.names,
        "datasets": packed.datasets,
        "widgets": [
            {**asdict(widget), "unit": widget.unit.value, "id": number}
            for number, widget in enumerate(dashboard.widgets)
        ],
    }
    return html_page(title, content), packed


def html_page(title: str, content: dict[str, Any]) -> str:
    """A page around its content."""
    program, style = asset_text(PROGRAM), style_text()
    policy = (
        f"default-src 'none'; script-src '{_hash(program)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(stripped(title))} · LLM Cost Ops</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<div id="app"><noscript><p>This page computes its figures in your browser: allow scripts for it. The same '
        "figures in SQL: <code>costops query</code>.</p></noscript></div>\n"
        f'<script id="page" type="application/json">{_inert(data)}</script>\n<script>{program}</script>\n'
        "</body>\n</html>\n"
    )


def style_text() -> str:
    """The style sheet with the palette of both appearances."""
    light = LIGHT.css + _series(LIGHT.categories)
    dark = DARK.css + _series(DARK.categories)
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
        + asset_text(("page.css",))
        + "\n@media print{:root,:root:not([data-theme=light]),:root[data-theme=dark]"
        + f"{{color-scheme:light;{light}}}}}\n"
    )


@cache
def asset_text(names: tuple[str, ...]) -> str:
    """Files of the page one after another."""
    folder = files("orchestration.dashboards") / "page"
    parts = [(folder / name).read_text(encoding="utf-8") for name in names]
    joined = "\n".join(parts)
    return f'"use strict";\n(() => {{\n{joined}\n}})();\n' if names == PROGRAM else joined


def _series(colours: Sequence[str]) -> str:
    return "".join(f"--c{number}:{colour};" for number, colour in enumerate(colours))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inert(data: str) -> str:
    """JSON that no parser of HTML takes for an end of its element, nor one of JavaScript for an end of line."""
    return data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _standing(standing: Standing, *, is_for_all: bool) -> dict[str, Any]:
    """Freshness, and what is wrong with the whole; a page for one team does not tell of others."""
    return {
        "published": f"{standing.published_at_utc:%Y-%m-%d %H:%M} UTC" if standing.published_at_utc else None,
        "faults": list(standing.faults) if is_for_all else [],
    }


def _period(name: str, today: date) -> Period:
    try:
        return period_named(name, today)
    except ValueError:
        return parse_period("30d", today)


def _periods(dashboard: Dashboard, today: date, through: date | None) -> dict[str, Any]:
    """Days of each period by name; of one in progress up to today, and of the one before as many."""
    wanted = {*PRESETS, dashboard.period, *(widget.period for widget in dashboard.widgets)} - {""}
    found = {}
    for name in sorted(wanted):
        period = _period(name, today)
        now = period if period.grain == "ahead" else period.through(today)
        before = now.before()
        found[name] = {
            "first": _day(now.first),
            "last": _day(now.last),
            "before": None if period.grain in ("ahead", "all") else [_day(before.first), _day(before.last)],
            "label": _PRESET_LABELS.get(name, period.label),
        }
    return found


def _day(day: date) -> int:
    return (day - EPOCH).days
