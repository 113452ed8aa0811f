"""Data flow: spooled day files of the Admin API -> `raw_anthropic.messages_usage`, `cost_report`, `claude_code`, ...

Put here: what the fields of each report mean. Keep out: fetching, quarantine, prices.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from ingestion.landing.model import ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.reading.spooled import Fields, Line, Refused, Repeats, Row, day_of, parse_lines
from ingestion.reading.spooled.fields import extra_columns, json_text
from ingestion.reading.spooled.rows import each_part

DATASET = "raw_anthropic"
CENTS = -2
"""Powers of ten from the API's lowest unit to the unit of the currency."""
USAGE_GROUPS = (
    "account_id api_key_id context_window inference_geo model service_account_id service_tier speed workspace_id"
).split()
COST_GROUPS = "context_window cost_type description inference_geo model service_tier token_type workspace_id".split()


def messages_usage(file: SourceFile) -> Iterator[ParsedBatch]:
    """Token counts per hour and group. The parts of the input are disjoint; there is no request count."""
    repeats = Repeats()
    yield from parse_lines(file, DATASET, partial(_bucket_rows, file, repeats, _usage_row), repeats.notes)


def cost_report(file: SourceFile) -> Iterator[ParsedBatch]:
    """Charges per UTC day and group, from cents."""
    repeats = Repeats()
    yield from parse_lines(file, DATASET, partial(_bucket_rows, file, repeats, _cost_row), repeats.notes)


def claude_code(file: SourceFile) -> Iterator[ParsedBatch]:
    """Sessions per actor, day and terminal, and beside them the tokens and estimated cost per model."""
    repeats = Repeats()
    yield from parse_lines(file, DATASET, partial(_claude_code_rows, file, repeats), repeats.notes)


def _bucket_rows(file: SourceFile, repeats: Repeats, row_of: Any, line: Line) -> Iterator[Row | QuarantinedRow]:
    """The results of one bucket, none for an empty one."""
    bucket = Fields(line.content)
    start, end = bucket.instant("starting_at"), bucket.instant("ending_at")
    if start is None or end is None:
        raise Refused("starting_at", "missing_value", "the bucket does not say when it begins and ends")
    if end <= start:
        raise Refused("ending_at", "empty_period", f"the bucket ends at {end}, not after its start {start}")
    check_day(file, "starting_at", start)
    if bucket.get("results") is None:
        raise Refused("results", "missing_value", "the bucket has no list of results; an empty one has an empty list")
    repeats.agree("group_by", line.group_by, line.number)
    period = {"bucket_start_utc": start, "bucket_end_utc": end}
    yield from each_part(line, bucket.items("results"), partial(row_of, line, bucket, period, repeats))


def check_day(file: SourceFile, field: str, start: datetime) -> None:
    """Refuses what lies outside the UTC day of its file: it would count twice beside that day's own file."""
    day = day_of(file)
    if day is not None and start.date() != day:
        raise Refused(field, "outside_day", f"{start} is not on {day}, the day of the file; pull the day again")


def _grouped(line: Line, result: Fields, names: Iterable[str]) -> dict[str, Any]:
    """The group's own values; a null workspace is the default one only where workspaces were asked for."""
    groups: dict[str, Any] = {name: result.text(name) for name in names}
    asked = line.group_by
    groups["group_by"] = json.dumps(sorted(asked))
    given = groups["workspace_id"] is not None
    groups["is_default_workspace"] = not given if given or "workspace_id" in asked else None
    return groups


def _usage_row(line: Line, bucket: Fields, period: dict[str, Any], repeats: Repeats, part: Any) -> Row | None:
    result = Fields(part)
    groups = _grouped(line, result, USAGE_GROUPS)
    has_key = groups["api_key_id"] is not None
    is_known = has_key or "api_key_id" in line.group_by
    groups["is_console"] = not (has_key or groups["service_account_id"] is not None) if is_known else None
    written, tools = result.part("cache_creation"), result.part("server_tool_use")
    counts = {
        "uncached_input_tokens": result.count("uncached_input_tokens"),
        "cache_creation_5m_input_tokens": written.count("ephemeral_5m_input_tokens"),
        "cache_creation_1h_input_tokens": written.count("ephemeral_1h_input_tokens"),
        "cache_read_input_tokens": result.count("cache_read_input_tokens"),
        "output_tokens": result.count("output_tokens"),
        "web_search_requests": tools.count("web_search_requests"),
    }
    extra = extra_columns(bucket, result, written, tools)
    if all(value is None for value in counts.values()) and extra is None:
        raise Refused(None, "missing_value", "the result holds none of the counts of a usage report")
    if repeats.is_repeat(_key(period, groups), _content(counts, extra), line.number):
        return None
    return "messages_usage", period | groups | counts | {"extra_columns": extra}


