"""A report in a terminal.

Put here: what fits its width. Keep out: pictures; a chart is drawn as bars of text where it has few rows.
"""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from orchestration.reports.content import Block, KeyFigures, Notice, Picture, Report, Table, Words
from orchestration.text.tables import Column, drawn, fit
from orchestration.text.terminal import plain

LONGEST_NAME = 40
"""Cells up to which names in the first column are not cut."""
NARROW, LABEL = 60, 16
"""Below this width labels of paragraphs are left out; above, they have a column of their own."""
TONES = {"good": "green", "bad": "red", "warning": "yellow"}


def show(report: Report, console: Console) -> None:
    """Print the report, no line wider than the terminal."""
    console.print(Text(report.title, style="bold"), Text(f"  {report.subtitle}", style="dim"), sep="")
    if report.stamp:
        console.print(Text(report.stamp.upper(), style="yellow"))
    for section in report.sections:
        console.print()
        if section.title:
            console.print(Text(section.title, style="bold"))
        for block in section.blocks:
            _print(block, console)


def _print(block: Block, console: Console) -> None:
    match block:
        case KeyFigures():
            grid = Grid.grid(padding=(0, 2))
            grid.add_column()
            grid.add_column(justify="right", no_wrap=True)
            grid.add_column(style="dim")
            for each in block.figures:
                change = Text(each.change, style=TONES.get(each.judgement, ""))
                said = Text.assemble(change, f" against {each.before_label}") if each.change else Text(each.note)
                grid.add_row(Text(each.label), Text(each.words, style="bold"), said)
            console.print(grid)
        case Words():
            words = Text("\n".join(f"{'• ' if block.is_list else ''}{plain(sentence)}" for sentence in block.sentences))
            if not block.label or console.width < NARROW:
                console.print(words)
                return
            grid = Grid.grid(padding=(0, 2))
            grid.add_column(style="dim", width=LABEL)
            grid.add_column(ratio=1)
            grid.add_row(plain(block.label), words)
            console.print(grid)
        case Notice():
            console.print(Text(block.text, style="yellow" if block.kind == "warning" else "dim"))
        case Picture():
            console.print(Text(block.alternative, style="dim"))
        case Table():
            _table(block, console)


def _table(table: Table, console: Console) -> None:
    """Columns that do not fit are left out and named, as `costops query` does; names keep what tells rows apart."""
    rows = [table.words(row) for row in table.rows] + ([table.words(table.total)] if table.total else [])
    columns = [
        Column(each.label, [row[place] for row in rows], each.unit.is_number or place == 0, each.unit.is_number)
        for place, each in enumerate(table.columns)
    ]
    if columns[0].needed > LONGEST_NAME:
        columns[0] = replace(columns[0], is_whole=False, shortest=min(LONGEST_NAME, console.width // 2))
    fitted = fit(columns, console.width, [table.columns[0].label])
    console.print(drawn(columns, fitted, [[plain(cell) for cell in row] for row in rows]))
    if fitted.left_out:
        console.print(
            Text(f"not shown: {', '.join(fitted.left_out)} (a wider terminal, or --format html)", style="dim")
        )
    if table.note:
        console.print(Text(table.note, style="dim"))
