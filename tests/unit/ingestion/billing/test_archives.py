"""Several bills in one archive: all of their charges where each charges days of its own, else a word."""

from __future__ import annotations

import io
import tarfile
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.model import ParsedBatch
from ingestion.landing.notes import Note
from ingestion.sources.billing.pipeline import route
from ingestion.sources.billing.scopes import coverages
from tests.unit.ingestion.events.conftest import source_file

HEADER = "BilledCost,BillingAccountId,BillingCurrency,ChargePeriodStart,ProviderName\n"


def bill(*days: str, cost: str = "10.00") -> str:
    return HEADER + "".join(f"{cost},a,USD,{day}T00:00:00Z,V\n" for day in days)


def archive(name: str, members: dict[str, str]) -> bytes:
    whole = io.BytesIO()
    if name.endswith(".zip"):
        with zipfile.ZipFile(whole, "w") as packed:
            for member, text in members.items():
                packed.writestr(member, text)
        return whole.getvalue()
    with tarfile.open(fileobj=whole, mode="w:gz") as tar:
        for member, text in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return whole.getvalue()


def landed(folder: Path, name: str, members: dict[str, str]) -> tuple[str, list[ParsedBatch]]:
    (folder / name).write_bytes(archive(name, members))
    found = route(folder, name)
    assert isinstance(found, tuple), found
    return found[0], list(found[1](source_file(folder / name)))


@pytest.mark.parametrize("name", ["all.zip", "all.tar.gz", "all.tgz"])
def test_bills_of_other_days_are_one_file(tmp_path: Path, name: str) -> None:
    """June 10.00 and 10.00, July 3.00: 23.00 on three days, rows numbered through."""
    members = {"june.csv": bill("2026-06-01", "2026-06-02"), "x/july.csv": bill("2026-07-01", cost="3.00")}
    source_format, batches = landed(tmp_path, name, members | {"manifest.json": "{}", "about.docx": "x"})
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    assert (source_format, sum(row["billed_cost"] for row in rows)) == ("focus", Decimal(23))
    assert [row["_source_row"] for row in rows] == [1, 2, 3]
    told = coverages(line for batch in batches for line in batch.scopes)
    assert {each.row_scope[-7:]: each.days for each in told} == {"2026-06": {1: 1, 2: 1}, "2026-07": {1: 1}}
    assert [note.kind for batch in batches for note in batch.notes if "about.docx" in str(note)] == ["passed_over"]


def test_parts_of_one_bill_share_a_day(tmp_path: Path) -> None:
    members = {"part_0_0001.csv": bill("2026-06-01"), "part_1_0001.csv": bill("2026-06-01", cost="3.00")}
    _, batches = landed(tmp_path, "all.zip", members)
    assert sum(batch.table.num_rows for batch in batches if batch.table is not None) == 2


def test_two_bills_of_one_day_are_refused_whole(tmp_path: Path) -> None:
    members = {"june.csv": bill("2026-06-01", "2026-06-02"), "june_v2.csv": bill("2026-06-02", cost="11.00")}
    _, batches = landed(tmp_path, "all.zip", members)
    assert [row.reason for batch in batches for row in batch.quarantined] == ["unreadable_file"]
    assert all(batch.table is None for batch in batches)


def test_an_archive_without_a_bill_is_named_as_before(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(archive("all.zip", {"a.csv": "x,y\n", "b.csv": "z\n"}))
    found = route(tmp_path, "all.zip")
    assert isinstance(found, Note)
    assert "holds 2 files" in found.message
