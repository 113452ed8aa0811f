"""LookML: a view per mart, an explore per fact with its dimensions, the view `llm_costs`.

Put here: views, explores, how text and names are written in LookML. Keep out: what a metric computes (`formulas`).

Measures are of type `number` with the whole aggregate: Looker's own `sum` answers 0 where nothing is known. That
is safe as explores join many rows to one only.
"""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.publishing.bi.languages import Sql
from orchestration.publishing.bi.model import DATES, DAY, SCHEMA, Column, Fact, Mart, Metric, Model

CONNECTION = "costops"
REQUESTS = "fct_llm_requests"
_FORMATS = {
    "usd": '"$#,##0.00"',
    "usd_per": '"$0.000000"',
    "per": '"0.00"',
    "ratio": '"0.0%"',
    "count": '"#,##0"',
    "seconds": '"#,##0"',
    "ms": '"#,##0"',
}
_HEAD = "# Written by `costops bi lookml`; the next time it is written anew. Change what you like in a refinement.\n\n"


def files(model: Model, schema: str = SCHEMA) -> dict[str, str]:
    """Files of a LookML project by their path in it."""
    views = {f"views/{mart.name}.view.lkml": _HEAD + _view(model, mart, schema) for mart in model.marts.values()}
    explores = "\n".join(_explore(model, fact) for fact in model.facts.values())
    head = f'{_HEAD}connection: "{CONNECTION}"\n\ninclude: "/views/*.view.lkml"\n\n'
    return {
        **views,
        "views/llm_costs.view.lkml": _HEAD + _llm_costs(schema),
        "costops.model.lkml": head + explores + "\n" + _LLM_COSTS_EXPLORE,
    }


def quoted(text: str) -> str:
    """A text as LookML writes it: liquid and quotes of the text are only characters."""
    plain = " ".join(text.replace("\\", "/").replace('"', "'").split())
    return '"' + plain.replace("{{", "{ {").replace("{%", "{ %").replace(";;", "; ;") + '"'


def _reference(column: str) -> str:
    """A column of the view's table; names in mixed case are quoted."""
    return f"${{TABLE}}.{column}" if column == column.lower() else f'${{TABLE}}."{column}"'


def _view(model: Model, mart: Mart, schema: str) -> str:
    fact = model.fact_of(mart.name)
    key = (
        fact.key
        if fact
        else next((join.key for each in model.facts.values() for join in each.joins if join.mart == mart.name), "")
    )
    key = DAY if mart.name == DATES else key
    parts = [f"  sql_table_name: {schema}.{mart.name} ;;", f"  label: {quoted(_title(mart.name))}"]
    metrics = model.metrics_of(mart.name)
    taken = {metric.name for metric in metrics}
    parts += [_dimension(column, column.name == key, taken) for column in mart.columns]
    if key and not any(column.name == key for column in mart.columns):
        parts.append(_block("dimension", "row_key", ["primary_key: yes", "hidden: yes", f"sql: {_key(key, mart)} ;;"]))
    parts += [_measure(metric, fact) for metric in metrics if fact]
    return f"view: {mart.name} {{\n" + "\n\n".join(part for part in parts if part) + "\n}\n"


def _key(expression: str, mart: Mart) -> str:
    """A key that is put together of columns of the mart."""
    inner = expression.removeprefix("concat_ws('|', ").removesuffix(")")
    return "concat_ws('|', " + ", ".join(_reference(mart.column(name).name) for name in inner.split(", ")) + ")"


def _dimension(column: Column, is_key: bool, taken: set[str]) -> str:
    words = [f"description: {quoted(column.description)}"] if column.description else []
    where = f"sql: {_reference(column.name)} ;;"
    if column.type == "date" or column.type.startswith("timestamp"):
        name = column.name.removesuffix("_date") if column.type == "date" else column.name
        frames = (
            "[date, week, month, quarter, year]"
            if column.type == "date"
            else "[time, hour, date, week, month, quarter, year]"
        )
        dated = ["datatype: date"] if column.type == "date" else []
        lines = ["type: time", f"timeframes: {frames}", *dated, "convert_tz: no", where, *words]
        return _block("dimension_group", name, lines)
    kind = "number" if column.is_number else "yesno" if column.type == "boolean" else "string"
    # A column that is summed is no dimension to look at; the measure has its name.
    name = f"{column.name}_of_row" if column.name in taken else column.name
    hidden = ["hidden: yes"] if column.is_hidden or column.name in taken else []
    key = ["primary_key: yes"] if is_key else []
    return _block("dimension", name, [*key, *hidden, f"type: {kind}", where, *words])


