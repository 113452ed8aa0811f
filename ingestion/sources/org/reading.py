"""One organisation CSV to typed rows, each checked on its own.

Put here: columns, types, ranges. Keep out: what needs other rows (`checks`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.raw_schemas import BIGINT, INSTANT, MONEY
from ingestion.reading.tabular import TableReader, open_table
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.reading.tabular.other_dates import first_of_month
from ingestion.reading.tabular.total_names import is_total
from ingestion.reading.tabular.values import PLACEHOLDERS, Unusable, exact_decimal, parse_instant, to_money
from ingestion.sources.org.budget_sheets import FISCAL, is_fiscal
from ingestion.sources.org.budgets import complete_budget
from ingestion.sources.org.currencies import told_by_amounts
from ingestion.sources.org.headers import columns_of, ends_within, is_header, leave_out_comments
from ingestion.sources.org.infrastructure import complete_gpu, complete_infrastructure_rate
from ingestion.sources.org.model import BEGINNING, END, OrgTable, Row
from ingestion.sources.org.offers import complete_offer
from ingestion.sources.org.org_file import ORG_TABLES, OrgFile
from ingestion.sources.org.ownership import complete_ownership, rows_of_subjects
from ingestion.sources.org.periods import MONTH_HEADERS, named_period, period_columns, rows_of_columns
from ingestion.sources.org.planning import COMPLETED
from ingestion.sources.org.rates import complete_rate
from ingestion.sources.org.rules import complete_rule
from ingestion.sources.org.sheets import hint, sheet_of
from ingestion.sources.org.spellings import FileSpelling, choice, spelling_of, word
from ingestion.sources.org.tags import complete_tag_key
from ingestion.sources.org.tco import complete_tco_item

MOST = 10**12
"""What no amount of an organisation exceeds; sums and products of such amounts fit 38 digits."""
_NO_LIMIT = 2**63 - 1
_OF_ALWAYS = re.compile(r"(?:(\d{4})[-./]?\d\d?[-./]?\d\d?|\d\d?[-./]\d\d?[-./](\d{4}))(?:[T ][\d:.]+)?Z?", re.ASCII)
_ALWAYS = (frozenset(("0001", "1753", "1899")), frozenset(("2262", "2999", "3000", "9999")))
"""Years in which programs let a row begin that always held, and end one that holds for ever."""


def read_org_file(file: OrgFile, path: Path | None) -> OrgTable:
    """The rows of a file, or why it has none."""
    if path is None:
        return OrgTable(file, is_present=False)
    file = replace(file, found_as=path.name)
    table = OrgTable(file, is_present=True)
    try:
        reader = open_table(path, is_header=partial(is_header, file))
    except UnreadableTable as error:
        table.problems.append(QuarantinedRow(None, "unreadable_file", f"{file.path}: {error}", None))
        return table
    try:
        _read(table, reader)
    finally:
        reader.close()
    return table


def _read(table: OrgTable, reader: TableReader) -> None:
    file = table.file
    places = columns_of(reader.names, file.columns)
    others = {place: header for place, header in enumerate(reader.names) if place not in places.values()}
    periods = period_columns(others) if file.name == "budgets" else {}
    if periods and not any(column in places for column in file.one_of):
        given = {*places, "period", *file.one_of}
    else:
        periods, given = {}, set(places)
        _name_period(file, places, others, given)
    sheet = sheet_of(file.name, others, places, has_periods=bool(periods))
    if sheet:
        given |= sheet.tells
    lacking = [column for column in file.required if column not in given]
    if file.one_of and not any(column in given for column in file.one_of):
        lacking.append(file.one_of[0])
    for column in lacking:
        message = f"{file.path}, column {column}: the header lacks it; add it (columns: {', '.join(file.columns)})"
        message += hint(file.name, others.values())
        table.problems.append(QuarantinedRow(None, "missing_column", message, ",".join(reader.names), column))
    if table.problems:
        return
    used = {*periods, *(sheet.places if sheet else ())}
    if ignored := [header for place, header in others.items() if place not in used]:
        message = f"columns not used: {', '.join(ignored)}"
        table.notes.append(Note("unused_columns", message, count=len(ignored)))
    for batch in reader.batches():
        table.problems += batch.quarantined
        cells = {column: batch.columns[place].to_pylist() for column, place in places.items()}
        spread = {named: batch.columns[place].to_pylist() for place, named in periods.items()}
        for position, number in enumerate(batch.row_numbers.to_pylist()):
            one = {column: cells[column][position] for column in cells}
            amounts = {named: column[position] for named, column in spread.items()}
            if sheet:
                sheet.fill(one, {place: batch.columns[place][position].as_py() for place in sheet.places})
            if not any(one.values()) and not any(amounts.values()):
                continue
            owned = rows_of_subjects(one) if file.name == "ownership" else [one]
            for each in rows_of_columns(one, amounts) if periods else owned:
                table.rows.append(Row(file, number, each, batch.original(position)))
    leave_out_comments(table)
    table.notes += [Note("sheet_unread" if "sheet" in each else "encoding_assumed", each) for each in reader.remarks]
    spelling = spelling_of(file.name, table.rows)
    if "valid_to" in places and ends_within(reader.names[places["valid_to"]]):
        spelling = replace(spelling, has_last_days=True)
    for row in table.rows:
        if file.name == "budgets" and (named := named_period(row.cells.get("period"))):
            named.fill(row.cells)
        if sheet:
            sheet.name(row.cells)
        if "currency" in file.columns:
            told_by_amounts(row, (each for each in file.amounts if "usd" not in each))
        _type(row, spelling)
    _leave_out_totals(table)


def _name_period(file: OrgFile, places: dict[str, int], others: dict[int, str], given: set[str]) -> None:
    """A column that names the month of its row stands for `period`, where there is none."""
    if file.name != "budgets" or "period" in places:
        return
    named = next((place for place, header in others.items() if word(header) in MONTH_HEADERS), None)
    if named is not None:
        places["period"] = named
        given.add("period")
        del others[named]


def _leave_out_totals(table: OrgTable) -> None:
    """Rows that are called a total and lack what a row must have sum up the others: said, and no fault."""
    totals = [row for row in table.rows if row.problem and row.problem.reason == "missing_value" and _is_total(row)]
    table.rows = [row for row in table.rows if row not in totals]
    for row in totals:
        table.notes.append(Note("total_line", "is a total of other rows", table.file.path, row.number, 1))


def _is_total(row: Row) -> bool:
    return any(is_total(cell) for cell in row.cells.values())


def _type(row: Row, spelling: FileSpelling) -> None:
    file = row.file
    for column in file.required:
        if not row.cells.get(column):
            row.reject(column, "missing_value", "is empty; fill it in or remove the row")
    filled = [column for column in file.one_of if row.cells.get(column)]
    if file.one_of and not filled:
        row.reject(file.one_of[0], "missing_value", f"is empty; fill in one of {', '.join(file.one_of)}")
    elif len(filled) > 1 and not file.may_tell_both:
        row.reject(filled[1], "more_than_one_value", f"{' and '.join(filled)} are both filled; keep one of them")
    for column, kind in ORG_TABLES[file.name].items():
        text = row.cells.get(column.removesuffix("_utc"))
        if column in file.derived:
            row.values[column] = None
        elif kind == INSTANT:
            row.values[column] = _instant(row, column.removesuffix("_utc"), text, spelling)
        elif kind == MONEY:
            row.values[column] = _amount(row, column, text, spelling)
        elif kind == BIGINT:
            row.values[column] = _whole(row, column, text, spelling)
        else:
            row.values[column] = _choice(row, column, text)
    start, stop = row.valid
    if row.problem is None and stop <= start:
        row.reject(
            "valid_to", "invalid_validity", f"{stop:%Y-%m-%d} is not after valid_from {start:%Y-%m-%d}; correct one"
        )
    _complete(row)


def _instant(row: Row, column: str, text: str | None, spelling: FileSpelling) -> object:
    default = BEGINNING if column == "valid_from" else END
    if not text:
        return default
    far = _OF_ALWAYS.fullmatch(text.strip())
    if far and (far[1] or far[2]) in _ALWAYS[column == "valid_to"]:
        row.cells[column] = None
        return default
    try:
        iso = first_of_month(text) if column == "valid_from" else None
        found = parse_instant(iso or spelling.date(text), BEGINNING.year, END.year)
        if column == "valid_to" and spelling.has_last_days and found.day != 1 and found.time() == time():
            found += timedelta(days=1)
        return found
    except Unusable as problem:
        row.reject(column, "invalid_time", f"{text!r} is no date; write it as 2024-09-01 or 2024-09-01T10:00:00Z (UTC)"
                   if problem.reason.startswith("invalid") else f"{text!r}: {problem.remedy}")  # fmt: skip
        return default


def _amount(row: Row, column: str, text: str | None, spelling: FileSpelling) -> Decimal | None:
    if not text:
        return None
    least, greatest = row.file.amounts[column]
    try:
        value = exact_decimal(spelling.number(row, column, text))
    except Unusable as problem:
        row.reject(column, "invalid_amount", f"{text!r}: {problem.remedy}")
        return None
    if value < least or value > (MOST if greatest is None else greatest):
        limits = f"from {least} to {MOST if greatest is None else greatest}"
        row.reject(column, "amount_out_of_range", f"{text} is out of range; give {limits}")
        return None
    return to_money(value)


def _whole(row: Row, column: str, text: str | None, spelling: FileSpelling) -> int | None:
    if not text:
        return None
    try:
        value = exact_decimal(spelling.number(row, column, text))
    except Unusable as problem:
        row.reject(column, "invalid_amount", f"{text!r}: {problem.remedy}")
        return None
    if value != value.to_integral_value() or not 0 <= value < _NO_LIMIT:
        row.reject(column, "amount_out_of_range", f"{text} is out of range; give a whole number, 0 or more")
        return None
    return int(value)


def _choice(row: Row, column: str, text: str | None) -> str | None:
    allowed = row.file.choices.get(column)
    if text is None or allowed is None:
        return text
    meant = choice(text, allowed)
    if meant is None and column == "period" and is_fiscal(text):
        row.reject(column, "unknown_value", f"{text!r} {FISCAL}")
    elif meant is None:
        row.reject(column, "unknown_value", f"{text!r} is none of {', '.join(allowed)}")
    return meant


def _complete(row: Row) -> None:
    """What a file asks of a row beyond its columns; a missing name is the id."""
    values, name = row.values, row.file.name
    if name in ("teams", "projects", "cost_centers", "users"):
        entity = name.removesuffix("s")
        said = values[f"{entity}_name"]
        values[f"{entity}_name"] = said if said and said.lower() not in PLACEHOLDERS else values[f"{entity}_id"]
    elif name == "ownership":
        complete_ownership(row)
    elif name == "budgets":
        complete_budget(row)
    elif name == "tco_items":
        complete_tco_item(row)
    elif name == "gpu_inventory":
        complete_gpu(row)
    elif name == "infrastructure_rates":
        complete_infrastructure_rate(row)
    elif name == "fx_rates":
        complete_rate(row)
    elif name == "allocation_rules":
        complete_rule(row)
    elif name == "negotiated_prices":
        complete_offer(row)
    elif name == "tag_keys":
        complete_tag_key(row)
    elif name in COMPLETED:
        COMPLETED[name](row)
