"""From lines of a Codex rollout to event rows: a line means what the lines above it say.

Put here: models, cumulative totals, copied history. Keep out: where parents lie (`forks`), prompts and answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ingestion.landing.counting import counted
from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.codex.forks import Vector, total_of, vector
from ingestion.sources.events.plans import cover
from ingestion.sources.events.records import Read, folder_name, read_each, without_text
from ingestion.sources.events.usage_shapes.batches import Row
from ingestion.sources.events.usage_shapes.openai import responses_counts
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, count, dig, instant, tags, text

EVENT_SOURCE = "codex"
RECORD = "token_usage_record"
_FIELDS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)
PAGE = "docs/sources/coding_agents.md"
COPIED_WITHIN = timedelta(seconds=2)
"""Copied history is written at once, when the fork is made."""


@dataclass
class _State:
    """What the lines so far say."""

    session: str
    meta: dict[str, Any] = field(default_factory=dict)
    started_at: Any = None
    model: str | None = None
    tier: str | None = None
    total: dict[str, int] | None = None
    resets: int = 0
    history_ends: int | None = None
    """The first ordinal of its own."""
    parent: list[Vector] | None = None
    is_fork: bool = False
    is_copying: bool = False
    copied: int = 0
    repeated: int = 0
    turns: int = 0
    """Sums of turns as `codex exec --json` prints them, without time and model."""
    is_guessed: bool = False
    is_covered: bool = False
    """Whether the limits of a plan apply: calls by API key have none."""


def read_rollout(
    records: Iterable[Record | QuarantinedRow], totals_of: Callable[[str], list[Vector] | None], name: str
) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows in file order. Where the file has records of single responses, only these count.

    `totals_of` gives the totals of a parent session, `name` stands for a session without an id.
    """
    state = _State(session=name)
    from_totals: list[Row] = []
    responses: dict[str, Row] = {}
    for item in read_each(without_text(records), lambda value: _read_line(value, state, totals_of), PAGE):
        if not isinstance(item, Read):
            yield item
            continue
        row = item.said
        row["_source_row"] = item.number
        if row.pop("_is_response"):
            responses[row["event_id"]] = row
        else:
            from_totals.append(row)
    rows = list(responses.values()) if responses else from_totals
    yield from map(cover, rows) if state.is_covered else rows
    if state.copied:
        message = counted(state.copied, "count that was", "counts that were") + " copied from another session left out"
        yield Note("repeated_rows", message, count=state.copied)
    if state.turns:
        message = (
            f"sums of turns that `codex exec --json` printed, without time and model: {state.turns}; deliver the "
            "rollout of the session (~/.codex/sessions)"
        )
        yield Note("usage_without_row", message, count=state.turns)
    if state.is_guessed:
        message = "a fork whose parent is not here: what came before its first own turn was taken for copied"
        yield Note("history_assumed", message)


def _read_line(value: Any, state: _State, totals_of: Callable[[str], list[Vector] | None]) -> Row | None:
    given = as_object(value)
    payload = as_object(given.get("payload"))
    kind = given.get("type")
    if kind == "turn.completed" and as_object(given.get("usage")):
        state.turns += 1
        return None
    if kind == "event_msg":
        kind = payload.get("type")
    if kind == "session_meta":
        _begin(given, payload, state, totals_of)
        return None
    if kind == "turn_context":
        state.model = text(payload.get("model")) or state.model
        return None
    if kind == "thread_settings_applied":
        settings = as_object(payload.get("thread_settings"))
        state.model = text(settings.get("model")) or state.model
        state.tier = text(settings.get("service_tier")) or state.tier
        return None
    if kind == RECORD:
        return _response_row(given, payload, state)
    return _total_row(given, payload, state) if kind == "token_count" else None


def _begin(
    given: dict[str, Any], payload: dict[str, Any], state: _State, totals_of: Callable[[str], list[Vector] | None]
) -> None:
    if state.meta:
        return  # the copied first line of a parent
    state.meta = payload
    state.session = text(payload.get("id")) or state.session
    state.started_at = instant(payload.get("timestamp") or given.get("timestamp"), "timestamp")
    spawned = dig(payload, "source", "subagent", "thread_spawn", "parent_thread_id")
    parent = text(payload.get("forked_from_id")) or text(payload.get("parent_thread_id")) or text(spawned)
    start = payload.get("subagent_history_start_ordinal")
    ends = start if start is not None else dig(payload, "history_base", "end_ordinal_exclusive")
    state.history_ends = count(ends, "subagent_history_start_ordinal")
    if parent and state.history_ends is None:
        state.is_fork = True
        state.parent = totals_of(parent)
        state.is_copying = True


