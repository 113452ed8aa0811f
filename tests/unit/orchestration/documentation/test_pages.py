"""Pages from Markdown, the site from pages: nothing leads nowhere, nothing leads outside by itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from orchestration.documentation.answers import Answers
from orchestration.documentation.catalogue import Column, Entry, catalogue
from orchestration.documentation.pages import render
from orchestration.documentation.site import Site, build
from orchestration.documentation.sources import docs_dir, readme

ENTRIES = {
    "rpt_cost_daily": Entry(
        "rpt_cost_daily", "spend", "One row per <day>", [Column("usage_date", "date", "Day, <b>UTC</b>.")], 5,
        [("never null", ""), ("assert_x", "It holds.")], ["stg_x"], ["rpt_cost_weekly"],
    )
}  # fmt: skip


class Links(HTMLParser):
    """What a page loads, where it leads, what can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.anchors.add(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.leads.append(str(given["href"]))
        elif tag in ("script", "link", "img", "iframe", "source"):
            self.loads += [str(given[name]) for name in ("src", "href", "srcset") if given.get(name)]


def read(path: Path) -> Links:
    links = Links()
    links.feed(path.read_text())
    return links


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("site") / "docs"
    build(Site(docs_dir(), readme(), ENTRIES, None, None, None), to)
    return to


def test_every_link_of_the_site_leads_to_a_page_and_a_place_in_it(site: Path) -> None:
    found = {path: read(path) for path in site.rglob("*.html")}
    broken = []
    for path, links in found.items():
        for address in links.leads:
            if address.startswith(("http://", "https://", "mailto:")):
                continue
            target, _, anchor = address.partition("#")
            page = (path.parent / target).resolve() if target else path
            if not page.exists() or (anchor and anchor not in found[page].anchors):
                broken.append(f"{path.relative_to(site)} -> {address}")
    assert broken == []
    assert len(found) > 50


def test_nothing_is_loaded_from_outside_and_every_picture_is_there(site: Path) -> None:
    for path in site.rglob("*.html"):
        for address in read(path).loads:
            assert not re.match(r"^(https?:)?//", address), path
            assert (path.parent / address).exists(), f"{path.name} shows {address}"
        assert "Content-Security-Policy" in path.read_text()


def test_every_page_is_in_the_navigation(site: Path) -> None:
    listed = {str((site / address.partition("#")[0]).resolve()) for address in read(site / "home.html").leads}
    pages = {str(path) for path in site.rglob("*.html") if path.parent.name != "tables"}
    assert {Path(path).name for path in pages - listed} <= {"home.html", "readme.html"}


def test_a_table_is_found_by_search_and_linked_where_it_is_named(site: Path) -> None:
    assert '"rpt_cost_daily.usage_date"' in (site / "search.js").read_text()
    assert '<a href="tables/rpt_cost_daily.html"><code>rpt_cost_daily</code></a>' in (site / "reports.html").read_text()
    page = (site / "tables" / "rpt_cost_daily.html").read_text()
    assert "One row per &lt;day&gt;" in page
    assert "assert_x" in page


def test_a_site_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "index.md").write_text("# All\n\n## Using it\n\n| [one.md](one.md) | x |\n")
    (folder / "one.md").write_text("# One")
    to = tmp_path / "site"
    build(Site(folder, None, {}, None, None, None), to)
    (folder / "one.md").unlink()
    (folder / "index.md").write_text("# All")
    build(Site(folder, None, {}, None, None, None), to)
    assert not (to / "one.html").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_text_is_never_markup_and_code_of_any_language_is_text() -> None:
    page = render("x", "# A & B\n\n<script>alert(1)</script> <img src=x>\n\n```nolang\n<b>&\n```\n")
    assert "<script>" not in page.body
    assert "<img" not in page.body
    assert "&lt;b&gt;&amp;" in page.body
    assert page.title == "A & B"


def test_anchors_are_those_of_the_site_that_hosts_the_code() -> None:
    page = render("x", "# T\n\n## What's new, in `costops`?\n\n## Twice\n\n## Twice\n")
    assert [each.anchor for each in page.headings] == ["t", "whats-new-in-costops", "twice", "twice-1"]


def test_links_lead_from_folder_to_folder() -> None:
    page = render("decisions/0001", "[a](../pricing.md#both) [b](0002.md) ![i](../images/x.png) [c](../../main.py)")
    assert page.links == {"pricing#both", "decisions/0002"}
    assert page.images == {"images/x.png"}
    assert 'href="../pricing.html#both"' in page.body


def test_a_query_has_its_answer_below_it_and_one_that_cannot_be_run_says_so() -> None:
    with duckdb.connect() as connection:
        answers = Answers(connection)
        page = render("x", "```sql\nselect '<b>' as a, null as b, 1.50::decimal(5, 2) as c\n```\n", answers.html)
        assert "&lt;b&gt;" in page.body
        assert '<td class="null">NULL</td>' in page.body
        assert '<td class="number">1.5</td>' in page.body
        wrong = render("y", "```sql\nselect nothing from nowhere\n```\n", answers.html)
    assert "Not answered here" in wrong.body
    assert (answers.count, len(answers.failed)) == (1, 1)


def test_the_catalogue_has_what_is_published_and_what_it_is_checked_by() -> None:
    manifest = {
        "nodes": {
            "model.p.stg_a": {
                "resource_type": "model", "name": "stg_a", "schema": "staging", "depends_on": {"nodes": []},
            },
            "model.p.rpt_b": {
                "resource_type": "model", "name": "rpt_b", "schema": "marts", "path": "marts/reports/spend/rpt_b.sql",
                "description": "B", "depends_on": {"nodes": ["model.p.stg_a"]},
                "columns": {'"Id"': {"name": '"Id"', "description": "Key.", "data_type": "varchar"}},
            },
            "model.p.rpt_c": {
                "resource_type": "model", "name": "rpt_c", "schema": "marts", "path": "marts/reports/spend/rpt_c.sql",
                "description": "C", "depends_on": {"nodes": ["model.p.rpt_b"]}, "columns": {},
            },
            "test.p.t": {
                "resource_type": "test", "name": "assert_t", "description": "T holds.",
                "depends_on": {"nodes": ["model.p.rpt_b"]},
            },
            "test.p.u": {
                "resource_type": "test", "name": "u", "column_name": "id",
                    "test_metadata": {"name": "unique", "kwargs": {}},
                "attached_node": "model.p.rpt_b", "description": "", "depends_on": {"nodes": ["model.p.rpt_b"]},
            },
        },
        "semantic_models": {"semantic_model.p.b": {"node_relation": {"alias": "rpt_b"}}},
        "metrics": {
            "metric.p.share": {
                "name": "share", "label": "Share", "description": "X / Y.", "depends_on": {"nodes": ["metric.p.x"]},
            },
            "metric.p.x": {
                "name": "x", "label": "X", "description": "All  X.", "depends_on": {"nodes": ["semantic_model.p.b"]},
            },
        },
    }  # fmt: skip
    found = catalogue(manifest, None)
    assert list(found) == ["rpt_b", "rpt_c"]
    entry = found["rpt_b"]
    assert (entry.subject, entry.made_from, entry.read_by) == ("spend", ["stg_a"], ["rpt_c"])
    assert [(column.name, column.type, column.description) for column in entry.columns] == [("Id", "varchar", "Key.")]
    assert entry.checks == [("assert_t", "T holds."), ("", "No two rows have the same id.")]
    assert entry.metrics == [("Share", "share", "X / Y."), ("X", "x", "All X.")]
    assert found["rpt_c"].metrics == []
