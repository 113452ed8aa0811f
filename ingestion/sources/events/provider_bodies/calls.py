"""From log records of raw bodies to event rows.

Put here: which rows a record becomes, their ids, the iterations of a call. Keep out: what is said of the call as a
whole (`call_facts`), token arithmetic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ingestion.landing.counting import counted
from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record, quarantined
from ingestion.sources.events.provider_bodies.agent_sessions import SUM_OF
from ingestion.sources.events.provider_bodies.call_facts import base_row, error_type
from ingestion.sources.events.provider_bodies.compound import compound_rows, image_rows, models_of, without_whole
from ingestion.sources.events.provider_bodies.envelope import Call, unwrap
from ingestion.sources.events.provider_bodies.events import DELTA, START, joined_events
from ingestion.sources.events.provider_bodies.field_names import RESPONSE_IDS
from ingestion.sources.events.provider_bodies.flavours import (
    canonical_provider,
    counts_of,
    find_usage,
    holder_of_usage,
)
from ingestion.sources.events.provider_bodies.gemini_pieces import Pieces
from ingestion.sources.events.provider_bodies.librechat import joined_sides
from ingestion.sources.events.provider_bodies.media import made_video, media_made, trained
from ingestion.sources.events.provider_bodies.nova_sonic import joined_sessions
from ingestion.sources.events.provider_bodies.pages import listed
from ingestion.sources.events.provider_bodies.polling import Polled, UnfinishedError, check_finished
from ingestion.sources.events.provider_bodies.stream_events import told_events
from ingestion.sources.events.snapshots import RepeatedIds
from ingestion.sources.events.sums import refuse_sums
from ingestion.sources.events.usage_shapes.anthropic import is_refused, is_waived, iterations, message_counts
from ingestion.sources.events.usage_shapes.batches import Row, content_id, has_counts
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.fees import add_fees
from ingestion.sources.events.usage_shapes.relations import OnlyTotalError
from ingestion.sources.events.usage_shapes.streams import CUT_OFF
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, with_unresolved
from ingestion.sources.events.usage_shapes.values import (
    BadValue,
    as_object,
    dig,
    is_no_value,
    tags,
    text,
)

_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError)


def read_calls(
    records: Iterable[Record | QuarantinedRow], file_time: datetime | None = None
) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows in file order; of stream chunks that repeat one call's usage, the last one at the end.

    `file_time` stands in for results of a batch, some of which hold no time. Of snapshots of one call all come
    out, under one id: landing keeps the fullest. An id that stands for several calls is completed.
    """
    occurrences: Counter[str] = Counter()
    chunks: dict[str, Row] = {}
    repeats, polled, pieces = RepeatedIds(), Polled(), Pieces()
    steps: list[tuple[str, Row]] = []
    no_calls: Counter[str] = Counter()
    dated_by_file = 0
    told = told_events(joined_sides(listed(records, no_calls), no_calls), no_calls)
    for record in pieces.together(joined_sessions(joined_events(told))):
        if isinstance(record, QuarantinedRow):
            yield record
            continue
        try:
            rows = read_call(record.value, occurrences, file_time)
        except UnfinishedError as unfinished:
            polled.wait_for(unfinished.identity, record.number)
            continue
        except BadValue as bad:
            yield quarantined(record.number, bad.reason, bad.message, record.text, bad.field)
            continue
        except _UNREADABLE as error:
            message = (
                f"The record cannot be read ({type(error).__name__}: {error}). See docs/sources/provider_bodies.md."
            )
            yield quarantined(record.number, "unreadable_record", message, record.text)
            continue
        for row in rows:
            row["_source_row"] = record.number
        dated_by_file += sum(row.pop("_is_dated_by_file", False) for row in rows[:1])
        run = rows[0].pop("_step_of", None)
        if run is not None:
            steps.append((run, rows[0]))
        elif len(rows) == 1 and rows[0].pop("_is_chunk", False):
            chunks[rows[0]["event_id"]] = rows[0]
        else:
            yield from repeats.told_apart(rows)
    for run, row in steps:
        if not repeats.knows(run):
            yield from ({**each, "parent_event_id": run} for each in repeats.told_apart([row]))
    summed = sum(repeats.knows(run) for run, _ in steps)
    for agent, number in no_calls.items():
        message = f"not counted: {counted(number, 'record', 'records')} of {agent} without a call"
        yield Note("other", message, count=number)
    if summed:
        message = f"not counted: {counted(summed, 'step', 'steps')} of runs that report their sum"
        yield Note("other", message, count=summed)
    yield from chunks.values()
    yield from repeats.notes()
    yield from pieces.notes()
    yield from polled.notes(lambda identity: identity in chunks or repeats.knows(identity))
    if dated_by_file and file_time is not None:
        said = counted(dated_by_file, "result of a batch holds", "results of a batch hold")
        message = f"{said} no time; the file's counts: {file_time:%Y-%m-%d %H:%M} UTC"
        yield Note("time_from_file", message, count=dated_by_file)


