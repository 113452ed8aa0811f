"""The shape of the dbt project, read from its manifest and its files."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS
from tests.support.warehouse import DBT_PROJECT

WIDEST_SQL_LINE = 120
DIVISIONS = {
    "macros/money/money.sql": 1,  # ratios for reading, in double on purpose
    "macros/reporting_zone.sql": 1,  # minutes
    "macros/reports/percent.sql": 1,
    "macros/spark/functions.sql": 1,  # what is divided is a multiple of the divisor
    "models/staging/groq/stg_groq__usage.sql": 1,  # seconds
    "models/marts/reports/usage/rpt_metered_cost_daily_reporting_zone.sql": 1,  # microseconds
}
"""How often a file of SQL divides."""
CODE_ONLY = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
QUOTED = re.compile(r"""'[^'\n]*'|"[^"\n]*\"""")

COLUMN_KEYS = {"name", "description", "data_type", "data_tests", "constraints", "granularity"}
NODE_KEYS = {"name", "description", "config", "columns", "data_tests", "time_spine"}
ALLOWED_KEYS = {
    "models": NODE_KEYS,
    "seeds": NODE_KEYS,
    "sources": {"name", "database", "schema", "description", "tables"},
    "groups": {"name", "owner", "description"},
    "unit_tests": {"name", "description", "model", "given", "expect", "overrides", "config"},
    "semantic_models": {"name", "description", "model", "defaults", "entities", "dimensions", "measures"},
    "metrics": {"name", "label", "description", "type", "type_params", "filter"},
    "exposures": {"name", "label", "description", "type", "maturity", "owner", "depends_on"},
}
CONFIG_KEYS = {"contract", "access", "group", "column_types", "tags", "materialized", "meta"}
TEST_KEYS = {"arguments", "config", "name", "description"}


def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def layer(node: dict[str, Any]) -> str:
    """`staging`, `intermediate`, `marts`, or `reports` for the marts that only people read."""
    folders = Path(node["original_file_path"]).parts
    return "reports" if folders[1:3] == ("marts", "reports") else folders[1]


def yaml_files() -> list[Path]:
    return [path for folder in ("models", "seeds") for path in sorted((DBT_PROJECT / folder).rglob("*.yml"))]


def test_only_staging_and_reports_read_sources(manifest: dict[str, Any]) -> None:
    for key, node in models(manifest).items():
        read = {parent for parent in node["depends_on"]["nodes"] if parent.startswith("source.")}
        if layer(node) == "reports":
            read = {parent for parent in read if parent.split(".")[2] not in ("ml", "alerts")}
        assert not read or layer(node) == "staging", f"{key} reads {read}"


def test_staging_reads_nothing_but_its_one_source_table(manifest: dict[str, Any]) -> None:
    """What landing keeps of every source alike (files, pulls, quarantine) is one table each in `staging/landing`; who
    people are is looked up where their ids enter."""
    for key, node in models(manifest).items():
        if layer(node) == "staging":
            parents = [name for name in node["depends_on"]["nodes"] if ".identity." not in name]
            assert all(parent.startswith("source.") for parent in parents), key
            assert len({parent.split(".")[-1] for parent in parents}) == 1, key
            assert len(parents) == 1 or "/landing/" in node["original_file_path"], key
            assert node["config"]["materialized"] == "view", key


def test_reports_are_read_by_reports_only(manifest: dict[str, Any]) -> None:
    nodes = models(manifest)
    for key, node in nodes.items():
        reports = [name for name in node["depends_on"]["nodes"] if name in nodes and layer(nodes[name]) == "reports"]
        assert not reports or layer(node) == "reports", f"{key} reads {reports}"


def test_scores_never_flow_back_into_facts(manifest: dict[str, Any]) -> None:
    nodes = models(manifest)

    @cache
    def ancestors(key: str) -> frozenset[str]:
        parents = nodes[key]["depends_on"]["nodes"]
        return frozenset(parents).union(*(ancestors(parent) for parent in parents if parent in nodes))

    for key, node in nodes.items():
        if layer(node) in ("marts", "intermediate"):
            assert not [name for name in ancestors(key) if re.match(r"source\.[^.]+\.(ml|alerts)\.", name)], key


def test_every_model_has_its_own_description_beside_it(manifest: dict[str, Any]) -> None:
    for key, node in models(manifest).items():
        path = DBT_PROJECT / Path(node["original_file_path"]).with_suffix(".yml")
        assert path.exists(), f"{key} has no {path.name}"
        assert re.match(r"One row per ", node["description"]), f"{key}: {node['description'][:60]!r}"


def test_every_model_is_named_for_its_layer_and_owned_by_a_group(manifest: dict[str, Any]) -> None:
    marts = ("fct_", "dim_", "focus_")
    prefixes = {"staging": ("stg_",), "intermediate": ("int_",), "marts": marts, "reports": ("rpt_",)}
    for key, node in models(manifest).items():
        assert node["name"].startswith(prefixes[layer(node)]), key
        assert node["config"].get("group") or node.get("group"), key
    for group in manifest["groups"].values():
        assert group["owner"]["name"], group["name"]


def test_marts_have_an_enforced_contract_and_describe_every_column(manifest: dict[str, Any]) -> None:
    for key, node in models(manifest).items():
        if layer(node) in ("marts", "reports"):
            assert node["config"]["contract"]["enforced"] is True, key
            assert node["config"]["access"] == "public", key
            undescribed = [c["name"] for c in node["columns"].values() if not c["description"] or not c["data_type"]]
            assert node["columns"], key
            assert undescribed == [], key


