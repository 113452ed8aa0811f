"""Adds a row to a file of the organisation, for people who would rather not open it.

Put here: writing one row, so that what is there stays as it is. Keep out: which rows, what landing makes of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from ingestion.whole_files import replace_file


class UnwritableFileError(RuntimeError):
    """The file is not as the row needs it; the words say how to mend it."""


def add_row(path: Path, row: Mapping[str, str]) -> None:
    """Add a row at the end of a CSV, by the names of its header; a file that is not there begins with these columns.

    The file takes its new content in one step, so that no reader sees half of it.

    Raises:
        UnwritableFileError: the header lacks a column that the row fills, the file is no UTF-8, or a workbook of that
            name is read in its place.
    """
    books = [path.with_suffix(suffix) for suffix in (".xlsx", ".xlsm")]
    if not path.exists() and (book := next((each for each in books if each.exists()), None)):
        raise UnwritableFileError(f"{book} holds these rows; save its sheet as {path.name}, or add the row by hand")
    try:
        text = path.read_bytes().decode("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise UnwritableFileError(f"{path} is not in UTF-8; save it so, or add the row by hand") from None
    lines = text.removeprefix("\ufeff").splitlines()
    header = next((line for line in lines if line.strip()), None)
    delimiter = "," if header is None else max(",;\t", key=header.count)
    names = list(row) if header is None else next(csv.reader([header], delimiter=delimiter))
    places = [name.strip().lower().removesuffix("_utc") for name in names]
    if lacking := [name for name, value in row.items() if value and name not in places]:
        raise UnwritableFileError(f"{path} has no column {', '.join(lacking)}; add it to the header")
    ending = "\r\n" if "\r\n" in text else "\n"
    added = io.StringIO()
    writer = csv.writer(added, delimiter=delimiter, lineterminator=ending)
    if header is None:
        writer.writerow(names)
    elif not text.endswith("\n"):
        added.write(ending)
    writer.writerow([row.get(name, "") for name in places])
    replace_file(path, text + added.getvalue())