def read_call(record: Any, occurrences: Counter[str], file_time: datetime | None = None) -> list[Row]:
    """The rows of one record: one, or one per iteration. Raises `BadValue`.

    Records without an id of their own get a hash of their content; `occurrences` tells equal ones apart.
    """
    if not isinstance(record, dict):
        raise BadValue("", "not_an_object", "The record is not a JSON object. Write one call per line.")
    refuse_sums(record)
    call = unwrap(record)
    refuse_sums(call.body)
    kind = next((found for holder in (call.body, record) if (found := holder.get("type")) in (START, DELTA)), None)
    if kind:
        message = f"A {kind} event carries a part of the usage. Log the final message, or one stream after another."
        raise BadValue("type", "partial_usage", message)
    found = find_usage(call.body)
    error = call.error()
    made = made_video(call.body, call.request) or media_made(call.body) or trained(call.body)
    if found is None and error is None and not made:
        check_finished(call.body)
        raise BadValue("usage", "missing_usage", _missing_usage(call.body))
    flavour, usage = found or (None, {})
    is_dated_by_file = bool(call.is_batch and not call.times and file_time)
    if is_dated_by_file:
        call.outer = {**call.outer, "timestamp": f"{file_time:%Y-%m-%dT%H:%M:%S}"}
    row = base_row(call, flavour, usage)
    if error is not None:
        row |= {"status": "error", "error_type": error_type(error)}
    row["event_id"] = _event_id(call, record, occurrences)
    parts = iterations(usage) if flavour == "anthropic" else []
    is_refusal = flavour == "anthropic" and is_refused(call.body, usage)
    if is_refusal:
        row |= {"is_billable": False, "tags": tags(row["tags"], {"waived": "refused before any output"})}
    if is_dated_by_file:
        row["_is_dated_by_file"] = True
    if parts:
        return _iteration_rows(row, usage, parts)
    models = models_of(call.body)
    if models:
        return [add_fees(each) for each in compound_rows(row, call.body, models)]
    images = image_rows(row, call.body) if flavour == "responses" else []
    if flavour and not made:
        hint = canonical_provider(row["provider_name"])
        try:
            row |= counts_of(flavour, usage, call.body, hint, row["served_model"] or row["requested_model"])
        except OnlyTotalError as error:
            row |= error.beside_cost(row.get("recorded_cost_usd"))
        _check_counted(row, usage)
    if call.body.get(CUT_OFF):
        row = with_unresolved(row, [Unresolved("message_delta.usage.output_tokens", 0, "partial_usage")])
    if call.outer.get(SUM_OF, 1) != 1:
        row = with_unresolved(row, [Unresolved("calls", int(call.outer[SUM_OF]), "summed_calls")])
    row = add_fees(row | made)
    if str(call.body.get("object") or "").endswith(".chunk") and text(call.body.get("id")):
        row["_is_chunk"] = True
    if call.body.get("object") == "thread.run.step" and not images:
        row["_step_of"] = text(call.body.get("run_id"))
    return [row, *images]


