"""A report as PDF.

What is said goes to the typesetter as data and is set as it is: no text from outside is ever its code.

Put here: data for the document's template (`document.typ`). Keep out: the template.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from orchestration.charts.rendering import pdf
from orchestration.presenting.formats import Unit, shown
from orchestration.reports.content import Block, KeyFigures, Notice, Picture, Report, Table, Words

LINE, FIRST_COLUMN = 105, 36
"""Letters of a line of a table, and of its first column before it wraps."""
TEMPLATE = Path(__file__).with_name("document.typ")


def document(report: Report) -> bytes:
    """A4, with contents, page numbers and the stamp of incomplete data on every page where it is due."""
    import typst

    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        root = Path(folder)
        (root / "document.typ").write_text(TEMPLATE.read_text("utf-8"), "utf-8")
        (root / "report.json").write_text(json.dumps(_data(report, root)), "utf-8")
        made = typst.compile(str(root / "document.typ"), root=folder, font_paths=_fonts(), pdf_standards=["1.7"])
        return bytes(made)


def _data(report: Report, root: Path) -> dict[str, Any]:
    logo = None
    if report.style.logo:
        logo = f"logo{Path(report.style.logo).suffix.lower()}"
        (root / logo).write_bytes(Path(report.style.logo).read_bytes())
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "footer": report.standing.footer,
        "stamp": report.stamp,
        "made_at": shown(report.made_at_utc, Unit.INSTANT),
        "has_cover": report.has_cover,
        "contents": report.style.table_of_contents and len(report.sections) > 3,
        "page_numbers": report.style.page_numbers,
        "color": report.style.primary_color,
        "font": report.style.font,
        "logo": logo,
        "sections": [
            {
                "title": section.title,
                "blocks": [_block(block, root, f"{number}-{place}") for place, block in enumerate(section.blocks)],
            }
            for number, section in enumerate(report.sections)
        ],
    }


def _block(block: Block, root: Path, name: str) -> dict[str, Any]:
    match block:
        case KeyFigures():
            return {
                "kind": "figures",
                "figures": [
                    {
                        "label": each.label,
                        "value": each.words,
                        "change": f"{each.change} against {each.before_label}" if each.change else each.note,
                        "judgement": each.judgement,
                    }
                    for each in block.figures
                ],
            }
        case Words():
            return {"kind": "words", "sentences": list(block.sentences), "is_list": block.is_list, "label": block.label}
        case Notice():
            return {"kind": "notice", "text": block.text, "tone": block.kind}
        case Picture():
            (root / f"{name}.pdf").write_bytes(pdf(block.spec))
            return {
                "kind": "picture",
                "file": f"{name}.pdf",
                "alternative": block.alternative,
                "is_small": block.kind == "pie",
            }
        case Table():
            return {
                "kind": "table",
                "columns": [{"label": each.label, "is_number": each.unit.is_number} for each in block.columns],
                "rows": [block.words(row) for row in block.rows],
                "marks": [[block.marks.get((number, place), "") for place in range(len(block.columns))]
                          for number in range(len(block.rows))],
                "total": block.words(block.total) if block.total else None,
                "note": block.note,
                "stretches": _stretches(block),
            }  # fmt: skip


def _stretches(table: Table) -> bool:
    """Whether the first column may take what is left of the line: where something is left."""
    rows = [table.words(row) for row in table.rows]
    widths = [
        max([len(column.label), *(len(row[place]) for row in rows)]) for place, column in enumerate(table.columns)
    ]
    return sum(widths[1:]) + min(widths[0], FIRST_COLUMN) + 2 * len(widths) <= LINE


def _fonts() -> list[str]:
    """Fonts that an installed package brings, for machines that have none."""
    try:
        import matplotlib
    except ImportError:
        return []
    return [str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")]
