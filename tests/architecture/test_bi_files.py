"""Files for BI tools name only what the marts and the metrics have, in the form that each tool reads."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
import yaml

from orchestration.publishing.bi import lookml, osi, power_bi, superset, tableau
from orchestration.publishing.bi.model import Model, read_model
from orchestration.publishing.bi.writing import TOOLS, Request, write_files
from tests.support.contracted_marts import create_marts
from tests.support.tmdl import DATA_TYPES, Node, dax_faults, read_tmdl

HOSTILE = 'C:\\p"; Evil() #(lf)\n\t</x>'
OSI_KEYS = {
    "document": {"name", "description", "ai_context", "datasets", "relationships", "metrics", "custom_extensions"},
    "dataset": {
        "name", "source", "primary_key", "unique_keys", "description", "ai_context", "fields", "custom_extensions",
    },
    "field": {"name", "expression", "dimension", "label", "description", "datatype", "ai_context", "custom_extensions"},
    "relationship": {"name", "from", "to", "from_columns", "to_columns", "ai_context", "custom_extensions"},
    "metric": {"name", "expression", "description", "datatype", "ai_context", "custom_extensions"},
}  # fmt: skip
"""Keys that the published JSON schema of version 0.2.0.dev0 allows; it allows no other."""
OSI_TYPES = {"String", "Integer", "Decimal", "Float", "Boolean", "Date", "Time", "DateTime", "DateTimeTz", "Opaque"}
A75_MEASURES = {"total_cost", "average_cost", "total_tokens", "request_count", "cost_per_request"}


@pytest.fixture(scope="module")
def model(manifest: dict[str, Any]) -> Model:
    return read_model(manifest)


@pytest.fixture(scope="module")
def empty_marts(model: Model) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_marts(connection, model)
    return connection


@pytest.fixture(scope="module")
def columns(model: Model) -> dict[str, set[str]]:
    return {mart.name: {column.name for column in mart.columns} for mart in model.marts.values()}


def test_every_metric_can_be_asked_of_its_mart(model: Model, empty_marts: duckdb.DuckDBPyConnection) -> None:
    """Of nothing, every sum and ratio is unknown, never zero; only a count of keys is 0."""
    for metric in model.metrics.values():
        expression = superset.expression_of(model, metric.name)
        if expression:
            mart = model.facts[metric.fact].mart
            ((value,),) = empty_marts.execute(f"select {expression} from marts.{mart}").fetchall()
            assert value is None or (value == 0 and expression.startswith("count(")), metric.name


def test_every_metric_says_what_becomes_of_the_unknown(model: Model) -> None:
    for metric in model.metrics.values():
        counted = metric.name.endswith("_count")
        assert counted or re.search(r"NULL|at least|unknown|of one meter only", metric.description), metric.name
        assert metric.label, metric.name
    labels = Counter(metric.label.lower() for metric in model.metrics.values())
    assert [label for label, count in labels.items() if count > 1] == []


def test_what_people_add_up_has_a_metric(model: Model) -> None:
    wanted = {
        "spend_usd", "billed_cost_usd", "contracted_cost_usd", "list_cost_usd", "metered_cost_usd", "request_count",
        "total_tokens", "cache_read_ratio", "contracted_cost_usd_per_request", "contracted_cost_usd_per_million_tokens",
        "budget_utilization_ratio", "coverage_ratio", "gpu_cost_usd", "reconciliation_difference_usd",
        "identified_saving_usd", "month_end_llm_spend_usd", "chargeback_amount_usd", "tco_cost_usd",
    }  # fmt: skip
    assert wanted <= set(model.metrics)


def test_lookml_is_read_and_every_column_in_it_exists(model: Model, columns: dict[str, set[str]]) -> None:
    lkml = pytest.importorskip("lkml")
    files = lookml.files(model)
    views = {}
    for name, text in files.items():
        read = lkml.load(text)
        for view in read.get("views", ()):
            views[view["name"]] = view
            table = columns[view["sql_table_name"].removeprefix("marts.").strip()]
            used = re.findall(r'\$\{TABLE\}\."?(\w+)"?', text)
            assert used, name
            assert set(used) <= table, name
    assert set(views) == {*model.marts, "llm_costs"}
    for view in views.values():
        fields = fields_of(view)
        assert [field for field, count in Counter(fields).items() if count > 1] == [], view["name"]
        for measure in view.get("measures", ()):
            used = set(re.findall(r"\$\{(\w+)\}", measure.get("sql", "")))
            assert used - {"TABLE"} <= set(fields), measure["name"]
    explores = lkml.load(files["costops.model.lkml"])["explores"]
    assert {explore["name"] for explore in explores} == {*(fact.mart for fact in model.facts.values()), "llm_costs"}
    for explore in explores:
        for join in explore.get("joins", ()):
            assert join["relationship"] == "many_to_one"
            sides = re.findall(r"\$\{(\w+)\.(\w+)\}", join["sql_on"])
            assert [view for view, _ in sides] == [explore["name"], join["name"]]
            for view, field in sides:
                assert field in fields_of(views[view]), (explore["name"], view, field)


def test_lookml_measures_run_as_sql(model: Model, empty_marts: duckdb.DuckDBPyConnection) -> None:
    lkml = pytest.importorskip("lkml")
    ran = 0
    for text in lookml.files(model).values():
        for view in lkml.load(text).get("views", ()):
            written = {"average": "avg({})", "count": "count(*)", "number": "{}"}
            measures = {
                measure["name"]: written[measure["type"]].format(measure.get("sql"))
                for measure in view.get("measures", ())
            }

            def expanded(sql: str, known: dict[str, str] = measures) -> str:
                return re.sub(
                    r"\$\{(\w+)\}", lambda found: "t" if found[1] == "TABLE" else f"({expanded(known[found[1]])})", sql
                )

            for sql in measures.values():
                empty_marts.execute(f"select {expanded(sql)} from {view['sql_table_name']} as t")
                ran += 1
    assert ran > 100


def fields_of(view: dict[str, Any]) -> list[str]:
    """Names that a view's fields can be called by."""
    groups = [f"{group['name']}_{frame}" for group in view.get("dimension_groups", ()) for frame in group["timeframes"]]
    return [*groups, *(field["name"] for kind in ("dimensions", "measures") for field in view.get(kind, ()))]


