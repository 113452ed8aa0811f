"""A billing file to typed batches: the way every format takes.

Header to raw columns, text to types, rows that cannot be a charge to quarantine, the rest of the columns to
`extra_columns`. Put here: what all formats share. Keep out: names of any one format.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from itertools import chain, islice

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.raw_schemas import BOOLEAN, DATE, INSTANT, MONEY
from ingestion.reading.tabular import TextBatch, open_table
from ingestion.reading.tabular import values as convert
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.reading.tabular.slashed_dates import parse_date, parse_slashed_instant
from ingestion.sources.billing.currency_signs import contradicting_signs, read_currency_codes, read_currency_names
from ingestion.sources.billing.file_orders import counts_days, is_day_first, proven_decimal_mark
from ingestion.sources.billing.file_scopes import FileScopes
from ingestion.sources.billing.layout import Layout
from ingestion.sources.billing.model import BillingFormat, squash
from ingestion.sources.billing.noticing import BillNotes, footer_notes, total_notes, void_notes
from ingestion.sources.billing.unread import why_unread
from ingestion.vocabulary.raw_types import PROVENANCE

LARGEST_AMOUNT = Decimal(10**13)
"""Of a charge, in any currency."""
PARSE_ERRORS = (pa.ArrowException, ValueError, ArithmeticError, LookupError, UnicodeError, OSError, EOFError)


def parser_of(billing_format: BillingFormat) -> Parser:
    """The landing parser of a format."""
    return partial(parse, billing_format)


def parse(billing_format: BillingFormat, file: SourceFile) -> Iterator[ParsedBatch]:
    """Batches of one file; whatever is wrong with it ends up in quarantine. The last one says what the file covers."""
    scopes = FileScopes(billing_format)
    last_row = 0
    try:
        for batch in _batches(billing_format, file):
            scopes.add(batch.table)
            for bad in batch.quarantined:
                if bad.row_number is None or bad.reason == "unreadable_file":
                    scopes.damage = "it breaks off" if bad.reason == "unreadable_file" else "it is not of its format"
            last_row = max([last_row, *(row.row_number or 0 for row in batch.quarantined), *_last(batch)])
            if any(bad.reason == "wrong_field_count" and bad.row_number == last_row for bad in batch.quarantined):
                scopes.damage = scopes.damage or ("its last line is cut" if _lacks_last_newline(file) else "")
            yield batch
    except Exception:
        scopes.damage = "it could not be read to its end"
        yield ParsedBatch(scopes=scopes.lines())
        raise
    yield ParsedBatch(scopes=scopes.lines())


def _last(batch: ParsedBatch) -> list[int]:
    rows = batch.table["_source_row"] if batch.table is not None and batch.table.num_rows else None
    return [] if rows is None else [rows[-1].as_py() or 0]


def _lacks_last_newline(file: SourceFile) -> bool:
    try:
        with file.path.open("rb") as stream:
            stream.seek(-1, 2)
            return stream.read(1) not in (b"\n", b"\r", b"\x00")
    except OSError:
        return False


def _batches(billing_format: BillingFormat, file: SourceFile) -> Iterator[ParsedBatch]:
    try:
        reader = open_table(file.path)
    except UnreadableTable as error:
        yield _whole_file("unreadable_file", str(error), None)
        return
    try:
        header = header_problem(billing_format, reader.names)
        if header:
            yield _whole_file("unknown_header", header, ",".join(reader.names)[:10_000])
            return
        layout = Layout(billing_format, reader)
        day_first = is_day_first(billing_format, layout, file.path) if billing_format.day_first_columns else None
        layout.day_first = day_first
        batches = reader.batches()
        start = list(islice(batches, 1))
        layout.decimal_mark = proven_decimal_mark(billing_format, layout, file.path, start)
        layout.counts_days = counts_days(billing_format, layout, file, start)
        is_assumed = bool(billing_format.day_first_columns) and day_first is None and billing_format.name != "azure"
        bill_notes = BillNotes(billing_format.name, is_date_order_assumed=is_assumed, read_as=layout.said())
        for batch in chain(start, batches):
            typed = _typed_or_quarantined(layout, batch)
            bill_notes.look(typed.table, layout.unread)
            yield typed
        late = [Note("encoding_assumed", each) for each in reader.remarks if each not in layout.remarks]
        late += [Note("sheet_unread", each) for each in layout.remarks]
        late += [*void_notes(layout.totals.void), *footer_notes(layout.totals.footers)]
        if said := [*bill_notes.notes(), *total_notes(layout.totals.found), *late]:
            yield ParsedBatch(notes=said)
    finally:
        reader.close()


def header_problem(billing_format: BillingFormat, names: list[str]) -> str | None:
    """Why a header does not belong to the format; None when it does."""
    if billing_format.recognises(names):
        return None
    if unread := why_unread(names):
        return unread
    return (
        f"the header is none of {billing_format.name}: expected {billing_format.expected_headers}. "
        "Deliver the export with its header, or move the file to the folder of its format"
    )


def _typed_or_quarantined(layout: Layout, batch: TextBatch) -> ParsedBatch:
    """The typed batch; when it fails as a whole, row by row, so that one row never costs its neighbours."""
    try:
        return typed_batch(layout, batch)
    except PARSE_ERRORS as error:
        if len(batch) <= 1:
            message = f"the row cannot be converted ({error}); correct it and deliver the file again"
            rows = [
                QuarantinedRow(batch.row_numbers[i].as_py(), "unconvertible_row", message, batch.original(i))
                for i in range(len(batch))
            ]
            return ParsedBatch(None, layout.format.table, batch.quarantined + rows)
    middle = len(batch) // 2
    halves = [
        _typed_or_quarantined(layout, part) for part in (_slice(batch, 0, middle), _slice(batch, middle, len(batch)))
    ]
    tables = [half.table for half in halves if half.table is not None]
    return ParsedBatch(
        pa.concat_tables(tables, promote_options="default") if tables else None,
        layout.format.table,
        batch.quarantined + [row for half in halves for row in half.quarantined],
    )


def _slice(batch: TextBatch, start: int, stop: int) -> TextBatch:
    columns = [column.slice(start, stop - start) for column in batch.columns]
    numbers = batch.row_numbers.slice(start, stop - start)
    return TextBatch(columns, numbers, lambda position: batch.original(start + position))


def typed_batch(layout: Layout, batch: TextBatch) -> ParsedBatch:
    """Types every column, sets aside the rows with a problem, packs what has no column of its own."""
    billing_format = layout.format
    count = len(batch)
    cells = layout.cells(batch)
    billing_format.adapt(cells)
    read_currency_names(billing_format, cells)
    contradicting_codes = read_currency_codes(billing_format, cells)
    blank = billing_format.is_blank(cells)
    passed_over = set() if blank is None else set(pc.indices_nonzero(blank).to_pylist())
    problems: dict[int, QuarantinedRow] = {}
    typed: dict[str, pa.Array] = {}

    def quarantine(position: int, column: str, reason: str, message: str) -> None:
        if position not in problems and position not in passed_over:
            number = batch.row_numbers[position].as_py()
            header = layout.header_of(column)
            problems[position] = QuarantinedRow(number, reason, message, batch.original(position), header)

    def refuse(column: str, found: dict[int, convert.Unusable]) -> None:
        for position, problem in found.items():
            shown = cells.known[column][position].as_py()[:100]
            quarantine(position, column, problem.reason, f"{layout.header_of(column)} is {shown!r}: {problem.remedy}")

    for coded, contradictions in contradicting_codes.items():
        refuse(coded, contradictions)
    must_have = {rule.column for rule in billing_format.required}
    for rule in billing_format.required:
        column = cells.known.get(rule.column)
        missing = range(count) if column is None else pc.indices_nonzero(pc.is_null(column)).to_pylist()
        for position in missing:
            quarantine(position, rule.column, rule.reason, f"{layout.header_of(rule.column)} is empty: {rule.remedy}")
    for column, kind in billing_format.columns.items():
        if column in PROVENANCE or column not in cells.known:
            continue
        text = cells.known[column]
        if column not in must_have and not pa.types.is_string(kind):
            text = cells.known[column] = convert.without_placeholders(text)
        converted = _convert(layout, column, kind, text, typed)
        if converted.problems and layout.may_lack(column, kind):
            layout.unread.add(layout.header_of(column))
            cells.extra[layout.header_of(column)] = convert.only_at(text, converted.problems)
        else:
            refuse(column, converted.problems)
        typed[column] = converted.values
    for column in billing_format.text_copies:
        if column in cells.known and column in billing_format.columns:
            refuse(column, contradicting_signs(billing_format, cells, column))
    for column, value in layout.constants.items():
        typed[column] = pa.repeat(pa.scalar(value, pa.string()), count)
    for header, text in cells.extra.items():
        if squash(header) in billing_format.extra_numbers:
            cells.extra[header] = convert.digits(text, layout.decimal_mark)
    extra = convert.pack_json(cells.extra)
    if extra is not None:
        typed["extra_columns"] = extra
    typed["_source_row"] = batch.row_numbers
    amount = typed.get(layout.amount)
    if amount is not None:
        passed_over |= {position for position in problems if layout.says_nothing(cells, position)}
        refused = {at: problem.reason for at, problem in problems.items() if at not in passed_over}
        passed_over |= layout.totals.rows_of(cells, amount, batch.row_numbers, refused)
        problems = {position: problem for position, problem in problems.items() if position not in passed_over}
    table = pa.table(typed)
    if problems or passed_over:
        left_out = problems.keys() | passed_over
        good = pa.array([position not in left_out for position in range(count)], pa.bool_())
        table = table.filter(good)
    quarantined = layout.totals.without_short(batch.quarantined)
    quarantined += [problems[position] for position in sorted(problems)]
    return ParsedBatch(table, billing_format.table, quarantined)


def _convert(
    layout: Layout, column: str, kind: pa.DataType, text: pa.Array, typed: dict[str, pa.Array]
) -> convert.Converted:
    if pa.types.is_decimal(kind):
        text = convert.with_points(text) if layout.decimal_mark == "," else text
        text = convert.without_groups(text) if layout.decimal_mark == "." else text
        copy = layout.format.text_copies.get(column)
        if copy is None:
            return convert.decimals(text)
        converted, typed[copy] = convert.money(text)
        return _within_reason(converted)
    if layout.counts_days and kind in (INSTANT, DATE):
        text = convert.with_counted_days(text)
    if kind == INSTANT:
        return convert.by_distinct(text, partial(parse_slashed_instant, day_first=layout.day_first), INSTANT)
    if kind == DATE:
        return convert.by_distinct(text, partial(parse_date, day_first=layout.day_first), DATE)
    if kind == BOOLEAN:
        return convert.booleans(text)
    return convert.Converted(text, {})


def _within_reason(amounts: convert.Converted) -> convert.Converted:
    """Amounts that no bill can mean are problems: their sums and conversions would not fit the columns of facts."""
    beyond = pc.fill_null(pc.greater_equal(pc.abs(amounts.values), pa.scalar(LARGEST_AMOUNT, MONEY)), False)
    for position in pc.indices_nonzero(beyond).to_pylist():
        amounts.problems[position] = convert.Unusable("amount_out_of_range", "no charge is that large; correct it")
    return amounts


def _whole_file(reason: str, message: str, original: str | None) -> ParsedBatch:
    return ParsedBatch(quarantined=[QuarantinedRow(None, reason, message, original)])
