"""A report as Markdown.

Put here: headings, tables, points. Keep out: pictures; a chart stands there in words, and as a table where it is short.
"""

from __future__ import annotations

import re

from orchestration.reports.content import Block, KeyFigures, Notice, Picture, Report, Table, Words

LONGEST_TABLE = 20
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_LEADING = re.compile(r"^([-+]|\d+(?=[.)]))(?=\s|[.)]\s)")
"""What would begin a list."""


def markdown(report: Report) -> str:
    """GitHub's Markdown; text from outside is never markup."""
    lines = [f"# {text(report.title)}", "", f"**{text(report.subtitle)}**", "", text(report.standing.footer), ""]
    if report.stamp:
        lines += [f"> **{report.stamp.upper()}**", ""]
    for section in report.sections:
        if section.title:
            lines += [f"## {text(section.title)}", ""]
        for block in section.blocks:
            lines += [*_block(block), ""]
    return "\n".join(lines).rstrip() + "\n"


def text(value: str) -> str:
    """Words without markup of their own."""
    escaped = _MARKUP.sub(r"\\\1", " ".join(value.split()))
    return _LEADING.sub(lambda found: f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}", escaped)


def _block(block: Block) -> list[str]:
    match block:
        case KeyFigures():
            rows = [
                f"| {text(each.label)} | {text(each.words)} | {text(each.change)} | {text(each.note)} |"
                for each in block.figures
            ]
            return ["| | | change | |", "|---|---:|---:|---|", *rows]
        case Words():
            label = [f"**{text(block.label)}**\n"] if block.label else []
            return [*label, *(f"* {text(each)}" if block.is_list else f"{text(each)}\n" for each in block.sentences)]
        case Notice():
            return [f"> {text(block.text)}"]
        case Picture():
            return [
                f"*{text(block.alternative)}*",
                *(["", *_table(block.data)] if len(block.data.rows) <= LONGEST_TABLE else []),
            ]
        case Table():
            return _table(block)


def _table(table: Table) -> list[str]:
    head = "| " + " | ".join(text(column.label) for column in table.columns) + " |"
    rule = "|" + "|".join("---:" if column.unit.is_number else "---" for column in table.columns) + "|"
    rows = ["| " + " | ".join(text(cell) for cell in table.words(row)) + " |" for row in table.rows]
    total = (
        ["| " + " | ".join(f"**{text(cell)}**" if cell else "" for cell in table.words(table.total)) + " |"]
        if table.total
        else []
    )
    note = ["", text(table.note)] if table.note else []
    return [head, rule, *rows, *total, *note]