def test_the_view_of_single_requests_has_the_names_that_were_asked_for(model: Model) -> None:
    lkml = pytest.importorskip("lkml")
    (view,) = lkml.load(lookml.files(model)["views/llm_costs.view.lkml"])["views"]
    dimensions = {dimension["name"]: dimension for dimension in view["dimensions"]}
    assert set(dimensions) == {"id", "model", "team_id"}
    assert dimensions["id"]["primary_key"] == "yes"
    (created,) = view["dimension_groups"]
    assert created["name"] == "created"
    assert {"date", "week", "month", "quarter", "year"} <= set(created["timeframes"])
    measures = {measure["name"]: measure for measure in view["measures"]}
    assert set(measures) == A75_MEASURES
    assert measures["request_count"]["drill_fields"] == ["id", "created_date", "model", "team_id"]
    assert "nullif(${request_count}, 0)" in measures["cost_per_request"]["sql"]
    assert all("$" in measures[name]["value_format"] for name in ("total_cost", "average_cost", "cost_per_request"))


def test_text_of_descriptions_cannot_end_its_place_in_lookml() -> None:
    lkml = pytest.importorskip("lkml")
    text = f"view: v {{ dimension: d {{ description: {lookml.quoted(HOSTILE + ' {{ liquid }} {% if %} ;;')} }} }}"
    (dimension,) = lkml.load(text)["views"][0]["dimensions"]
    assert "{{" not in dimension["description"]
    assert "{%" not in dimension["description"]
    assert list(dimension) == ["description", "name"]


def tmdl_of(model: Model, source: power_bi.Source) -> dict[str, list[Node]]:
    files = power_bi.files(model, source, "db.example:5432/costs" if source == "postgres" else "C:\\costops")
    return {name: read_tmdl(text) for name, text in files.items() if name.endswith(".tmdl")}


