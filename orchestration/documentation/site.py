"""The whole site in a folder that takes its place in one step.

Put here: which pages there are, navigation, search, writing. Keep out: rendering one page, dbt.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.documentation.answers import Answers
from orchestration.documentation.catalogue import Entry
from orchestration.documentation.pages import Page, read_pages, render, up
from orchestration.presenting.theme import DARK, FONT, LIGHT

if TYPE_CHECKING:
    from jinja2 import Environment

TABLES = "tables"
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:\">"
)
"""What another program's page may do: nothing but show itself."""
SEARCHED = 700
"""Letters of a part that search looks through and shows from."""
_ROW = re.compile(r"^\| \[[^\]]+\]\(([^)]+)\.md\) \| (.+?) \|$")
_TABLE = re.compile(r'(?<!">)<code>([a-z]+_[a-z0-9_]+)</code>')


@dataclass
class Site:
    """What the site is made of."""

    folder: Path
    """Where our pages lie."""
    readme: Path | None
    entries: Mapping[str, Entry]
    answers: Answers | None
    dbt_page: Path | None
    """dbt's own page, one file."""
    lineage_page: Path | None
    dashboards: str | None = None
    """Address of the dashboards' index, seen from the root of the site."""
    sections: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)


def build(site: Site, to: Path) -> int:
    """Write the site; returns how many pages it has. Whoever has the former one open keeps it until they reload."""
    answer = site.answers.html if site.answers else None
    pages = read_pages(site.folder, answer)
    if site.readme is not None:
        pages["readme"] = _readme(site.readme, answer)
    site.sections = _sections(site.folder / "index.md", pages)
    fresh = to.with_name(f".{to.name}.next")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, page in pages.items():
        body = _with_tables(page.body, site.entries, up(name))
        _write(fresh, name, site, page.title, body=body, headings=page.headings)
        for image in page.images:
            _copy(site.folder / image, fresh / image)
    _write(fresh, f"{TABLES}/index", site, "Tables", template="tables.html.j2", groups=_groups(site.entries))
    for name, entry in site.entries.items():
        _write(fresh, f"{TABLES}/{name}", site, name, template="table.html.j2", entry=entry, known=set(site.entries))
    for page_file, name in ((site.dbt_page, "dbt"), (site.lineage_page, "lineage")):
        if page_file is not None:
            (fresh / f"{name}.html").write_text(_closed(page_file.read_text("utf-8")), "utf-8")
    (fresh / "search.js").write_text(f"window.COSTOPS_INDEX={_index(pages, site.entries)};", "utf-8")
    (fresh / "home.html").write_text(_home(site), "utf-8")
    _swap(fresh, to)
    return len(pages) + len(site.entries) + 2


def start_page(to: Path) -> Path:
    """What to open."""
    return to / "home.html"


def _with_tables(body: str, entries: Mapping[str, Entry], root: str) -> str:
    """Names of tables lead to them, but where they are part of a link already."""

    def linked(found: re.Match[str]) -> str:
        name = found[1]
        return f'<a href="{root}{TABLES}/{name}.html">{found[0]}</a>' if name in entries else found[0]

    return _TABLE.sub(linked, body)


def _readme(path: Path, answer: Callable[[str], str] | None) -> Page:
    """README stands one above the pages: its links into docs/ are links beside it."""
    return render("readme", path.read_text("utf-8").replace("](docs/", "]("), answer)


def _sections(index: Path, pages: Mapping[str, Page]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Navigation as the page of all pages has it: sections of names and titles; what it leaves out comes last."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for line in index.read_text("utf-8").splitlines():
        if line.startswith("## "):
            found.append((line[3:].strip(), []))
        elif (row := _ROW.match(line)) and found and row[1] in pages:
            found[-1][1].append((row[1], pages[row[1]].title))
    named = {name for _, rows in found for name, _ in rows}
    decisions = [(name, page.title) for name, page in pages.items() if name.startswith("decisions/")]
    rest = [
        (name, page.title)
        for name, page in pages.items()
        if name not in named and not name.startswith("decisions/") and name not in ("index", "readme")
    ]
    return [*found, *([("More", rest)] if rest else []), ("Decisions", decisions)]


def _groups(entries: Mapping[str, Entry]) -> list[tuple[str, list[Entry]]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries.values():
        groups.setdefault(entry.subject, []).append(entry)
    return sorted(groups.items())


def _write(root: Path, name: str, site: Site, title: str, template: str = "page.html.j2", **given: Any) -> None:
    path = root / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = (
        _environment()
        .get_template(template)
        .render(
            title=title,
            name=name,
            up=up(name),
            site=site,
            light=LIGHT.css,
            dark=DARK.css,
            font=FONT,
            code=_code_css(),
            **given,
        )
    )
    path.write_text(made, "utf-8")


def _home(site: Site) -> str:
    return (
        _environment()
        .get_template("home.html.j2")
        .render(
            title="LLM Cost Ops",
            name="home",
            up="",
            site=site,
            light=LIGHT.css,
            dark=DARK.css,
            font=FONT,
            code=_code_css(),
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "layout"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _code_css() -> str:
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs("code")
    dark = HtmlFormatter(style="monokai").get_style_defs("code")
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}"


def _index(pages: Mapping[str, Page], entries: Mapping[str, Entry]) -> str:
    """What search looks through: a page, its headings, a table, its columns."""
    rows: list[dict[str, str]] = []
    for name, page in pages.items():
        rows.append({"u": f"{name}.html", "t": page.title, "x": page.text[:SEARCHED]})
        rows += [
            {"u": f"{name}.html#{heading.anchor}", "t": heading.text, "x": page.title} for heading in page.headings[1:]
        ]
    for name, entry in entries.items():
        address = f"{TABLES}/{name}.html"
        rows.append({"u": address, "t": name, "x": entry.description[:SEARCHED]})
        rows += [
            {"u": f"{address}#{column.name}", "t": f"{name}.{column.name}", "x": column.description[:200]}
            for column in entry.columns
        ]
    return json.dumps(rows, ensure_ascii=True).replace("</", "<\\/")


def _closed(page: str) -> str:
    """A page of another program, forbidden to load or tell anything."""
    return re.sub(r"(<head[^>]*>)", lambda found: found[1] + POLICY, page, count=1)


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _swap(fresh: Path, to: Path) -> None:
    former = to.with_name(f".{to.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if to.exists():
        os.replace(to, former)
    os.replace(fresh, to)
    shutil.rmtree(former, ignore_errors=True)
