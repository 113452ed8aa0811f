"""What the organisation files must satisfy together: one owner at a time, a tree, references that exist.

A row that breaks a rule is set aside and the rest stands; what referred to that row is then looked at again,
until nothing changes. Put here: rules across rows and files. Keep out: reading, types.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingestion.reading.tabular.values import PLACEHOLDERS
from ingestion.sources.org.lost_days import note_changes_within_days, note_lost_days
from ingestion.sources.org.model import BUDGET_SCOPES, OrgTable, Row
from ingestion.sources.org.offers import bands_meet, check_commitments, note_offers
from ingestion.sources.org.rates import end_open_rates
from ingestion.sources.org.rules import check_rules
from ingestion.sources.org.spellings import word
from ingestion.sources.org.tags import check_tag_keys

_NUMBER = re.compile(r"0*(\d+)(?:\.0+)?", re.ASCII)


def check(tables: Mapping[str, OrgTable]) -> None:
    """Marks the rows that break a rule."""
    end_open_rates(tables["fx_rates"])
    check_commitments(tables["negotiated_prices"])
    for table in tables.values():
        spell_references(table, tables)
        check_overlaps(table)
    check_tag_keys(tables["tag_keys"])
    while True:
        before = sum(len(table.good) for table in tables.values())
        check_cycles(tables["cost_centers"])
        for table in tables.values():
            check_references(table, tables)
        check_rules(tables["allocation_rules"])
        if sum(len(table.good) for table in tables.values()) == before:
            break
    for table in tables.values():
        note_lost_days(table)
        note_changes_within_days(table)
    note_offers(tables["negotiated_prices"])


def check_overlaps(table: OrgTable) -> None:
    """Of two rows for the same thing at the same time the first stands."""
    taken: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in table.good:
        rival = next((other for other in taken[row.identity] if _overlap(row, other) and _collide(row, other)), None)
        if rival is None:
            taken[row.identity].append(row)
            continue
        what = " ".join(str(part) for part in row.identity if part)
        start, stop = max(row.valid[0], rival.valid[0]), min(row.valid[1], rival.valid[1])
        row.reject(
            "subject_id" if row.file.name == "ownership" else row.file.identity[0],
            "overlapping_validity",
            f"{what} is already defined by row {rival.number} for {start:%Y-%m-%d} to {stop:%Y-%m-%d}; "
            "end one before the other begins (valid_to is exclusive)",
        )


def _overlap(one: Row, other: Row) -> bool:
    return one.valid[0] < other.valid[1] and other.valid[0] < one.valid[1]


def _collide(one: Row, other: Row) -> bool:
    """Ownership without a provider means any provider, so it meets every other row; prices meet within their bands."""
    if one.file.name == "negotiated_prices":
        return bands_meet(one, other)
    if one.file.name != "ownership":
        return True
    mine, theirs = one.values["provider_name"], other.values["provider_name"]
    return not mine or not theirs or mine == theirs


def check_cycles(table: OrgTable) -> None:
    """No cost centre may be its own ancestor at any time; the last row of a cycle is set aside."""
    for moment in sorted({row.valid[0] for row in table.good}):
        while cycle := _cycle_at(table, moment):
            last = max(cycle, key=lambda row: row.number)
            names = " → ".join(row.values["cost_center_id"] for row in [*cycle, cycle[0]])
            last.reject("parent_cost_center_id", "cycle", f"the cost centres {names} form a ring; correct one parent")


def _cycle_at(table: OrgTable, moment: datetime) -> list[Row]:
    current = {row.values["cost_center_id"]: row for row in table.good if row.valid[0] <= moment < row.valid[1]}
    settled: set[str] = set()
    for start in current:
        path: list[str] = []
        node: str = start
        while node in current and node not in settled and node not in path:
            path.append(node)
            node = current[node].values["parent_cost_center_id"] or ""
        if node in path:
            return [current[each] for each in path[path.index(node) :]]
        settled.update(path)
    return []


def check_references(table: OrgTable, tables: Mapping[str, OrgTable]) -> None:
    """Every id that a row names must be in a row that stands."""
    ids = {name: _ids(tables[name]) for name in ("teams", "projects", "cost_centers")}
    for row in table.good:
        for column, name in _references(row).items():
            value = row.values[column]
            if value and value not in ids[name]:
                row.reject(column, "unknown_reference", f"{value!r} {_why(value, tables[name])}")
                break


def spell_references(table: OrgTable, tables: Mapping[str, OrgTable]) -> None:
    """An id in another case, or with blanks for underscores, is the one id of its file that it can mean; so is a name,
    where no id is like it."""
    ids = {name: _ids(tables[name]) for name in ("teams", "projects", "cost_centers")}
    meant: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for name in ids:
        key = tables[name].file.identity[0]
        for row in tables[name].good:
            meant[name, "id", _alike(row.values[key])].add(row.values[key])
            meant[name, "name", word(row.values[f"{key.removesuffix('_id')}_name"])].add(row.values[key])
    for row in table.good:
        for column, name in _references(row).items():
            value = row.values[column]
            if value and value not in ids[name]:
                if value.lower() in PLACEHOLDERS and column not in row.file.required and column != "scope_id":
                    row.values[column] = None
                    continue
                alike = meant[name, "id", _alike(value)] or meant[name, "name", word(value)]
                row.values[column] = next(iter(alike)) if len(alike) == 1 else value


def _alike(text: str) -> str:
    """An id as it is compared: without case, and numbers without the zeros that spreadsheets and data frames drop or
    add (`0042`, `42.0`)."""
    found = _NUMBER.fullmatch(text.strip())
    return found[1] if found else word(text)


def _references(row: Row) -> dict[str, str]:
    """The columns of a row that name an id, with the file of it."""
    references = dict(row.file.references)
    if row.file.name == "budgets" and row.values["scope_type"] in BUDGET_SCOPES:
        references["scope_id"] = BUDGET_SCOPES[row.values["scope_type"]]
    if row.file.name == "allocation_rules":
        for end in ("source", "target"):
            if row.values[f"{end}_type"] in BUDGET_SCOPES:
                references[f"{end}_id"] = BUDGET_SCOPES[row.values[f"{end}_type"]]
    return references


def _ids(table: OrgTable) -> set[str]:
    return {row.values[table.file.identity[0]] for row in table.good}


def _why(value: str, target: OrgTable) -> str:
    if not target.is_present:
        return f"refers to {target.file.path}, which is not in the folder; add the file or empty the column"
    if target.problems and not target.rows:
        return f"refers to {target.file.path}, which could not be read; correct that file first"
    bad = next((row for row in target.rows if row.values.get(target.file.identity[0]) == value), None)
    if bad is not None:
        return f"is in quarantine itself (row {bad.number} of {target.file.path}); correct that row first"
    alike = sorted(known for known in _ids(target) if word(known) == word(value))
    if alike:
        return f"is in no row of {target.file.path}, which has {' and '.join(map(repr, alike))}; write one of them"
    return f"is in no row of {target.file.path}; add it there or correct it here"
