"""Records that hold several calls or none: lists of an API (`{"object": "list", "data": [...]}`), files of agents.

Put here: telling such a list from an answer that holds one, the calls in place of their record. Keep out: items.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.lines import Record, quarantined
from ingestion.sources.events.provider_bodies.agent_logs import agent_calls
from ingestion.sources.events.provider_bodies.agent_sessions import SUM_OF
from ingestion.sources.events.provider_bodies.batch_lines import batch_body
from ingestion.sources.events.provider_bodies.gateway_logs import as_gateway_log
from ingestion.sources.events.provider_bodies.shipped import CALLS, as_logged
from ingestion.sources.events.provider_bodies.stores import har_exchanges, insights_rows, loki_lines, table_rows
from ingestion.sources.events.provider_bodies.unfolding import unfolded
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, dig, text

_LISTS = frozenset(
    "calls completions data entries events hits items logEvents logs records requests responses result results rows "
    "value".split()
)
"""Fields of a document that hold its calls; parts of an answer, such as choices, have others."""
_RESULTS = ("embedding", "model")
"""Kinds of items that are parts of an answer, or no calls."""


def listed(records: Iterable[Record | QuarantinedRow], no_calls: Counter[str]) -> Iterator[Record | QuarantinedRow]:
    """The records, with the items of a list of runs, steps, completions or jobs, and the calls of an agent, in place.

    `no_calls` counts the records of agents that tell of no call, by agent. Sums come at the end, where none of their
    agent's calls was there.
    """
    sums: list[tuple[str, Record]] = []
    called: set[str] = set()
    for record in records:
        if isinstance(record, QuarantinedRow):
            yield record
            continue
        logged = unfolded(as_logged(record.value))
        if logged is not record.value:
            record = Record(record.number, logged, record.text)
        try:
            of_agent = _kept(record.value, no_calls) or agent_calls(record.value)
        except BadValue as bad:
            yield quarantined(record.number, bad.reason, bad.message, None, bad.field)
            continue
        items = of_agent[1] if of_agent else _items(record.value)
        for item in items:
            item = item if of_agent else unfolded(as_logged(item))
            inner = Record(record.number, item, json.dumps(item, default=str))
            if of_agent and SUM_OF in item:
                sums.append((of_agent[0], inner))
                continue
            called |= {of_agent[0]} if of_agent else set()
            yield inner
        if of_agent and not items:
            no_calls[of_agent[0]] += 1
        elif not items:
            yield record
    no_calls.update(agent for agent, _ in sums if agent in called)
    yield from (inner for agent, inner in sums if agent not in called)


def _kept(value: Any, no_calls: Counter[str]) -> tuple[str, list[dict[str, Any]]] | None:
    """(store, calls in place of its document); None for a record of none."""
    if not isinstance(value, dict):
        return None
    if (exchanges := har_exchanges(value)) is not None:
        calls, others = exchanges
        if calls and others:
            no_calls["HAR"] += others
        return "HAR", calls
    for store, read in (("Loki", loki_lines), ("CloudWatch", insights_rows), ("Log Analytics", table_rows)):
        if (lines := read(value)) is not None:
            return store, [unfolded(as_logged(line)) for line in lines]
    return None


def _items(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and _OF_A_JOB & value.keys() and (inlined := _inlined(value)):
        return inlined
    if not isinstance(value, dict) or any(value.get(name) for name in CALLS):
        return []
    if isinstance(value.get("hits"), dict):  # an answer of Elasticsearch
        value = value["hits"]
    if value.get("object") != "list":
        return _only_list(value)
    found = value.get("data")
    items = found if isinstance(found, list) else []
    is_each = all(isinstance(item, dict) and "object" in item and item["object"] not in _RESULTS for item in items)
    return items if is_each else []


def _only_list(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of a document that is a list of calls with something around it."""
    if len(value) > 1 and all(isinstance(item, dict) and _tells(as_logged(item)) for item in value.values()):
        return list(value.values())  # by their ids
    lists = [name for name, item in value.items() if isinstance(item, list) and item]
    calls = value[lists[0]] if len(lists) == 1 and lists[0] in _LISTS else []
    return calls if all(isinstance(item, dict) and _tells(as_logged(item)) for item in calls) else []


def _tells(item: dict[str, Any]) -> bool:
    return (
        as_gateway_log(item) is not item
        or any(as_object(item.get(name)) for name in CALLS)
        or batch_body(item) is not None
    )


_OF_A_JOB = frozenset(("dest", "done", "metadata", "output"))
_INLINED = (
    ("dest", "inlined_responses"),
    ("dest", "inlinedResponses"),
    ("dest", "inlined_embed_content_responses"),
    ("dest", "inlinedEmbedContentResponses"),
    ("response", "inlinedResponses", "inlinedResponses"),
    ("metadata", "output", "inlinedResponses", "inlinedResponses"),
    ("output", "inlinedResponses", "inlinedResponses"),
)


def _inlined(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Lines of the batch of a job of Gemini that holds its results."""
    found = next((items for path in _INLINED if isinstance(items := dig(job, *path), list)), [])
    told = {**as_object(job.get("metadata")), **job}
    at = next((told[name] for name in ("createTime", "create_time", "endTime", "end_time") if told.get(name)), None)
    around = {"timestamp": at} if at else {}
    return [
        {"key": str(index), "model": text(told.get("model")), **around}
        | {name: item[name] for name in ("response", "error") if item.get(name)}
        for index, item in enumerate(found)
        if isinstance(item, dict)
    ]
