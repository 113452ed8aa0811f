"""What MetricFlow answers from dbt's definitions equals the SQL that files for BI tools are written with.

The marts are made from their contracts and filled at random, with values unknown everywhere. With
`COSTOPS_TEST_METRICS_DATABASE` it is a copy of a published file instead.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.publishing.bi.formulas import Change, ToDate
from orchestration.publishing.bi.languages import Sql
from orchestration.publishing.bi.model import Fact, Metric, Model, read_model
from tests.support.contracted_marts import create_marts
from tests.support.warehouse import DBT_PROJECT

pytest.importorskip("dbt_metricflow", reason="MetricFlow is not installed: pip install 'llm-cost-ops[metrics]'")
ROWS = int(os.environ.get("COSTOPS_TEST_METRICS_ROWS", "60"))
GRAINS = {"day": ("day", "month"), "month": ("month",)}


@dataclass
class Asked:
    """MetricFlow on a database, and the same database for plain SQL."""

    model: Model
    engine: Any
    database: Path

    def metricflow(self, metrics: list[str], group_by: list[str]) -> dict[tuple[Any, ...], list[Any]]:
        """Values of the metrics by group."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by or None)
        table = self.engine.query(request).result_df
        names = list(table.column_names)
        values = [names.index(name) for name in metrics]
        groups = [at for at in range(len(names)) if at not in values]
        assert len(groups) == len(group_by)
        return {tuple(day(row[at]) for at in groups): [row[at] for at in values] for row in table.rows}

    def sql(self, metrics: list[Metric], group_by: list[str], source: str) -> dict[tuple[Any, ...], list[Any]]:
        """The same by SQL over the mart."""
        figures = ", ".join(written(self.model, metric.name) for metric in metrics)
        groups = "".join(f"{expression}, " for expression in group_by)
        with duckdb.connect(str(self.database), read_only=True) as connection:
            rows = connection.execute(f"select {groups}{figures} from {source} group by all").fetchall()
        return {tuple(day(value) for value in row[: len(group_by)]): list(row[len(group_by) :]) for row in rows}


def written(model: Model, name: str) -> str:
    """A metric as one SQL expression over its fact, called `f`."""
    sql = Sql(lambda column: f"f.{column}", lambda other: f"({written(model, other)})")
    return sql.formula(model.metrics[name].formula) or ""


def day(value: Any) -> Any:
    return value.date() if hasattr(value, "date") else value


def same(first: Any, second: Any) -> bool:
    """Decimals to the last digit; ratios within what doubles hold."""
    if first is None or second is None:
        return first is None and second is None
    if isinstance(first, float) or isinstance(second, float):
        return math.isclose(float(first), float(second), rel_tol=1e-9, abs_tol=1e-12)
    return Decimal(str(first)) == Decimal(str(second))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    from dbt.cli.main import dbtRunner
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration

    folder = tmp_path_factory.mktemp("metrics")
    project = folder / "project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    database = folder / "warehouse.duckdb"
    given = os.environ.get("COSTOPS_TEST_METRICS_DATABASE")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COSTOPS_WAREHOUSE", str(database))
        patched.setenv("DBT_LOG_PATH", str(folder / "logs"))
        where = ["--project-dir", str(project), "--profiles-dir", str(project)]
        assert dbtRunner().invoke(["parse", "--quiet", *where]).success
        model = read_model(json.loads((project / "target" / "manifest.json").read_text()))
        if given:
            shutil.copyfile(given, database)
        else:
            with duckdb.connect(str(database)) as connection:
                create_marts(connection, model, rows=ROWS)
        plain = shutil.copyfile(database, folder / "plain.duckdb")
        configuration = CLIConfiguration()
        configuration.setup(project, project, configure_file_logging=False)
        yield Asked(model, configuration.mf, plain)


