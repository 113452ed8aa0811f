"""What each check of a dbt test says holds, in words.

Put here: sentences of tests that are only parameters. Keep out: tests that say it themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_VALUES = 12


def describe_check(node: Mapping[str, Any]) -> str:
    """The test's own description, else what its parameters mean."""
    if described := str(node.get("description") or "").strip():
        return described
    meta = node.get("test_metadata") or {}
    given = meta.get("kwargs") or {}
    column = node.get("column_name") or given.get("column_name") or "the row"
    match meta.get("name"):
        case "well_formed":
            return " ".join(_well_formed(given))
        case "unique":
            return f"No two rows have the same {column}."
        case "relationships":
            where = str(given.get("to") or "").removeprefix("ref(").rstrip(")").strip("'\" ")
            return f"Each {column} is a {given.get('field') or column} of {where}."
        case name:
            return f"{name or node.get('name')}: {column}"


def _well_formed(given: Mapping[str, Any]) -> Iterator[str]:
    if columns := given.get("never_null"):
        yield f"No row lacks {_listed(columns, 'or')}."
    for column in given.get("unique") or ():
        yield f"No two rows have the same {column}."
    if columns := given.get("one_row_per"):
        yield f"One row per {_listed(columns, 'and')}."
    for column, accepted in (given.get("accepted_values") or {}).items():
        values = [str(value) for value in accepted]
        more = f" or {len(values) - MOST_VALUES} more" if len(values) > MOST_VALUES else ""
        yield f"{column} is one of {', '.join(values[:MOST_VALUES])}{more}."


def _listed(names: Any, last: str) -> str:
    listed = [str(name) for name in names] if isinstance(names, list | tuple) else [str(names)]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} {last} {listed[-1]}"