@pytest.mark.parametrize("source", list(power_bi.Source))
def test_the_power_bi_model_refers_only_to_what_exists(
    model: Model, columns: dict[str, set[str]], source: power_bi.Source
) -> None:
    nodes = [node for each in tmdl_of(model, source).values() for node in each]
    tables = {node.name: node for node in nodes if node.kind == "table"}
    assert set(tables) == set(power_bi.tables_of(model))
    assert [node.name for node in nodes if node.kind == "ref"] == [f"table {name}" for name in sorted(tables)]
    measures = {child.name for table in tables.values() for child in table.children if child.kind == "measure"}
    assert measures == {metric.label for metric in model.metrics.values()}
    for table in tables.values():
        kinds = Counter(child.kind for child in table.children)
        assert kinds["partition"] == 1
        own = {child.name for child in table.children if child.kind == "column"}
        assert own == columns[table.name]
        # Power BI compares names without case.
        names = Counter(child.name.lower() for child in table.children if child.kind != "partition")
        assert [name for name, count in names.items() if count > 1] == []
        for child in table.children:
            if child.kind == "column":
                assert child.properties["sourceColumn"] == child.name
                assert child.properties["dataType"] in DATA_TYPES
                assert child.properties["summarizeBy"] == "none"
            if child.kind == "measure":
                assert list(dax_faults(child.value, columns, measures)) == []
                assert child.properties["formatString"]
                assert child.description
            if child.kind == "partition":
                assert child.properties["source"].startswith("let")
                assert table.name in child.properties["source"]
    relations = [node for node in nodes if node.kind == "relationship"]
    assert len(relations) == len({node.name for node in relations}) == len(power_bi.relationships(model))
    for node in relations:
        for side in ("fromColumn", "toColumn"):
            table_name, column = node.properties[side].split(".")
            assert column in {child.name for child in tables[table_name].children if child.kind == "column"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("table a\n\t\tcolumn b\n", "line 2"),
        ("table a\n\tcolumn b\n\t\tdatatype: string\n", "datatype"),
        ("table a\n    column b\n", "line 2"),
        ("tables a\n", "line 1"),
    ],
)
def test_the_reader_of_tmdl_refuses_what_is_wrong(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_tmdl(text)


def test_the_reader_of_dax_names_what_does_not_exist() -> None:
    known: dict[str, set[str]] = {"t": {"a"}}
    assert list(dax_faults("SUM(t[a]) + SUM(t[b]) + [None] + EVIL(t[a])", known, {"Spend"})) == [
        "t[b]",
        "[None]",
        "EVIL(",
    ]
    assert list(dax_faults("IF(NOT ISBLANK([Spend]), 1", known, {"Spend"}))


def test_the_report_page_shows_fields_of_the_model(model: Model) -> None:
    files = power_bi.files(model, power_bi.Source.PARQUET, "x")
    report = json.loads(files["costops.Report/report.json"])
    reference = json.loads(files["costops.Report/definition.pbir"])["datasetReference"]["byPath"]["path"]
    assert f"costops.Report/{reference}/definition/model.tmdl".replace("costops.Report/../", "") in files
    labels = {metric.label: model.facts[metric.fact].mart for metric in model.metrics.values()}
    visuals = report["sections"][0]["visualContainers"]
    assert len(visuals) >= 8
    for visual in visuals:
        query = json.loads(visual["config"])["singleVisual"]["prototypeQuery"]
        entities = {each["Name"]: each["Entity"] for each in query["From"]}
        for each in query["Select"]:
            kind = "Measure" if "Measure" in each else "Column"
            entity = entities[each[kind]["Expression"]["SourceRef"]["Source"]]
            name = each[kind]["Property"]
            assert labels[name] == entity if kind == "Measure" else model.marts[entity].column(name)
        assert visual["x"] + visual["width"] <= 1280
        assert visual["y"] + visual["height"] <= 720


def test_a_place_is_never_code_in_power_bi(model: Model) -> None:
    text = power_bi.files(model, power_bi.Source.PARQUET, HOSTILE)["costops.SemanticModel/definition/expressions.tmdl"]
    (node,) = read_tmdl(text)
    assert (
        node.value == '"C:\\p""; Evil() #(#)(lf)</x>" meta [IsParameterQuery=true, Type="Text", '
        "IsParameterQueryRequired=true]"
    )


def test_power_bi_itself_reads_the_model(model: Model, tmp_path: Path) -> None:
    """`COSTOPS_TEST_TOM`: a program that reads TMDL with Microsoft's own library (`tests/support/validate_tmdl.cs`)."""
    program = os.environ.get("COSTOPS_TEST_TOM")
    if not program:
        pytest.skip("COSTOPS_TEST_TOM names no program that validates TMDL")
    for source in power_bi.Source:
        write_files(power_bi.files(model, source, "x/y"), tmp_path / source)
        found = subprocess.run(
            ["mono", program, str(tmp_path / source / "costops.SemanticModel" / "definition")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert found.returncode == 0, found.stdout
        assert f"{len(model.metrics)} measures" in found.stdout


@pytest.mark.parametrize("source", list(tableau.Source))
def test_tableau_finds_every_column_and_field(
    model: Model, columns: dict[str, set[str]], source: tableau.Source
) -> None:
    files = tableau.files(model, source, HOSTILE if source == "hyper" else "db.example/costs")
    assert set(files) == {f"{fact.mart}.tds" for fact in model.facts.values()}
    for fact in model.facts.values():
        root = ElementTree.fromstring(files[f"{fact.mart}.tds"])
        mapped = {each.get("key"): each.get("value", "") for each in root.iter("map")}
        for value in mapped.values():
            table, column = re.fullmatch(r"\[(\w+)\]\.\[(\w+)\]", value).groups()  # type: ignore[union-attr]
            assert column in columns[table]
        assert columns[fact.mart] <= {str(key).strip("[]") for key in mapped}
        fields = [str(each.get("name")) for each in root.findall("column")]
        assert len(fields) == len(set(fields))
        for calculation in root.iter("calculation"):
            used = re.findall(r"\[[^\]]+\]", calculation.get("formula", ""))
            assert used or calculation.get("formula") == "SUM(1)"
            assert set(used) <= set(fields)
        for clause in root.iter("clause"):
            sides = [str(each.get("op")) for each in clause.iter("expression")][1:]
            assert len(sides) == 2
            for side in sides:
                table, column = re.fullmatch(r"\[(\w+)\]\.\[(\w+)\]", side).groups()  # type: ignore[union-attr]
                assert column in columns[table]
    shown = sum(text.count("<calculation") for text in files.values())
    assert shown == sum(1 for metric in model.metrics.values() if superset.expression_of(model, metric.name))


def test_superset_gets_every_mart_with_queries_that_run(model: Model, empty_marts: duckdb.DuckDBPyConnection) -> None:
    files = superset.files(model, superset.address_of("postgres", "db.example:5432/costs"))
    read = {name: yaml.safe_load(text) for name, text in files.items()}
    datasets = [record for name, record in read.items() if "/datasets/" in name]
    assert {record["table_name"] for record in datasets} == set(model.marts)
    database = read["costops/databases/costops.yaml"]
    assert database["sqlalchemy_uri"] == "postgresql+psycopg2://reader@db.example:5432/costs"
    for record in datasets:
        assert record["database_uuid"] == database["uuid"]
        figures = ", ".join(metric["expression"] for metric in record["metrics"])
        empty_marts.execute(f"select {figures} from {record['schema']}.{record['table_name']}")
        known = {column["column_name"] for column in record["columns"]}
        assert record["main_dttm_col"] is None or record["main_dttm_col"] in known
    assert len({record["uuid"] for record in read.values() if "uuid" in record}) == len(datasets) + 1
    assert files == superset.files(model, superset.address_of("postgres", "db.example:5432/costs"))


def test_osi_names_what_exists_and_its_metrics_run(
    model: Model, columns: dict[str, set[str]], empty_marts: duckdb.DuckDBPyConnection
) -> None:
    (document,) = yaml.safe_load(osi.files(model)[osi.FILE])["semantic_model"]
    datasets = {dataset["name"]: dataset for dataset in document["datasets"]}
    fields = [field for dataset in datasets.values() for field in dataset["fields"]]
    parts = {
        "document": [document], "dataset": document["datasets"], "field": fields,
        "relationship": document["relationships"], "metric": document["metrics"],
    }  # fmt: skip
    for kind, found in parts.items():
        assert {key for each in found for key in each} <= OSI_KEYS[kind], kind
    assert {field["datatype"] for field in fields} <= OSI_TYPES
    assert len({relation["name"] for relation in document["relationships"]}) == len(document["relationships"])
    for name, dataset in datasets.items():
        assert set(dataset["primary_key"]) <= columns[name]
        assert {field["name"] for field in dataset["fields"]} == columns[name]
    for relation in document["relationships"]:
        assert relation["from_columns"][0] in columns[relation["from"]]
        assert relation["to_columns"] == datasets[relation["to"]]["primary_key"]
    assert len(document["metrics"]) > 90
    for metric in document["metrics"]:
        (written,) = metric["expression"]["dialects"]
        mart = re.search(r"(\w+)\.\w+", written["expression"])
        table = mart[1] if mart else model.facts[model.metrics[metric["name"]].fact].mart
        empty_marts.execute(f"select {written['expression']} from marts.{table}")


def test_exposures_name_every_table_of_the_files(model: Model, manifest: dict[str, Any]) -> None:
    exposures = {exposure["name"]: exposure for exposure in manifest["exposures"].values()}
    read = {
        name: {node.rsplit(".", 1)[1] for node in exposure["depends_on"]["nodes"]}
        for name, exposure in exposures.items()
    }
    stars = set(power_bi.tables_of(model))
    assert read["power_bi"] == read["tableau"] | {"dim_dates"} == read["open_semantic_interchange"] == stars
    assert read["looker"] == read["superset"] == stars
    assert all(exposure["description"] and exposure["owner"]["name"] for exposure in exposures.values())


def test_files_are_replaced_and_others_left_alone(model: Model, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    files = TOOLS["osi"].files(model, Request("any", "", "marts"))
    for _ in range(2):
        write_files(files, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["costops.osi.yaml", "mine.txt"]
