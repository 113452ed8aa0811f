"""The tools: list metrics, ask one, spend by anything, explain a change, budgets, prices, find and read a table.

Put here: arguments to questions of the query layer. Keep out: SQL that answers them, the protocol.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from orchestration.serving.assistants.desk import Desk
from orchestration.serving.faults import AskedWrongly
from orchestration.serving.publications import DATABASE
from orchestration.serving.queries import aggregate as grouping
from orchestration.serving.queries import budgets as budgeting
from orchestration.serving.queries import prices, tables
from orchestration.serving.queries.answers import Answer
from orchestration.serving.queries.semantic import Question, metric, metric_list
from orchestration.serving.reading import Reading

MOST_METRICS, MOST_TABLES, MOST_SLICES = 12, 6, 6


def list_metrics(desk: Desk, about: str = "") -> dict[str, Any]:
    """Metrics whose name, label or description have the words, with unit, grain and what each can be grouped by."""

    def look(reading: Reading) -> Answer:
        found = metric_list(reading, desk.model())
        rows = [row for row in found.body["metrics"] if row["is_published"]]
        best = _best(rows, about, ("name", "label", "description"))
        short = [{name: row[name] for name in ("name", "label", "unit", "grain", "group_by")} for row in best]
        more = max(0, len(rows if not about else best) - MOST_METRICS)
        return Answer({"metrics": short[:MOST_METRICS], "more": more}, "metrics", (), {"about": about})

    return desk.answer("list_metrics", look)


def query_metric(
    desk: Desk,
    name: str,
    group_by: list[str] | None = None,
    filters: dict[str, list[str]] | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    time_range: str | None = None,
    order_by: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """A metric over days, grouped, filtered, ordered."""
    asked = Question(name, tuple(group_by or ()), filters, start_date, end_date, time_range, limit, order_by)
    return desk.answer("query_metric", lambda reading: metric(reading, desk.model(), asked))


def query_spend(
    desk: Desk,
    group_by: list[str] | None = None,
    filters: dict[str, list[str]] | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    time_range: str | None = None,
    metrics: list[str] | None = None,
    order_by: str | None = "-sum",
    limit: int = 20,
    of: str = "spend",
    cost_kind: str = "llm",
) -> dict[str, Any]:
    """Money and requests of days by users, features, tags and whatever else spend is allocated by."""
    asked = grouping.Question(
        start_date, end_date, time_range, tuple(group_by or ()), tuple(metrics or ("sum", "count")), filters or {},
        order_by, limit, 0, of, cost_kind,
    )  # fmt: skip
    return desk.answer("query_spend", lambda reading: grouping.aggregate(reading, asked))


def read_table(
    desk: Desk,
    mart: str,
    columns: list[str] | None = None,
    filters: dict[str, list[str]] | None = None,
    order_by: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """Rows of a mart as they are."""
    asked = tables.Question(mart, tuple(columns or ()), filters, order_by, limit)
    return desk.answer("read_table", lambda reading: tables.table_rows(reading, asked))


def explain_change(
    desk: Desk,
    first_day: str,
    last_day: str | None = None,
    against_first_day: str | None = None,
    against_last_day: str | None = None,
    only: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Why metered cost of some days differs from that of others, by cause and by slice."""

    def look(reading: Reading) -> Answer:
        from ml.anomalies.compare import Period, driver_rows, period_before, sentences
        from ml.anomalies.compare import explain_change as explained
        from orchestration.publishing.spend_changes import METERED, changed_rows, what_there_is

        chosen = dict(only or {})
        if unknown := sorted(set(chosen) - set(METERED)):
            known = ", ".join(METERED)
            raise AskedWrongly(f"only: {', '.join(unknown)[:80]} is none", remedy=f"write {known}", field="only")
        after = Period(_day(first_day, "first_day"), _day(last_day or first_day, "last_day"))
        given = (against_first_day, against_last_day)
        if (given[0] is None) != (given[1] is None):
            message = "both days to compare with are needed"
            raise AskedWrongly(message, remedy="give both or none", field="against_last_day")
        before = Period(_day(given[0], "against_first_day"), _day(given[1], "against_last_day")) if all(given) else None
        for period, name in ((after, "last_day"), (before, "against_last_day")):
            if period is not None and period.last < period.first:
                raise AskedWrongly("the last day lies before the first", remedy="swap them", field=name)
        against = before or period_before(after)
        reading.need("fct_metered_costs_daily")
        first, last = min(against.first, after.first), max(against.last, after.last)
        rows = changed_rows(reading.connection, chosen, METERED, first, last)
        days = rows["usage_date"]
        if rows.empty or not (after.holds(days) | against.holds(days)).any():
            raise AskedWrongly(what_there_is(reading.connection, chosen, METERED, after), remedy="ask about other days")
        found = explained(rows, after, before, {name: METERED[name] for name in METERED if name not in chosen})
        subject = " and ".join(f"{name} {value}" for name, value in chosen.items()) or "All together"
        moved = found.slices[found.slices["change_usd"] != 0].head(MOST_SLICES)
        body = {
            "in_words": sentences(found, subject), "unit": "USD", "change": found.change_usd,
            "causes": [{"cause": name, "change": usd} for name, usd in driver_rows(found) if usd],
            "slices": [{"slice": row["slice"], "value": row["value"], "expected": row["before_usd"],
                        "actual": row["after_usd"], "change": row["change_usd"]} for row in moved.to_dict("records")],
        }  # fmt: skip
        return Answer(body, "slices", ("fct_metered_costs_daily",), {"days": [first, last], **chosen})

    return desk.answer("explain_change", look)