def _measure(metric: Metric, fact: Fact) -> str:
    sql = Sql(_reference, lambda name: f"${{{name}}}").formula(metric.formula)
    if sql is None:
        return ""
    return _block(
        "measure",
        metric.name,
        [
            f"label: {quoted(metric.label)}",
            f"description: {quoted(metric.description)}",
            "type: number",
            f"value_format: {_FORMATS[metric.unit]}",
            f"sql: {sql} ;;",
        ],
    )


def _explore(model: Model, fact: Fact) -> str:
    parts = [f"  label: {quoted(_title(fact.mart))}", f"  description: {quoted(fact.description)}"]
    joins = [(join.mart, join.column, join.key) for join in fact.joins]
    if model.marts[fact.mart].column(fact.time).type == "date":
        joins.append((DATES, fact.time, DAY))
    for mart, column, key in joins:
        own, other = _field(model.marts[fact.mart].column(column)), _field(model.marts[mart].column(key))
        on = f"${{{fact.mart}.{own}}} = ${{{mart}.{other}}}"
        parts.append(_block("join", mart, ["type: left_outer", "relationship: many_to_one", f"sql_on: {on} ;;"]))
    return f"explore: {fact.mart} {{\n" + "\n\n".join(parts) + "\n}\n"


def _field(column: Column) -> str:
    """The field of a column that is joined by."""
    if column.type == "date":
        return f"{column.name.removesuffix('_date')}_date"
    return column.name


def _block(kind: str, name: str, lines: list[str]) -> str:
    return f"  {kind}: {name} {{\n" + "\n".join(f"    {line}" for line in lines) + "\n  }"


def _title(name: str) -> str:
    words = name.split("_", 1)[1] if name.split("_", 1)[0] in ("rpt", "fct", "dim") else name
    return words.replace("_", " ").capitalize()


def _llm_costs(schema: str) -> str:
    """Single requests under plain names, for those who expect them."""
    drill = "drill_fields: [id, created_date, model, team_id]"
    usd = f"value_format: {_FORMATS['usd']}"

    def measures() -> Iterator[str]:
        yield _block(
            "measure", "total_cost", ["type: number", usd, f"sql: sum({_reference('contracted_cost_usd')}) ;;"]
        )
        yield _block("measure", "average_cost", ["type: average", usd, f"sql: {_reference('contracted_cost_usd')} ;;"])
        yield _block(
            "measure",
            "total_tokens",
            ["type: number", 'value_format: "#,##0"', f"sql: sum({_reference('total_tokens')}) ;;"],
        )
        yield _block("measure", "request_count", ["type: count", drill])
        yield _block(
            "measure", "cost_per_request", ["type: number", usd, "sql: ${total_cost} / nullif(${request_count}, 0) ;;"]
        )

    frames = "timeframes: [time, date, week, month, quarter, year]"
    parts = [
        f"  sql_table_name: {schema}.{REQUESTS} ;;",
        _block("dimension", "id", ["primary_key: yes", "type: string", f"sql: {_reference('request_key')} ;;"]),
        _block(
            "dimension_group",
            "created",
            ["type: time", frames, "convert_tz: no", f"sql: {_reference('requested_at_utc')} ;;"],
        ),
        _block("dimension", "model", ["type: string", f"sql: {_reference('model_id')} ;;"]),
        _block("dimension", "team_id", ["type: string", f"sql: {_reference('team_id')} ;;"]),
        *measures(),
    ]
    return "view: llm_costs {\n" + "\n\n".join(parts) + "\n}\n"


_LLM_COSTS_EXPLORE = """explore: llm_costs {
  label: "LLM costs"
  description: "Single requests at negotiated prices; an unpriced one has no cost, so totals are at least this much."
}
"""