def _check_counted(row: Row, usage: dict[str, Any]) -> None:
    """A usage object of which nothing was read is no usage of zero: it is set aside with its keys."""
    if row["status"] != "ok" or has_counts(row) or row.get("recorded_cost_usd") is not None:
        return
    shown = ", ".join(str(name) for name in usage)[:300]
    if usage and all(value in (None, "", {}, []) or is_no_value(value) for value in usage.values()):
        message = f"Its counters hold no numbers: {shown}. Log the answer once it is counted."
        raise BadValue("usage", "missing_usage", message)
    message = f"No counter is known among the keys of the usage object: {shown}. Report it with this example."
    raise BadValue("usage", "no_known_counter", message)


_ASKED = frozenset(("messages", "input", "contents", "prompt"))
_ANSWERED = frozenset(("choices", "output", "content", "candidates", "message", "response", "id", "status", "data"))


def _missing_usage(body: dict[str, Any]) -> str:
    if str(body.get("object") or "").endswith(".chunk"):
        return "A stream chunk without usage. Ask for usage in the stream and log the last chunk."
    if not body:
        return "There is no response body. Log it under `response`, or an `error`."
    if "resourceId" in body and body.get("category") in (
        "RequestResponse",
        "AzureOpenAIRequestUsage",
        "Trace",
        "Audit",
    ):
        return (
            "A diagnostic log of Azure, which counts no tokens. Send API Management's ApiManagementGatewayLlmLog, log "
            "the answers, or let the run fetch Azure's metrics (docs/sources/azure.md)."
        )
    results = body.get("results")
    if isinstance(results, list) and results and all("flagged" in as_object(item) for item in results):
        return "A moderation, which reports no usage and for which nothing is charged. Nothing to do."
    if body.keys() == {"input_tokens"} or (body.keys() & {"totalTokens"} and "choices" not in body and len(body) < 4):
        return "An answer that counts tokens before a call, for which nothing is charged. Nothing to do."
    if body.keys() & _ASKED and not body.keys() & _ANSWERED:
        return (
            "A question without its answer (a request, or the input of a batch). Nothing to do where the answer lies "
            "in another file; else log the answer too."
        )
    if any("token" in str(name).lower() and str(value).isdecimal() for name, value in body.items()):
        return (
            "It counts tokens among its own fields and in no usage object. Put the file into mapped/<name>/ with a "
            "mapping (`costops map` drafts one)."
        )
    return "The body reports no usage of a known API. Log the whole body; docs/sources/provider_bodies.md lists them."


def _event_id(call: Call, record: dict[str, Any], occurrences: Counter[str]) -> str:
    holder = holder_of_usage(call.body) if "metadata" in call.body else {}  # LangChain4j, Spring AI
    printed = (each.get(name) for each in (call.body, holder) for name in RESPONSE_IDS)
    given = next((text(each) for each in printed if each and isinstance(each, str | int)), None) or call.request_id
    if given:
        return given
    found = content_id(record)
    occurrences[found] += 1
    return found if occurrences[found] == 1 else f"{found}#{occurrences[found]}"


def _whole_call(usage: dict[str, Any]) -> Counts:
    """What only the top level of a call with iterations says: its searches, and counters that nobody knows."""
    top = message_counts({name: value for name, value in usage.items() if name != "iterations"})
    kept = ("web_searches", "unresolved_usage", "unknown_usage_reason")
    return {name: top[name] for name in kept if name in top}


def _iteration_rows(row: Row, usage: dict[str, Any], parts: list[dict[str, Any]]) -> list[Row]:
    """One row per iteration with its own model. What is known of the call as a whole stays on the first."""
    rows: list[Row] = []
    for index, part in enumerate(parts):
        counts = message_counts(part, f"usage.iterations[{index}]")
        is_free = is_waived(parts, index)
        if index == 0 and not any(dig(item, "server_tool_use") for item in parts):
            counts |= _whole_call(usage)
        rows.append(
            {
                **(row if index == 0 else without_whole(row)),
                **counts,
                "event_id": f"{row['event_id']}/{index}",
                "parent_event_id": row["event_id"],
                "served_model": text(part.get("model")) or row["served_model"],
                "is_billable": row["is_billable"] and not is_free,
                "tags": tags(
                    row["tags"],
                    {"iteration_type": text(part.get("type")) or "message"},
                    {"waived": "declined without output"} if is_free else {},
                ),
            }
        )
    return rows
