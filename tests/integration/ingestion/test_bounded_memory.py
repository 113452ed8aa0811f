"""`COSTOPS_DUCKDB_MEMORY` holds for what lands, for what is read, and for dbt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.config import Settings
from ingestion.landing.database import bound_memory, in_memory
from ingestion.landing.database import connect as connect_to_land
from orchestration.warehouse.connection import connect
from tests.support.warehouse import ScratchWarehouse

ASK = "select current_setting('memory_limit')"


@pytest.fixture(autouse=True)
def unbounded_afterwards() -> Iterator[None]:
    yield
    bound_memory(None)


def test_every_database_of_the_process_is_bounded(tmp_path: Path) -> None:
    bound_memory(Settings.from_env({"COSTOPS_DUCKDB_MEMORY": "300MiB"}, tmp_path).engine.duckdb_memory)
    with connect_to_land(tmp_path / "w.duckdb") as landing:
        assert landing.execute(ASK).fetchone() == ("300.0 MiB",)
        reading = connect(tmp_path / "w.duckdb")
        assert reading.execute(ASK).fetchone() == ("300.0 MiB",)
        reading.close()
    with in_memory() as memory:
        assert memory.execute(ASK).fetchone() == ("300.0 MiB",)


def test_what_is_larger_than_the_bound_is_sorted_on_disk(tmp_path: Path) -> None:
    bound_memory("60MB")
    with connect_to_land(tmp_path / "w.duckdb") as landing:
        landing.execute("create table sorted as select hash(i) as h, i from range(3000000) as t(i) order by h")
        assert landing.execute("select count(*) from sorted").fetchone() == (3_000_000,)
        assert not list(tmp_path.glob("*.tmp/*"))


def test_dbt_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = ScratchWarehouse.create(tmp_path)
    monkeypatch.setenv("COSTOPS_DUCKDB_MEMORY", "1KB")
    with pytest.raises(AssertionError, match="Out of Memory Error"):
        warehouse.dbt("seed", "--select", "meters")


@pytest.mark.parametrize("text", ["4", "lots", "0GB", "-1GB", "80%"])
def test_what_is_no_amount_is_an_error_that_names_the_variable(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"COSTOPS_DUCKDB_MEMORY is .*: write a number and"):
        Settings.from_env({"COSTOPS_DUCKDB_MEMORY": text}, tmp_path)
