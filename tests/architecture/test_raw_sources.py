"""The raw tables that landing makes are the sources that dbt declares: same tables, columns and types."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS

STAGING = Path(__file__).parents[2] / "dbt_project" / "models" / "staging"


@pytest.mark.parametrize("dataset", sorted(RAW_SCHEMAS))
def test_dbt_declares_the_raw_tables_as_they_are(dataset: str) -> None:
    name = dataset.removeprefix("raw_")
    [source] = yaml.safe_load((STAGING / name / f"src_{name}.yml").read_text())["sources"]
    declared = {
        table["name"]: {column["name"]: column["data_type"] for column in table["columns"]}
        for table in source["tables"]
    }
    made = {
        table: {column: DUCKDB_TYPES[kind].lower() for column, kind in columns.items()}
        for table, columns in RAW_SCHEMAS[dataset].items()
    }
    assert (source["name"], source["schema"]) == (dataset, dataset)
    assert declared == made
