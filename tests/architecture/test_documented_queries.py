"""Every query that README and the pages show can be asked of the published file, with `marts.` and without.

The file has the marts by their contracts and no rows: what queries answer is in `tests/integration/reports`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.vocabulary.settings import PUBLISHED_DATABASE
from orchestration.publishing.bi.model import read_model
from orchestration.publishing.descriptions import describe, descriptions_of
from orchestration.publishing.mart_status import STATUS_MART
from tests.support.contracted_marts import create_marts

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"```sql\n(.*?)```", re.DOTALL)
ASKED = re.compile(r'costops query (?:--[a-z]+ \S+ )*"([^"…]+)"')
NOT_OF_MARTS = ("create role", "select * from read_parquet(")
"""What a page shows for PostgreSQL, or of files that were exported."""
TABLE = re.compile(r"\b(from|join)(\s+)(?:marts\.)?((?:rpt|fct|dim|focus)_\w+)")


def queries() -> Iterator[tuple[str, str]]:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        text = page.read_text()
        for query in (*FENCED.findall(text), *ASKED.findall(text)):
            if not query.startswith(NOT_OF_MARTS):
                yield page.relative_to(ROOT).as_posix(), query


@pytest.fixture(scope="module")
def published(manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / PUBLISHED_DATABASE
    model = read_model(manifest)
    with duckdb.connect(str(path)) as connection:
        create_marts(connection, model)
        connection.execute(
            f"create table marts.{STATUS_MART} (mart varchar, status varchar, published_at_utc timestamp, "
            "held_back_since_utc timestamp, reason varchar, remedy varchar)"
        )
        describe(connection, [*model.marts, STATUS_MART], descriptions_of(manifest))
    return path


def test_every_query_of_the_pages_can_be_asked_by_both_names(published: Path) -> None:
    found = list(queries())
    assert len(found) >= 45
    assert {"README.md", "docs/bi_tools.md", "docs/reports.md", "docs/dashboards.md"} <= {page for page, _ in found}
    faults = []
    with duckdb.connect(str(published), read_only=True) as connection:
        for page, query in found:
            spellings = {TABLE.sub(r"\1\2\3", query), TABLE.sub(r"\1\2marts.\3", query)}
            assert len(spellings) == 2 or query == "show tables", query
            for spelling in spellings:
                try:
                    connection.execute(spelling)
                except duckdb.Error as error:
                    faults.append((page, spelling, str(error).splitlines()[0]))
    assert faults == []
