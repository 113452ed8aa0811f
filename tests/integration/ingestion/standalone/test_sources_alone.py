"""Sources alone: the rows and types of the warehouse's raw tables.

By default one of each kind into DuckDB; COSTOPS_TEST_SOURCES_ALONE=1 tries every source at every kind of destination.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ingestion.standalone.company import FOLDERS, PROVIDERS, House, house
from tests.integration.ingestion.standalone.compared import Destination, compared, run, writes
from tests.integration.ingestion.standalone.test_changes_alone import ALL, destinations

__all__ = ["destinations"]
pytestmark = pytest.mark.slow
SOURCES = [*PROVIDERS, *FOLDERS] if ALL else ["anthropic", "billing", "events"]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("company")) as found:
        yield found


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_alone_gives_the_rows_and_types_of_the_warehouse(
    company: House, destinations: list[Destination], tmp_path: Path, name: str
) -> None:
    home = tmp_path / "home"
    company.land(name, home)
    for each in destinations if ALL else destinations[:1]:
        run(each.pipeline(tmp_path, name), company.alone(name, write=writes(each)), **each.options)
        rows = compared(each, name, home, is_provider=name in PROVIDERS)
    data = {table: count for table, count in rows.items() if table not in ("files", "quarantine", "pulls")}
    assert sum(data.values()) > 0
