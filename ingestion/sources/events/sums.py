"""Answers that are sums of calls and not calls: usage and cost reports of vendors, rollups of gateways, batch jobs.

In whatever folder they lie, counting one as a call would price a day as one request, and count it beside its calls.
Put here: what such answers look like, and where the same usage is read from. Keep out: calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ingestion.sources.events.usage_shapes.spellings import plain_name
from ingestion.sources.events.usage_shapes.values import BadValue, dig

_OPENAI = "time buckets of OpenAI's usage or costs API: set OPENAI_ADMIN_KEY and the run fetches them itself"
_ANTHROPIC = "a report of Anthropic's Admin API: set ANTHROPIC_ADMIN_KEY and the run fetches it itself"
_OPENROUTER = (
    "days of OpenRouter's activity API: set OPENROUTER_API_KEY to a management key and the run fetches them itself"
)
_MAPPED = "put the file into mapped/<name>/ with a mapping that has summed_calls (`costops map` drafts one)"
_LITELLM = f"a daily rollup or report of LiteLLM, not spend log rows: export table LiteLLM_SpendLogs, or {_MAPPED}"
_LANGFUSE = "daily metrics of Langfuse, not observations: export observations"
_CLAUDE = (
    "the sum of a session that `claude -p` printed, without its calls: put the session "
    "(~/.claude/projects/**/*.jsonl) into claude_code/"
)
_AGENT = "the sum of a session that Gemini CLI printed, without its calls: put its session file here"
_CCUSAGE = (
    "what ccusage printed: put the sessions that it reads (for Claude Code ~/.claude/projects/**/*.jsonl into "
    f"claude_code/), or {_MAPPED}"
)
_TIMES = frozenset(
    "date day hour week month period bucket time_bucket interval window window_start bucket_start".split()
)
_NUMBERS = re.compile(
    r"((n|num|number_of|count|total|api|model|llm|successful)_)*(requests?|calls|(requests?|call)_count)"
)
"""Columns that say of how many calls a row is the sum."""
_BATCH = "a batch job with the sum of its results: log its output file (output_file_id) instead"


def refuse_sums(given: Any) -> None:
    """Raises `BadValue` for an answer, or a record of one, that sums calls up."""
    if not isinstance(given, dict):
        return
    if given.get("object") == "batch" and "request_counts" in given:
        raise BadValue("usage", "usage_without_calls", f"This is {_BATCH}.")
    if given.get("type") == "result" and not {"modelUsage", "total_cost_usd"}.isdisjoint(given):
        raise BadValue("type", "usage_without_calls", f"This is {_CLAUDE}.")
    per_model = dig(given, "stats", "models")
    if isinstance(per_model, dict) and per_model and "usage" not in given:
        raise BadValue("models", "usage_without_calls", f"This is {_AGENT}.")
    lists = (items for name in ("data", "results", *_REPORTS) if isinstance(items := given.get(name), list) and items)
    found = _kind(given) or _kind(next(lists, [None])[0])
    if found:
        field, what = found
        raise BadValue(field, "daily_rollup", f"These are sums and no calls: {what}.")


_REPORTS = ("daily", "weekly", "monthly", "sessions", "session", "blocks")
"""Lists of ccusage's reports."""

_COLUMNS = {
    "num_model_requests": "an export of OpenAI's usage page. Set OPENAI_ADMIN_KEY and the run fetches the same itself",
    "usage_input_tokens_no_cache": "an export of Anthropic's usage page. Set ANTHROPIC_ADMIN_KEY and the run fetches "
    "the same itself",
    "applied_cost_per_quantity": "a usage report of GitHub. Its money is on the invoice (docs/sources/invoices.md)",
}


def sums_in_columns(names: Iterable[str]) -> tuple[str, str] | None:
    """(the column that shows it, what a table of such columns is and its remedy); None for a table of calls."""
    plain = {name.strip().lower(): name for name in names}
    found = next((name for name in _COLUMNS if name in plain), None)
    if found is None:
        return None
    return plain[found], f"These are sums and no calls: {_COLUMNS[found]}, or {_MAPPED}."


def _counts_calls(name: str, value: Any) -> bool:
    is_whole = isinstance(value, int | str) and str(value).isdigit()
    return is_whole and _NUMBERS.fullmatch(plain_name(name)) is not None


def _kind(record: Any) -> tuple[str, str] | None:
    """(the field that shows it, what sums up calls in such a record); None where it is something else."""
    if not isinstance(record, dict):
        return None
    if record.get("object") == "bucket" or str(record.get("object")).startswith("organization."):
        return "object", _OPENAI
    if {"starting_at", "results"} <= record.keys() or {"actor", "model_breakdown"} <= record.keys():
        return ("starting_at" if "starting_at" in record else "model_breakdown"), _ANTHROPIC
    is_day = "date" in record and "startTime" not in record
    if is_day and "byok_usage_inference" in record:
        return "date", _OPENROUTER
    if is_day and "countTraces" in record:
        return "date", _LANGFUSE
    if is_day and ("api_requests" in record or "spend" in record or dig(record, "metrics", "api_requests") is not None):
        return "date", _LITELLM
    if "group_by_day" in record:
        return "group_by_day", _LITELLM
    if isinstance(record.get("modelsUsed"), list) and {"inputTokens", "outputTokens"} <= record.keys():
        return "modelsUsed", _CCUSAGE
    if isinstance(record.get("tokenCounts"), dict) and "costUSD" in record:
        return "tokenCounts", _CCUSAGE
    number = next((name for name, item in record.items() if _counts_calls(str(name), item)), None)
    if number is not None and not _TIMES.isdisjoint(map(plain_name, map(str, record))) and "id" not in record:
        return number, f"{number} counts the calls of a row: export the calls themselves, or {_MAPPED}"
    is_summary = "spend" in record and "request_id" not in record and isinstance(record.get("models"), dict)
    return ("models", _LITELLM) if is_summary else None
