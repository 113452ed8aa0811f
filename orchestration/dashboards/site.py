"""The pages of all dashboards beside the published copy, each written when what it shows changed.

Put here: which pages are written, links between them, the page that lists them. Keep out: what is in a page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion.config import Settings
from ingestion.whole_files import replace_file
from orchestration.dashboards.catalog import Found, find
from orchestration.dashboards.definitions import SECTIONS, Dashboard
from orchestration.dashboards.faults import Fault
from orchestration.dashboards.reading import ENDINGS
from orchestration.dashboards.rendering import PROGRAM, Link, asset_text, html_page, render, style_text
from orchestration.dashboards.statements import check, marts_of
from orchestration.presenting.periods import parse_period
from orchestration.presenting.standing import published_today, standing_of
from orchestration.publishing.published_copy import published_contents
from orchestration.publishing.query import open_published

FOLDER = "dashboards"
INDEX = "index"
STATE = ".state.json"
FILES = "."
"""In the state: what the definitions of the home were."""
HIDDEN_MARTS = ("rpt_mart_status",)
"""Changes with every publication: what it says is in every page by `standing`."""


@dataclass(frozen=True)
class Site:
    """What was written, what was as it should be, what is wrong."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    faults: tuple[Fault, ...]
    empty_widgets: tuple[str, ...] = ()
    """Datasets of pages that could not be read, with the reason."""

    @property
    def index(self) -> Path:
        """The page that lists them."""
        return self.page(INDEX)

    def page(self, name: str) -> Path:
        """The file of one."""
        return self.folder / f"{name}.html"

    @property
    def names(self) -> tuple[str, ...]:
        """Of every page but the index."""
        return tuple(sorted(set(self.written + self.kept) - {INDEX}))


def write_site(settings: Settings) -> Site:
    """Write every page whose definition, marts or standing changed, and take out those whose definition is gone.

    A definition that is wrong costs the others nothing.

    Raises:
        NothingPublishedError: there is no published copy yet.
        OSError: pages cannot be written.
    """
    folder = settings.published_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    connection = open_published(settings)
    try:
        return _write(settings, folder, connection)
    finally:
        connection.close()


def _write(settings: Settings, folder: Path, connection: duckdb.DuckDBPyConnection) -> Site:
    every, faults, right = find(settings.dashboards_dir), [], []
    for found in every:
        # Of a shipped one only widgets whose mart is not there stay empty: the code may be newer than the copy.
        is_own = found.dashboard is not None and not found.is_shipped
        wrong = [*found.faults, *(check(found.dashboard, found.path, connection) if is_own and found.dashboard else [])]
        faults += wrong
        if found.dashboard and not wrong:
            right.append(found)
    links = _links([found.dashboard for found in right if found.dashboard], settings.home)
    before, contents = _state(folder), published_contents(settings.published_dir)
    shared = _key(_look(settings, connection), asset_text(PROGRAM), style_text(), links)
    keys, written, kept, empty = {FILES: _files_key(settings)}, [], [], []
    for found in right:
        dashboard = found.dashboard
        assert dashboard is not None
        name = dashboard.name
        keys[name] = _key(shared, found.path.read_bytes(), _made_from(connection, dashboard, contents, settings))
        if before.get(name) == keys[name] and (folder / f"{name}.html").exists():
            kept.append(name)
            continue
        page, packed = render(connection, dashboard, links)
        empty += [f"{name}: dataset {dataset}: {fault}" for dataset, fault in packed.faults.items()]
        replace_file(folder / f"{name}.html", page)
        written.append(name)
    wrong_files = {found.path: [fault for fault in faults if fault.file == found.path.name] for found in every}
    index = _index(connection, right, {path.name: each for path, each in wrong_files.items() if each}, links)
    keys[INDEX] = _key(shared, json.dumps(index, default=str))
    if before.get(INDEX) != keys[INDEX] or not (folder / f"{INDEX}.html").exists():
        replace_file(folder / f"{INDEX}.html", html_page("Dashboards", index))
        written.append(INDEX)
    else:
        kept.append(INDEX)
    for gone in before.keys() - keys.keys() - {FILES}:
        (folder / f"{gone}.html").unlink(missing_ok=True)
    if before != keys:
        replace_file(folder / STATE, json.dumps(keys))
    return Site(folder, tuple(written), tuple(kept), tuple(faults), tuple(empty))


def are_dashboards_changed(settings: Settings) -> bool:
    """Whether a definition of the home came, went or changed since pages were written."""
    return _state(settings.published_dir / FOLDER).get(FILES, _key()) != _files_key(settings)


def _files_key(settings: Settings) -> str:
    folder = settings.dashboards_dir
    files = sorted(path for path in folder.iterdir() if path.suffix in ENDINGS) if folder.is_dir() else []
    return _key(*(part for path in files for part in (path.name, path.read_bytes())))


def _links(dashboards: Iterable[Dashboard], home: Path) -> list[Link]:
    found = [Link("dashboards", "All dashboards", f"{INDEX}.html")]
    found += [Link(each.section, each.title, f"{each.name}.html") for each in dashboards]
    if any((home / "reports").glob("*.html")):
        found.append(Link("reports", "Reports", "../../reports/"))
    if (home / "docs" / "index.html").exists():
        found.append(Link("settings", "Documentation", "../../docs/index.html"))
    order = ("dashboards", "reports", *(section for section in SECTIONS if section != "dashboards"))
    return sorted(found, key=lambda link: order.index(link.section))


def _look(settings: Settings, connection: duckdb.DuckDBPyConnection) -> str:
    """What is the same in all pages and moves with the copy: the day periods are seen from, and what is wrong."""
    today = published_today(connection)
    standing = standing_of(connection, parse_period("30d", today), today)
    return _key(today, standing.through_date, standing.faults)


def _made_from(
    connection: duckdb.DuckDBPyConnection, dashboard: Dashboard, contents: Mapping[str, str], settings: Settings
) -> str:
    marts = sorted(marts_of(connection, dashboard) - {*HIDDEN_MARTS})
    copy = str(settings.published_database.stat().st_mtime_ns)
    return _key(*(f"{mart} {contents.get(mart, copy)}" for mart in marts))


def _index(
    connection: duckdb.DuckDBPyConnection, right: list[Found], wrong: Mapping[str, list[Fault]], links: list[Link]
) -> dict[str, Any]:
    today = published_today(connection)
    standing = standing_of(connection, parse_period("month", today), today)
    return {
        "title": "Dashboards",
        "description": "What your LLMs cost, who spent it, why it changed and what to do about it.",
        "links": [vars(link) for link in links],
        "through": f"{standing.through_date}" if standing.through_date else None,
        "standing": {"published": None, "faults": list(standing.faults)},
        "index": {
            "cards": [
                {
                    "title": found.dashboard.title,
                    "description": found.dashboard.description,
                    "href": f"{found.dashboard.name}.html",
                    "section": found.dashboard.section,
                    "tags": [
                        *found.dashboard.tags,
                        *([] if found.is_shipped else ["yours"]),
                        *(["public"] if found.dashboard.is_public else []),
                    ],
                    "owner": found.dashboard.owner,
                }
                for found in right
                if found.dashboard
            ],
            "wrong": [{"file": file, "faults": [str(fault) for fault in each]} for file, each in sorted(wrong.items())],
        },
    }


def _state(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / STATE).read_text())
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _key(*parts: object) -> str:
    joined = b"\0".join(part if isinstance(part, bytes) else str(part).encode() for part in parts)
    return hashlib.sha256(joined).hexdigest()
