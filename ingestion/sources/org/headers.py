"""Where the header of an organisation file is, which column a header means, and lines that are no rows.

Put here: headers and comments. Keep out: cells (`spellings`), periods as columns (`periods`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.landing.counting import counted
from ingestion.landing.notes import Note
from ingestion.sources.org.budget_sheets import is_scope
from ingestion.sources.org.model import OrgTable
from ingestion.sources.org.org_file import OrgFile
from ingestion.sources.org.periods import named_period
from ingestion.sources.org.spellings import word

_BEGINS = frozenset("start start_date starts valid_since from from_date effective_from effective_date since".split())
_LASTS_UNTIL = frozenset(
    "end end_date ends valid_until valid_through to to_date until through effective_to effective_until".split()
)
COMMENT = "#"


def columns_of(headers: Sequence[str], columns: Sequence[str]) -> dict[str, int]:
    """The place of each column that a header names: by its own name, else by one that means it."""
    places: dict[str, int] = {}
    for meaning in (_own_name, _other_name):
        for place, header in enumerate(headers):
            column = meaning(word(header).removesuffix("_utc"), columns)
            if column and place not in places.values():
                places.setdefault(column, place)
    return places


def _own_name(name: str, columns: Sequence[str]) -> str | None:
    return name if name in columns else None


def _other_name(name: str, columns: Sequence[str]) -> str | None:
    """`start_date`, `Team`, `id` and `name`, `parent`; None where it may be several columns or an amount."""
    if name in _BEGINS or (name == "date" and "usd_per_unit" in columns):
        name = "valid_from"
    elif name in _LASTS_UNTIL:
        name = "valid_to"
    elif name in ("percentage", "pct"):
        name = "percent"
    elif name in ("id", "name") and columns[0].endswith("_id"):
        name = f"{columns[0].removesuffix('_id')}_{name}"
    elif name in ("parent", "parent_id"):
        name = "parent_cost_center_id"
    elif name == "budget" or f"{name}_type" in columns:
        return None
    return next((each for each in (name, f"{name}_id", f"{name}_name") if each in columns), None)


def ends_within(header: str) -> bool:
    """Whether a column of ends has last days in it, as `End date` says, and not the days after them."""
    return word(header).removesuffix("_utc") in _LASTS_UNTIL


def is_header(file: OrgFile, cells: Sequence[str]) -> bool:
    """Whether the cells of a line are a header of a file: columns that it needs, and mostly columns that it knows."""
    filled = [cell for cell in cells if cell.strip() and named_period(cell) is None]
    known = columns_of(filled, file.columns)
    scopes = sum(map(is_scope, filled)) if file.name == "budgets" and len(cells) > 1 else 0
    is_needed = scopes > 0 or any(column in known for column in file.required)
    return is_needed and 3 * (len(known) + scopes) >= len(filled)


def leave_out_comments(table: OrgTable) -> None:
    """Lines that begin with `#` are no rows, and are said."""
    rows = [row for row in table.rows if not row.original.lstrip().startswith(COMMENT)]
    problems = [bad for bad in table.problems if not (bad.original_record or "").lstrip().startswith(COMMENT)]
    if left_out := len(table.rows) + len(table.problems) - len(rows) - len(problems):
        said = counted(left_out, "line that begins with # is no row", "lines that begin with # are no rows")
        table.notes.append(Note("other", said, table.file.path))
    table.rows, table.problems = rows, problems