def groupings(model: Model, fact: Fact) -> Iterator[tuple[list[str], list[str], str]]:
    """Every dimension of a fact: as MetricFlow names it, as SQL, and from what."""
    source = f"marts.{fact.mart} as f"
    yield [], [], source
    for grain in GRAINS[fact.grain]:
        yield [f"metric_time__{grain}"], [f"date_trunc('{grain}', f.{fact.time})"], source
    for name, column in fact.dimensions.items():
        yield [f"{fact.key_entity}__{name}"], [f"f.{column}"], source
    for entity, column in fact.entities.items():
        yield [entity], [f"f.{column}"], source
    for entity, name, column in LOOKED_UP:
        if entity in fact.entities:
            join = next(each for each in fact.joins if each.column == fact.entities[entity])
            joined = f"{source} left join marts.{join.mart} as d on d.{join.key} = f.{join.column}"
            yield [f"{entity}__{name}"], [f"d.{column}"], joined
    first = next(iter(fact.dimensions), None)
    if first:
        names = [f"metric_time__{GRAINS[fact.grain][-1]}", f"{fact.key_entity}__{first}"]
        yield names, [f"date_trunc('month', f.{fact.time})", f"f.{fact.dimensions[first]}"], source


LOOKED_UP = (
    ("provider", "provider_name", "provider_name"),
    ("team", "team_owner", "owner"),
    ("project", "project_environment", "environment"),
    ("cost_center", "root_cost_center_id", "root_cost_center_id"),
    ("api_key", "api_key_name", "api_key_name"),
    ("gpu", "gpu_host", "host"),
)


def test_every_metric_by_every_dimension_equals_sql(asked: Asked) -> None:
    compared, wrong = 0, []
    for fact in asked.model.facts.values():
        metrics = [
            metric
            for metric in asked.model.metrics.values()
            if metric.fact == fact.name and not isinstance(metric.formula, ToDate | Change)
        ]
        for names, expressions, source in groupings(asked.model, fact):
            answered = asked.metricflow([metric.name for metric in metrics], names)
            expected = asked.sql(metrics, expressions, source)
            everywhere = set(answered) | set(expected)
            for at, metric in enumerate(metrics):
                compared += 1
                # MetricFlow has no row for a group in which a filtered metric, asked alone, has none.
                if any(
                    not same(
                        answered.get(group, [None] * len(metrics))[at], expected.get(group, [None] * len(metrics))[at]
                    )
                    for group in everywhere
                ):
                    wrong.append((metric.name, names))
    print(f"{len(asked.model.metrics)} metrics, {compared} pairs of metric and dimension compared")
    assert wrong == []
    assert compared > 500


def test_running_sums_and_changes_equal_sql(asked: Asked) -> None:
    calendar = [name for name, each in asked.model.metrics.items() if isinstance(each.formula, ToDate | Change)]
    assert sorted(calendar) == ["spend_change_usd", "spend_month_to_date_usd", "spend_year_to_date_usd"]
    with duckdb.connect(str(asked.database), read_only=True) as connection:
        days = dict(
            connection.execute("select usage_date, sum(spend_usd) from marts.rpt_cost_daily group by 1").fetchall()
        )
    for name, begin in (("spend_month_to_date_usd", (None, 1)), ("spend_year_to_date_usd", (1, 1))):
        answered = asked.metricflow([name], ["metric_time__day"])
        some = [each for each in sorted(days) if days[each] is not None]
        assert some
        for each in some:
            first = each.replace(month=begin[0] or each.month, day=1)
            expected = sum(days[day] or 0 for day in days if first <= day <= each)
            assert same(answered[(each,)][0], expected), (name, each)
    changed = asked.metricflow(["spend_change_usd"], ["metric_time__month"])
    months: dict[Any, Decimal] = {}
    for each, spend in days.items():
        months[each.replace(day=1)] = months.get(each.replace(day=1), Decimal(0)) + (spend or 0)
    later = sorted(months)[1:]
    assert later
    for month in later:
        before = (
            month.replace(month=month.month - 1) if month.month > 1 else month.replace(year=month.year - 1, month=12)
        )
        assert same(changed[(month,)][0], months[month] - months[before]), month