def test_money_is_decimal_in_every_contract(manifest: dict[str, Any]) -> None:
    for key, node in models(manifest).items():
        for column in node["columns"].values():
            if column["data_type"] and column["name"].endswith("_usd"):
                assert column["data_type"].replace(" ", "") == "decimal(38,12)", f"{key}.{column['name']}"


@pytest.mark.parametrize("dataset", sorted(RAW_SCHEMAS))
def test_declared_sources_are_the_raw_tables(manifest: dict[str, Any], dataset: str) -> None:
    declared = {
        source["name"]: {name: column["data_type"].upper() for name, column in source["columns"].items()}
        for source in manifest["sources"].values()
        if source["source_name"] == dataset
    }
    landed = {
        table: {name: DUCKDB_TYPES[kind] for name, kind in columns.items()}
        for table, columns in RAW_SCHEMAS[dataset].items()
    }
    assert declared == landed


def test_declared_ml_sources_are_the_tables_that_scoring_writes(manifest: dict[str, Any]) -> None:
    from ml.contracts import SQL_TYPES, TABLES

    declared = {
        source["name"]: {name: column["data_type"].upper() for name, column in source["columns"].items()}
        for source in manifest["sources"].values()
        if source["source_name"] == "ml"
    }
    written = {table: {name: SQL_TYPES[kind] for name, kind in columns.items()} for table, columns in TABLES.items()}
    assert declared == written
    assert [[*columns] for columns in declared.values()] == [[*written[table]] for table in declared]


@pytest.mark.parametrize("path", yaml_files(), ids=lambda path: path.stem)
def test_yaml_holds_no_key_that_dbt_would_ignore(path: Path) -> None:
    content = yaml.safe_load(path.read_text())
    assert set(content) <= {"version", *ALLOWED_KEYS}, path
    for kind, allowed in ALLOWED_KEYS.items():
        for entry in content.get(kind, []):
            assert set(entry) <= allowed, f"{path}: {entry.get('name')}: {set(entry) - allowed}"
            assert set(entry.get("config", {})) <= CONFIG_KEYS, f"{path}: {entry['name']}"
            for holder in (entry, *entry.get("columns", [])):
                assert holder is entry or set(holder) <= COLUMN_KEYS, f"{path}: {holder}"
                for test in holder.get("data_tests", []):
                    if isinstance(test, dict):
                        ((_, body),) = test.items()
                        assert set(body) <= TEST_KEYS, f"{path}: {test}"
            for table in entry.get("tables", []):
                assert set(table) <= {"name", "description", "columns"}, f"{path}: {table['name']}"


@pytest.mark.parametrize("path", sorted(DBT_PROJECT.rglob("*.sql")), ids=lambda path: path.stem)
def test_no_line_of_sql_is_wider_than_a_screen(path: Path) -> None:
    assert max(map(len, path.read_text().splitlines()), default=0) <= WIDEST_SQL_LINE


def test_sql_divides_in_known_places_only() -> None:
    """DuckDB turns a decimal that is divided into a double, so none of these may divide money that is added up."""
    found = {}
    for path in sorted(DBT_PROJECT.rglob("*.sql")):
        code = QUOTED.sub("''", CODE_ONLY.sub("", path.read_text()))
        if count := len(re.findall(r"[\w)\]}]\s*/\s*[\w({]", code)):
            found[str(path.relative_to(DBT_PROJECT))] = count
    assert found == DIVISIONS


def test_no_package_is_fetched_and_nothing_phones_home() -> None:
    assert not (DBT_PROJECT / "packages.yml").exists()
    assert not (DBT_PROJECT / "dependencies.yml").exists()
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())
    assert project["flags"]["send_anonymous_usage_stats"] is False


def test_a_test_of_scored_reports_is_the_check_of_one_of_them() -> None:
    """It runs in the second step, where a check of an asset of the first would be logged as an observation."""
    scored = {
        path.stem
        for path in (DBT_PROJECT / "models").rglob("*.yml")
        if "after_ml" in path.read_text() and path.with_suffix(".sql").exists()
    }
    assert scored
    found = {}
    for path in (DBT_PROJECT / "tests").rglob("*.sql"):
        text = path.read_text()
        read = set(re.findall(r"""ref\(["'](\w+)["']\)""", text))
        named = re.search(r"""["']ref["']: \{["']name["']: ["'](\w+)["']\}""", text)
        if read & scored and (named.group(1) if named else next(iter(read))) not in scored:
            found[path.name] = sorted(read)
    assert not found


def test_hooks_call_macros_that_exist(manifest: dict[str, Any]) -> None:
    """dbt parses a hook without looking: an unknown macro fails in the run."""
    known = {macro["name"] for macro in manifest["macros"].values()} | {"ref", "source", "var", "env_var", "config"}
    unknown = {
        (node["name"], name)
        for node in manifest["nodes"].values()
        for moment in ("pre-hook", "post-hook")
        for hook in node["config"].get(moment) or ()
        for name in re.findall(r"\b([a-z_]\w*)\(", hook["sql"])
        if name not in known
    }
    assert unknown == set()


def test_everything_that_people_read_is_described(manifest: dict[str, Any]) -> None:
    """Models, columns of marts, seeds, sources and singular checks: on dbt's pages, in the UI, as comments."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] != "operation"]
    nodes += manifest["sources"].values()
    generic = [node for node in nodes if node["resource_type"] == "test" and node.get("test_metadata")]
    silent = [node["name"] for node in nodes if not node["description"].strip() and node not in generic]
    silent += [
        f"{node['name']}.{column['name']}"
        for node in models(manifest).values()
        if Path(node["original_file_path"]).parts[1] == "marts"
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    assert silent == []
