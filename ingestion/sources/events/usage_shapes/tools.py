"""What an answer shows beside its usage object and costs something: searches, maps, containers, images.

Put here: traces of tools in response bodies, and the meter each has. Keep out: prices (`prices/tool_prices.csv`), and
tools that the usage object counts (`counters`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, with_unresolved
from ingestion.sources.events.usage_shapes.values import as_object, dig

FREE_ITEMS = frozenset(
    "message reasoning function_call function_call_output custom_tool_call computer_call mcp_call mcp_list_tools "
    "mcp_approval_request local_shell_call apply_patch_call tool_search_call compaction".split()
)
"""Items of a Responses output that cost only tokens."""


def responses_tools(body: dict[str, Any], counts: Counts) -> Counts:
    """Tools of a Responses output: what the usage counts itself is not counted again."""
    items = [item for item in _list(body.get("output")) if isinstance(item, dict)]
    kinds = Counter(str(item.get("type")) for item in items)
    found: Counts = {}
    unresolved: list[Unresolved] = []
    if counts.get("web_searches") is None:
        found["web_searches"] = sum(
            item.get("type") == "web_search_call" and dig(item, "action", "type") in (None, "search") for item in items
        )
    if counts.get("file_searches") is None:
        found["file_searches"] = kinds["file_search_call"]
    if counts.get("code_executions") is None:
        containers = _containers(items)
        found["containers"] = containers
        if containers:
            unresolved.append(
                Unresolved("output.code_interpreter_call.container_minutes", containers, "unmetered_tool")
            )
    if not kinds["web_search_call"] and not counts.get("web_searches"):
        told = dig(body, "tool_usage", "web_search", "num_requests")
        found["web_searches"] = told if isinstance(told, int) else 0
    searches = found.get("web_searches", counts.get("web_searches"))
    if searches and _previews(body):
        unresolved.append(Unresolved("tools.web_search_preview", searches, "unmetered_tool"))
    if image_tool(body) is None:
        unresolved += _image_tool(body, kinds["image_generation_call"])
    for kind, number in kinds.items():
        if kind.endswith("_call") and kind not in FREE_ITEMS and kind not in _METERED:
            unresolved.append(Unresolved(f"output.{kind}", number, "unmetered_tool"))
    return with_unresolved(counts | {name: number for name, number in found.items() if number}, unresolved)


_REASONS = re.compile(r"^(o\d|gpt-[5-9]|codex)", re.IGNORECASE)


def _previews(body: dict[str, Any]) -> bool:
    """Whether a model that does not reason searched with the preview of the tool, which costs more for it."""
    tools = [str(dig(tool, "type")) for tool in _list(body.get("tools"))]
    model = str(body.get("model") or "")
    return any(kind.startswith("web_search_preview") for kind in tools) and bool(model) and not _REASONS.match(model)


_METERED = frozenset(
    "web_search_call file_search_call code_interpreter_call shell_call image_generation_call x_search_call".split()
)


def _containers(items: list[dict[str, Any]]) -> int:
    """Distinct containers; a call that names none has one of its own."""
    calls = [item for item in items if item.get("type") in ("code_interpreter_call", "shell_call")]
    named = {item["container_id"] for item in calls if isinstance(item.get("container_id"), str)}
    return len(named) + sum(not isinstance(item.get("container_id"), str) for item in calls)


def image_tool(body: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The image model that a response names for its image tool, and its usage; None where either is not told.

    The default model of the tool is in no answer, so that its price is unknown.
    """
    tools = [tool for tool in _list(body.get("tools")) if dig(tool, "type") == "image_generation"]
    models = {tool["model"] for tool in tools if isinstance(tool.get("model"), str) and tool["model"]}
    usage = dig(body, "tool_usage", "image_gen")
    return (models.pop(), usage) if len(models) == 1 and isinstance(usage, dict) else None


def _image_tool(body: dict[str, Any], calls: int) -> Iterator[Unresolved]:
    """Images made inside a response are charged by the image model, whose usage lies beside the response's."""
    usage = dig(body, "tool_usage", "image_gen")
    tokens = 0
    for name in ("input_tokens", "output_tokens"):
        number = dig(usage, name)
        if isinstance(number, int) and not isinstance(number, bool) and number > 0:
            tokens += number
            yield Unresolved(f"tool_usage.image_gen.{name}", number, "unmetered_tool")
    if calls and not tokens:
        yield Unresolved("output.image_generation_call", calls, "unmetered_tool")


_FREE_UNITS = frozenset(("wordPolicyUnits", "sensitiveInformationPolicyFreeUnits"))


def with_guardrails(body: dict[str, Any], counts: Counts) -> Counts:
    """The counts, with the units of text that Bedrock's guardrails looked at: they are charged beside the tokens."""
    found: Counter[str] = Counter()
    for name, number in _units(as_object(dig(body, "trace", "guardrail"))):
        if name not in _FREE_UNITS:
            found[name] += number
    named = [
        Unresolved(f"trace.guardrail.{name}", number, "unmetered_tool") for name, number in found.items() if number
    ]
    return with_unresolved(counts, named) if named else counts