def _total_row(given: dict[str, Any], payload: dict[str, Any], state: _State) -> Row | None:
    """The call between the total before and this one; None where there is none (repeated, copied, no usage)."""
    state.is_covered = state.is_covered or _tells_plan(payload.get("rate_limits"))
    info = as_object(payload.get("info"))
    total, last = _counters(info.get("total_token_usage")), _counters(info.get("last_token_usage"))
    if total is None and last is None:
        return None
    before = state.total
    state.total = total or before
    if total is not None and total == before:
        state.repeated += 1
        return None
    if _is_copied(given, state):
        state.copied += 1
        return None
    is_first_of_fork = state.is_fork and before is None and last is not None
    if total is None or is_first_of_fork:
        used = last
    else:
        used = {name: number - (before or {}).get(name, 0) for name, number in total.items()}
        if any(number < 0 for number in used.values()):
            state.resets += 1
            used = last if last is not None else total
    if not used or not any(used.values()):
        return None
    said = total or used
    key = ":".join(str(said.get(name, 0)) for name in _FIELDS)
    identity = f"{state.session}:{state.resets}:{key}"
    if total is None:
        identity += f":{text(given.get('timestamp'))}"
    return {**_row(given, state, used), "event_id": identity, "_is_response": False}


def _tells_plan(limits: Any) -> bool:
    """Whether limits are those of a subscription: they name it, or the part of a window that is used up."""
    plan = (text(dig(limits, "plan_type")) or "").lower()
    if plan in ("api", "api_key", "apikey"):
        return False
    windows = (dig(limits, "primary", "used_percent"), dig(limits, "secondary", "used_percent"))
    return bool(plan) or any(used is not None for used in windows)


def _is_copied(given: dict[str, Any], state: _State) -> bool:
    """Whether a count is history that a fork or a subagent began with."""
    ordinal = given.get("ordinal")
    if state.history_ends is not None:
        return isinstance(ordinal, int) and ordinal < state.history_ends
    if not state.is_copying:
        return False
    if state.parent is not None:
        if state.parent and total_of(given) == state.parent[0]:
            del state.parent[0]
            return True
        state.is_copying = False
        return False
    at = instant(given.get("timestamp"), "timestamp")
    if at is not None and state.started_at is not None and at <= state.started_at + COPIED_WITHIN:
        state.is_guessed = True
        return True
    state.is_copying = False
    return False


def _response_row(given: dict[str, Any], payload: dict[str, Any], state: _State) -> Row | None:
    used = _counters(payload.get("usage"))
    if used is None:
        return None
    ordinal = given.get("ordinal")
    if state.history_ends is not None and isinstance(ordinal, int) and ordinal < state.history_ends:
        state.copied += 1
        return None
    thread = text(payload.get("thread_id")) or text(payload.get("session_id")) or state.session
    response = text(payload.get("response_id")) or ":".join(str(number) for number in vector(payload["usage"]) or ())
    return {**_row(given, state, used), "event_id": f"{thread}:{response}", "_is_response": True}


def _counters(usage: Any) -> dict[str, int] | None:
    if not isinstance(usage, dict) or not usage:
        return None
    found = {name: count(usage[name], name) for name in _FIELDS if usage.get(name) is not None}
    return {name: number for name, number in found.items() if number is not None} or None


def _row(given: dict[str, Any], state: _State, used: dict[str, int]) -> Row:
    at = instant(given.get("timestamp"), "timestamp")
    if at is None:
        raise BadValue("timestamp", "missing_timestamp", "The line has no timestamp. Copy the rollout as it is.")
    return {
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": text(state.meta.get("model_provider")) or "openai",
        "requested_model": state.model,
        "requested_service_tier": state.tier,
        "project_id": folder_name(state.meta.get("cwd")),
        "session_id": state.session,
        "tags": tags({"client": text(state.meta.get("originator")) or "codex"}),
        "status": "ok",
        "is_billable": True,
        **responses_counts(_as_usage(used)),
    }


def _as_usage(used: dict[str, int]) -> dict[str, Any]:
    """The same counters under the names of the Responses API, where input and output include their parts."""
    parts = {"cached_tokens": "cached_input_tokens", "cache_write_tokens": "cache_write_input_tokens"}
    details = {name: used[given] for name, given in parts.items() if given in used}
    usage: dict[str, Any] = {
        "input_tokens": used.get("input_tokens", 0),
        "output_tokens": used.get("output_tokens", 0),
    }
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
    if details:
        usage["input_tokens_details"] = details
    if "reasoning_output_tokens" in used:
        usage["output_tokens_details"] = {"reasoning_tokens": used["reasoning_output_tokens"]}
    return usage
