"""What stands above a header: titles, filters, dates. Expected places are where a person sees the header."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.reading.tabular.open import open_table
from ingestion.reading.tabular.preamble import header_at

HEADER = "BilledCost,BillingAccountId,BillingCurrency,ChargePeriodStart"
ROW = "1.5,a,EUR,2026-06-01"


@pytest.mark.parametrize(
    ("above", "place"),
    [
        ([], 0),
        (["Cost report"], 1),
        (["Cost report,,,", "", "Generated: 2026-07-01 10:00"], 3),
        (["# exported by a portal", "# filter: all accounts, all services"], 2),
        (['"Report, June 2026"'], 1),
    ],
)
def test_the_header_is_found_below_what_stands_above_it(above: list[str], place: int) -> None:
    assert header_at([*above, HEADER, ROW, ROW]) == place


@pytest.mark.parametrize(
    "lines",
    [
        ["team_id", "a", "b"],
        ["team_id,team_name", "a,b", "c,d"],
        [HEADER, "a,b,c,d", ROW],
        ["team_id", "a,b,c,d", "e,f,g,h"],
        ["cost", "1.5,a,EUR,2026-06-01", ROW],
        ["one,two", "a,b,c,d", "e,f,g,h"],
        ["x", HEADER],
        [HEADER],
        [],
    ],
)
def test_a_first_line_that_may_be_the_header_is_it(lines: list[str]) -> None:
    assert header_at(lines) == 0


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_rows_below_a_title_are_read_and_counted_from_the_header(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(f"\ufeffUsage of all accounts\n\n{HEADER}\n{ROW}\n{ROW}\n".replace(",", mark), "utf-8")
    reader = open_table(path)
    (batch,) = reader.batches()
    reader.close()
    assert (reader.names, reader.lines_above) == (HEADER.split(","), 1)
    assert batch.row_numbers.to_pylist() == [1, 2]
    assert [column[0].as_py() for column in batch.columns] == ROW.split(",")


def test_a_line_of_excel_is_no_title(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(f"sep=;\n{HEADER}\n{ROW}\n".replace(",", ";"))
    reader = open_table(path)
    (batch,) = reader.batches()
    reader.close()
    assert (reader.names, reader.lines_above, len(batch)) == (HEADER.split(","), 0, 1)