def _cost_row(line: Line, bucket: Fields, period: dict[str, Any], repeats: Repeats, part: Any) -> Row | None:
    result = Fields(part)
    groups = _grouped(line, result, COST_GROUPS)
    groups["currency"] = result.text("currency")
    amount = result.money("amount", CENTS)
    if amount is None:
        raise Refused("amount", "missing_value", "the result has no amount")
    extra = extra_columns(bucket, result)
    money = {"amount": amount.value, "amount_text": amount.text, "amount_cents_text": amount.printed}
    if repeats.is_repeat(_key(period, groups), _content({"amount": amount.text}, extra), line.number):
        return None
    return "cost_report", period | groups | money | {"extra_columns": extra}


def _key(*parts: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value for part in parts for value in part.values())


def _content(values: dict[str, Any], extra: str | None) -> tuple[Any, ...]:
    return (*values.values(), extra)


SESSION_COUNTS = {
    "num_sessions": "num_sessions",
    "commits": "commits_by_claude_code",
    "pull_requests": "pull_requests_by_claude_code",
}


def _claude_code_rows(file: SourceFile, repeats: Repeats, line: Line) -> Iterator[Row | QuarantinedRow]:
    record = Fields(line.content)
    date = record.instant("date")
    if date is None:
        raise Refused("date", "missing_value", "the record has no date")
    check_day(file, "date", date)
    actor, metrics = record.part("actor"), record.part("core_metrics")
    lines_of_code = metrics.part("lines_of_code")
    who: dict[str, Any] = {
        "usage_date": date.date(),
        "actor_type": actor.text("type"),
        "actor_email": actor.text("email_address"),
        "actor_api_key_name": actor.text("api_key_name"),
        "organization_id": record.text("organization_id"),
        "customer_type": record.text("customer_type"),
        "subscription_type": record.text("subscription_type"),
        "terminal_type": record.text("terminal_type"),
        "is_remote": record.flag("is_remote"),
    }
    done: dict[str, Any] = {name: metrics.count(field) for name, field in SESSION_COUNTS.items()}
    done |= {"lines_added": lines_of_code.count("added"), "lines_removed": lines_of_code.count("removed")}
    models = record.items("model_breakdown")
    done |= {name: record.json(name) for name in ("core_metrics", "tool_actions")}
    extra = extra_columns(record, actor)
    if repeats.is_repeat(_key(who), (*done.values(), record.json("model_breakdown"), extra), line.number):
        return
    yield "claude_code", who | done | {"extra_columns": extra}
    yield from each_part(line, models, partial(_model_row, who))


def _model_row(who: dict[str, Any], part: Any) -> Row:
    model = Fields(part, "model_breakdown")
    tokens, cost = model.part("tokens"), model.part("estimated_cost")
    amount = cost.money("amount", CENTS)
    row = {
        "model": model.text("model"),
        "input_tokens": tokens.count("input"),
        "output_tokens": tokens.count("output"),
        "cache_read_tokens": tokens.count("cache_read"),
        "cache_creation_tokens": tokens.count("cache_creation"),
        "estimated_cost": amount.value if amount else None,
        "estimated_cost_text": amount.text if amount else None,
        "estimated_cost_cents_text": amount.printed if amount else None,
        "estimated_cost_currency": cost.text("currency"),
        "extra_columns": extra_columns(model, tokens, cost),
    }
    if all(value is None for value in row.values()):
        raise Refused("model_breakdown", "missing_value", "the model has neither name, tokens nor cost")
    return "claude_code_models", who | row


ENTITIES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "workspaces": (("name",), ("archived_at",), "created_at"),
    "api_keys": (("name", "status", "workspace_id"), (), "created_at"),
    "members": (("name", "email", "role"), (), "added_at"),
}
"""Text fields, instants and the instant of creation in the lists that give names."""
SECRET_HINT = "partial_key_hint"
"""The visible ends of a key: nobody needs them, so they are not kept."""


def entities(table: str) -> Parser:
    """The parser of one of `ENTITIES`: one row per listed thing."""

    def parse(file: SourceFile) -> Iterator[ParsedBatch]:
        repeats = Repeats()
        yield from parse_lines(file, DATASET, partial(_entity_row, table, repeats), repeats.notes)

    return parse


def _entity_row(table: str, repeats: Repeats, line: Line) -> Iterator[Row]:
    record = Fields(line.content)
    texts, instants, created = ENTITIES[table]
    row: dict[str, Any] = {"id": record.text("id"), "is_listed": line.is_listed}
    if row["id"] is None:
        raise Refused("id", "missing_value", "the record has no id")
    row |= {name: record.text(name) for name in texts}
    row |= {f"{name}_utc": record.instant(name) for name in instants}
    row["created_at_utc"] = record.instant(created)
    if table == "workspaces":
        row["status"] = "archived" if row["archived_at_utc"] else "active"
    if table == "api_keys":
        row["created_by"] = record.part("created_by").text("id")
        row["is_default_workspace"] = row["workspace_id"] is None
    row["raw"] = json_text({name: value for name, value in line.content.items() if name != SECRET_HINT})
    if not repeats.is_repeat(row["id"], row["raw"], line.number):
        yield table, row
