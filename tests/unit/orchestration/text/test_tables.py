"""A table fits its terminal: one line a row, figures and days whole, what is left out named."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from orchestration.text.tables import Column, drawn, fit

names = st.from_regex(r"[a-z]{1,9}(_[a-z]{1,9}){0,4}", fullmatch=True)
figures = st.decimals(-(10**15), 10**15, places=9).map(str)
texts = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=60)


@st.composite
def tables(draw: st.DrawFn) -> list[Column]:
    rows = draw(st.integers(1, 5))
    columns = []
    for name in draw(st.lists(names, min_size=1, max_size=12, unique=True)):
        is_number = draw(st.booleans())
        cells = draw(st.lists(figures if is_number else texts, min_size=rows, max_size=rows))
        columns.append(Column(name, cells, is_number, is_number))
    return columns


@given(tables(), st.integers(40, 220))
def test_rows_take_one_line_within_the_width_and_no_figure_is_cut(columns: list[Column], width: int) -> None:
    fitted = fit(columns, width)
    rows = list(zip(*(column.cells for column in columns), strict=True))
    out = io.StringIO()
    Console(file=out, width=max(width, columns[0].needed), color_system=None).print(drawn(columns, fitted, rows))
    lines = out.getvalue().splitlines()
    body = lines[[line.startswith("━") for line in lines].index(True) + 1 :]
    assert len(body) == len(rows)
    assert all(cell_len(line.rstrip()) <= max(width, columns[0].needed) for line in lines)
    for line, row in zip(body, rows, strict=True):
        shown = [cell.strip() for cell in line.split("│")]
        assert len(shown) == len(fitted.shown)
        for position, cell in zip(fitted.shown, shown, strict=True):
            if columns[position].is_whole:
                assert cell == row[position]
            else:
                assert cell == row[position] or row[position].startswith(cell.rstrip("… "))
    assert {column.name for column in columns} == {columns[each].name for each in fitted.shown} | set(fitted.left_out)


def test_what_was_named_comes_before_what_stands_left_and_what_is_empty_comes_last() -> None:
    columns = [
        Column("day", ["2026-01-01"], is_whole=True),
        Column("nothing", ["NULL"], is_whole=False, is_empty=True),
        Column("team", ["research"], is_whole=False),
        Column("cost", ["1234567890.12"], is_whole=True, is_number=True),
    ]
    assert fit(columns, 30, ["cost"]).left_out == ("nothing", "team")
    assert fit(columns, 40, ["cost"]).left_out == ("nothing",)
    assert fit(columns, 60, ["cost"]).left_out == ()


def test_a_name_is_broken_at_its_joints_only() -> None:
    columns = [Column("contracted_price_usd_per_unit", ["1.5"], is_whole=True, is_number=True)]
    assert fit(columns, 80).widths == (len("contracted_"),)


def test_a_name_is_cut_no_shorter_than_its_column_says() -> None:
    """Of 30 cells, 20 are the name's: the first figure needs 3 + 5, the second finds two cells and is named."""
    name = Column("what", ["gpu-train-01: switch it off", "gpu-train-01: use spot"], is_whole=False, shortest=20)
    figures = [Column(each, ["$1.00", "$2.00"], is_whole=True, is_number=True) for each in ("alone", "least")]
    fitted = fit([name, *figures], 30)
    assert (fitted.shown, fitted.widths, fitted.left_out) == ((0, 1), (22, 5), ("least",))
