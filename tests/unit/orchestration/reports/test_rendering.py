"""Every form of a report whose words are hostile: they are text there, and no form refers to anything outside."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import openpyxl
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from orchestration.charts import basic
from orchestration.presenting.formats import Unit
from orchestration.presenting.periods import parse_period
from orchestration.presenting.standing import Standing
from orchestration.reports.content import (
    Column,
    KeyFigure,
    KeyFigures,
    Notice,
    Picture,
    Report,
    Section,
    Style,
    Table,
    Words,
)
from orchestration.reports.rendering import rendered
from orchestration.reports.rendering.markdown import markdown, text
from orchestration.reports.rendering.page import page
from orchestration.reports.rendering.screen import show

TODAY = date(2026, 3, 3)
PERIOD = parse_period("2026-02", TODAY)
HOSTILE = [
    "=1+2", "+cmd|' /C calc'!A0", "-1", "@SUM(A1)", "\t=1", "<script>alert(1)</script>",
    "</style><img src=x onerror=y>",
    "#panic() $x$ *b* _i_ `c` @ref <label> \\ //", "| a | b |", "[link](http://evil.example)", "[red]markup[/]",
    "{{ 7*7 }}", "\x1b[31mred", "\u202eright to left", "a" * 300, "日本語 🎉", "1. first", "&amp;", "",
]  # fmt: skip
COLUMNS = (Column("what", "=What", Unit.TEXT), Column("usd", "Spend", Unit.USD), Column("n", "<b>n</b>", Unit.COUNT))


def report(**given: object) -> Report:
    rows = [[text, Decimal(place), place] for place, text in enumerate(HOSTILE)]
    table = Table("t", COLUMNS, [*rows, [None, None, None]], ["Total", Decimal(171), 171], "a <note>")
    data = [{"day": date(2026, 2, day), "kind": text, "usd": Decimal(day)} for day, text in enumerate(HOSTILE[:8], 1)]
    drawn = basic.over_time(data, "day", "usd", "kind", mark="bar")
    picture_table = Table(
        "p",
        (Column("day", "Day", Unit.DATE), Column("kind", "Kind", Unit.TEXT), Column("usd", "Spend", Unit.USD)),
        [[row["day"], row["kind"], row["usd"]] for row in data],
    )
    blocks = [
        KeyFigures([KeyFigure(text, Decimal(1), Unit.USD, Decimal(2), "before", text) for text in HOSTILE[:5]]),
        Words(HOSTILE, is_list=True),
        Words(HOSTILE[5:8], label="=label"),
        Notice("<b>beware</b>"),
        table,
        Picture("p", drawn, "<picture>", picture_table, "bar"),
    ]
    standing = Standing(PERIOD, datetime(2026, 3, 3, tzinfo=UTC), TODAY, TODAY, 1, 5, 100, Decimal(1), Decimal(2))
    plain = Report(
        "r", "<i>Title</i>", "=sub", PERIOD, PERIOD.before(), standing,
        [Section("s", text, blocks) for text in ("One", "<h1>Two", "Sheet/[3]*", "Sheet/[3]*")],
        Style(), datetime(2026, 3, 3, tzinfo=UTC), has_cover=True,
    )  # fmt: skip
    return replace(plain, **given)  # type: ignore[arg-type]


class Tags(HTMLParser):
    """What a page consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action", "data", "poster"):
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


def test_a_page_holds_all_that_it_shows_and_no_text_becomes_part_of_it() -> None:
    tags = Tags()
    made = page(report())
    tags.feed(made)
    assert "script" not in tags.names
    assert "i" not in tags.names
    assert tags.handlers == []
    assert all(address.startswith(("data:image/", "#s")) for address in tags.addresses)
    assert "INCOMPLETE DATA" in made.upper()
    assert "default-src 'none'" in made


def test_a_document_sets_hostile_words_as_they_are() -> None:
    made = rendered(report(), "pdf")
    assert made.startswith(b"%PDF-1.7")


def test_no_cell_of_a_workbook_is_a_formula_but_totals_which_hold_their_value() -> None:
    content = rendered(report(), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    formulas = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert {re.sub(r"table_\d+", "table", value) for _, _, value in formulas} == {
        "=SUBTOTAL(109,table[Spend])",
        "=SUBTOTAL(109,table[<b>n</b>])",
    }
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert {values[sheet][place].value for sheet, place, _ in formulas} == {171}
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}
    assert {"=1+2", "-1", "@SUM(A1)", "[link](http://evil.example)"} <= cells
    assert all(sheet._charts == [] or len(sheet._charts) == 1 for sheet in book)


def test_unknown_stays_empty_in_a_workbook_and_says_so_elsewhere() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(report(), "xlsx")))
    sheet = next(sheet for sheet in book if sheet.title == "One")
    assert [cell.value for cell in sheet[len(HOSTILE) + 2]] == [None, None, None]
    assert "| – | unknown | – |" in markdown(report())


def test_markdown_has_no_markup_from_outside() -> None:
    made = markdown(report())
    assert "<script>" not in made.replace("\\<script\\>", "")
    assert not re.search(r"(?<!\\)\[link\]", made)
    assert all(line.count("|") - line.count("\\|") == 4 for line in made.splitlines() if line.startswith("| \\| a"))


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("29.6%", "29.6%"), ("+5.0%", "+5.0%"), ("- item", "\\- item"), ("1. first", "1\\. first"), ("1) x", "1\\) x"),
        ("*a*", "\\*a\\*"), ("<b>", "\\<b\\>"), ("2026-10-01", "2026-10-01"),
    ],
)  # fmt: skip
def test_words_in_markdown_are_read_as_they_are(words: str, written: str) -> None:
    assert text(words) == written
    rendered_back = MarkdownIt("commonmark").render(text(words))
    assert rendered_back == f"<p>{html.escape(words)}</p>\n"


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    show(report(), console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b" not in printed
    assert max(len(line) for line in printed.splitlines()) <= width


@pytest.mark.parametrize("form", ["html", "pdf", "xlsx", "md"])
def test_a_report_without_anything_can_be_made(form: str) -> None:
    assert rendered(report(sections=[Section("s", "", [Notice("nothing", "empty")])]), form)


@pytest.mark.parametrize(
    ("value", "before", "unit", "change", "judgement"),
    [
        (Decimal(110), Decimal(100), Unit.USD, "+10.0%", "bad"),
        (Decimal(90), Decimal(100), Unit.USD, "-10.0%", "good"),
        (Decimal(2000), Decimal(100), Unit.USD, "×20", "bad"),
        (Decimal(5), Decimal(0), Unit.USD, "from $0.00", "bad"),
        (Decimal("0.55"), Decimal("0.50"), Unit.RATIO, "+5.0 points", "bad"),
        (None, Decimal(1), Unit.USD, "", ""),
        (Decimal(1), None, Unit.USD, "", ""),
    ],
)
def test_changes(value: Decimal | None, before: Decimal | None, unit: Unit, change: str, judgement: str) -> None:
    figure = KeyFigure("x", value, unit, before, "", "", is_less_better=True)
    assert (figure.change, figure.judgement) == (change, judgement)