def _units(holder: Any) -> Iterator[tuple[str, int]]:
    """What an assessment, or any within, counted."""
    for name, item in holder.items() if isinstance(holder, dict) else ():
        if str(name).endswith("Units") and isinstance(item, int):
            yield str(name), item
        yield from _units(item)
    for item in holder if isinstance(holder, list) else ():
        yield from _units(item)


_EXECUTES = ("code_execution", "bash_code_execution", "text_editor_code_execution")


def message_tools(body: dict[str, Any], usage: dict[str, Any], counts: Counts) -> Counts:
    """Code that a message ran, where no counter says so; free beside searching or fetching the web."""
    told = dig(usage, "server_tool_use")
    is_free = any(dig(told, f"web_{name}_requests") for name in ("search", "fetch"))
    if is_free or dig(told, "code_execution_requests") is not None:
        return counts
    used = [item for item in _list(body.get("content")) if dig(item, "type") == "server_tool_use"]
    runs = sum(dig(item, "name") in _EXECUTES for item in used)
    if not runs:
        return counts
    return with_unresolved(counts, [Unresolved("content.server_tool_use.code_execution", runs, "unmetered_tool")])


_GEMINI_3_OR_LATER = re.compile(r"gemini-(?:[3-9]|\d\d)(?:[.-]|$)")


def gemini_tools(body: dict[str, Any], counts: Counts, model: str | None) -> Counts:
    """Grounding: one grounded prompt per response for Gemini 1 and 2, each distinct query from Gemini 3 on."""
    queries: set[str] = set()
    chunks: Counter[str] = Counter()
    has_grounding = False
    for part in _grounding(body):
        given = [query for query in _list(part.get("webSearchQueries") or part.get("web_search_queries")) if query]
        queries |= {str(query).strip() for query in given}
        for chunk in _list(part.get("groundingChunks") or part.get("grounding_chunks")):
            chunks.update(key for key in ("web", "maps", "retrievedContext", "retrieved_context") if dig(chunk, key))
        has_widget = part.get("googleMapsWidgetContextToken") or part.get("google_maps_widget_context_token")
        chunks["maps"] += bool(has_widget)
        if part.get("retrievalQueries") or part.get("retrieval_queries"):
            has_grounding = True
    found: Counts = {}
    is_by_query = bool(_GEMINI_3_OR_LATER.search((model or "").lower()))
    if queries or chunks["web"]:
        found["web_searches"] = max(len(queries), 1) if is_by_query else 1
    if chunks["maps"]:
        found["map_searches"] = max(len(queries), 1) if is_by_query and not found else 1
    unresolved = []
    if has_grounding:
        unresolved.append(Unresolved("groundingMetadata.retrievalQueries", 1, "unmetered_tool"))
    return with_unresolved(counts | found, unresolved)


def _grounding(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for candidate in _list(body.get("candidates")):
        part = dig(candidate, "groundingMetadata") or dig(candidate, "grounding_metadata")
        if isinstance(part, dict):
            yield part
    for name in ("outputs", "steps"):
        yield from filter(None, map(_interaction_step, _list(body.get(name))))


def _interaction_step(step: Any) -> dict[str, Any] | None:
    """A step of the Interactions API that looks something up, as the grounding of an answer says it."""
    kind = str(dig(step, "type"))
    if kind == "google_search_call":
        return {"webSearchQueries": _list(dig(step, "arguments", "queries")) or ["?"]}
    if kind == "google_maps_call":
        return {"groundingChunks": [{"maps": True}]}
    return {"retrievalQueries": True} if kind in ("file_search_call", "retrieval_call") else None


def chat_tools(body: dict[str, Any], counts: Counts, provider: str | None, model: str | None) -> Counts:
    """OpenAI's search models search once for every answer, and say so nowhere else. Searches of Z.ai, DashScope and
    Moonshot are charged by the search and counted nowhere: they are named."""
    is_search_model = bool(re.search(r"-search(-preview|-api|$)", (model or "").lower()))
    if is_search_model and counts.get("web_searches") is None and provider in ("openai", "azure", None):
        return counts | {"web_searches": 1}
    shown = [Unresolved(path, 1, "unmetered_tool") for path in _shown_searches(body)]
    return with_unresolved(counts, shown) if shown and not counts.get("web_searches") else counts


def _shown_searches(body: dict[str, Any]) -> Iterator[str]:
    """Where an answer in OpenAI's shape shows that somebody searched for it."""
    if any(isinstance(item, dict) for item in _list(body.get("web_search"))):
        yield "web_search"
    if any(_list(dig(holder, "search_info", "search_results")) for holder in (body, body.get("output"))):
        yield "search_info"
    for choice in _list(body.get("choices"))[:1]:
        for call in _list(dig(choice, "message", "tool_calls")):
            if dig(call, "function", "name") == "$web_search":
                yield "choices.message.tool_calls.$web_search"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