def budget_status(desk: Desk, name: str | None = None) -> dict[str, Any]:
    """One budget, or all that may be seen: limit, spent, projected, status."""
    if name is not None:
        return desk.answer("budget_status", lambda reading: budgeting.status(reading, name))
    shown = ("budget_id", "name", "period", "limit", "current_spend", "percent_used", "projected_spend", "status")

    def look(reading: Reading) -> Answer:
        found = budgeting.budgets(reading)
        rows = [{field: row[field] for field in shown} for row in found.body["budgets"]]
        return Answer({"unit": "USD", "budgets": rows}, "budgets", found.sources, found.filters)

    return desk.answer("budget_status", look)


def price(
    desk: Desk, model: str = "", input_tokens: int = 0, output_tokens: int = 0, cached_tokens: int = 0,
    provider: str = "", is_batch: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What a request would cost at contracted prices, with the list price; of no model: the cheapest models."""
    for field, count in (
        ("input_tokens", input_tokens),
        ("output_tokens", output_tokens),
        ("cached_tokens", cached_tokens),
    ):
        if not 0 <= count <= 10**12:
            return {"error": f"{field} is {count}", "field": field, "remedy": "from 0 to a million million"}
    if not model:
        return desk.answer(
            "price",
            lambda reading: prices.cheapest(
                prices.prices_of(reading.publication, desk.settings), input_tokens, output_tokens, cached_tokens
            ),
        )
    return desk.answer(
        "price",
        lambda reading: prices.estimate(
            prices.prices_of(reading.publication, desk.settings), model, input_tokens, output_tokens, cached_tokens,
            provider, is_batch,
        ),
    )  # fmt: skip


def find_in_catalogue(desk: Desk, about: str) -> dict[str, Any]:
    """Published tables whose name, description or columns have the words, with the columns that do."""

    def look(reading: Reading) -> Answer:
        rows = reading.publication.connection.cursor().execute(
            "select table_name as mart, coalesce(comment, '') as description from duckdb_tables() "
            "where database_name = ? and schema_name = 'marts' union all "
            "select view_name, coalesce(comment, '') from duckdb_views() "
            "where database_name = ? and schema_name = 'marts'",
            [DATABASE, DATABASE],
        ).fetchall()  # fmt: skip
        tables = [
            {"mart": mart, "description": description.split("\n")[0][:300],
             "columns": list(reading.publication.columns.get(mart, {}))} for mart, description in rows
        ]  # fmt: skip
        for table in tables:
            table["words"] = " ".join(table["columns"])
        best = _best(tables, about, ("mart", "description", "words"))
        shown = []
        for table in best[:MOST_TABLES]:
            hits = [column for column in table["columns"] if any(word in column for word in _words(about))]
            columns = (hits + [each for each in table["columns"] if each not in hits])[:12]
            shown.append({"mart": table["mart"], "description": table["description"], "columns": columns})
        return Answer({"tables": shown, "more": max(0, len(best) - MOST_TABLES)}, "tables", (), {"about": about})

    return desk.answer("find_in_catalogue", look)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _best(rows: list[dict[str, Any]], about: str, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows that have the words, those that have most of them and earliest in the fields first."""
    words = _words(about)
    if not words:
        return rows

    def score(row: dict[str, Any]) -> int:
        return sum(
            2 ** (len(fields) - place)
            for word in words
            for place, field in enumerate(fields)
            if word in str(row[field]).lower()
        )

    scored = [(score(row), row) for row in rows]
    return [row for points, row in sorted(scored, key=lambda each: -each[0]) if points]


def _day(text: str | None, field: str) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise AskedWrongly(f"{field} {str(text)[:40]!r} is no day", remedy="write 2026-01-31", field=field) from None
