"""Drafts a mapping from a file: which column is probably what, by its name and by what stands in it.

Put here: guesses, and naming what cannot be guessed. Keep out: the shape of `mapping.yml` (`mapping`), printing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ingestion.sources.events.chunks import Chunk
from ingestion.sources.events.conversion import Values, python_values
from ingestion.sources.events.mapped.draft_times import shows_time, time_of_column
from ingestion.sources.events.mapped.printed import has_decimal_comma, is_no_value, object_of
from ingestion.sources.events.values import is_missing

LOOKED_AT = 1_000
DEEPEST = 3
_SYNONYMS: dict[str, str] = {
    "event_id": "event_id request_id id call_id generation_id trace_id",
    "requested_at_utc": "requested_at_utc requested_at timestamp time created_at created datetime date_time start_time "
    "starttime started_at ts date event_time",
    "provider_name": "provider_name provider vendor model_provider custom_llm_provider",
    "served_model": "served_model response_model",
    "requested_model": "requested_model model model_name model_id engine deployment model_group",
    "input_tokens": "input_tokens prompt_tokens tokens_in tokens_prompt input_token_count prompt_token_count "
    "tokens_input prompt input num_input_tokens in_tokens",
    "uncached_input_tokens": "uncached_input_tokens input_tokens_uncached fresh_input_tokens",
    "cache_read_tokens": "cache_read_tokens cached_tokens cached_input_tokens cache_read_input_tokens tokens_cached "
    "cached cache_read cached_prompt_tokens cached_content_token_count",
    "cache_write_tokens": "cache_write_tokens cache_creation_input_tokens cache_creation_tokens cache_write",
    "output_tokens": "output_tokens completion_tokens tokens_out tokens_completion output_token_count "
    "completion_token_count tokens_output completion output candidates_token_count num_output_tokens out_tokens",
    "reasoning_tokens": "reasoning_tokens thinking_tokens thoughts_token_count reasoning_output_tokens",
    "recorded_cost_usd": "recorded_cost_usd cost_usd total_cost cost cost_in_usd usd spend price amount_usd "
    "cost_cents cost_microdollars cost_micros cost_usd_micros usd_micros response_cost",
    "duration_ms": "duration_ms latency_ms duration_s latency_s duration_seconds latency_seconds elapsed_ms",
    "user_id": "user_id user user_email email end_user",
    "project_id": "project_id project app app_name application",
    "team_id": "team_id team",
    "api_key_id": "api_key_id api_key api_key_name key_name",
    "environment": "environment env",
    "session_id": "session_id session conversation_id",
    "prompt_hash": "prompt_hash prompt_digest prompt_sha256 prompt_fingerprint",
    "error_type": "error_type error_code",
    "region": "region location",
}
_PARTS = (
    ("cache_write_tokens", re.compile(r"cach\w*(writ|creat)|(writ|creat)\w*cach")),
    ("cache_read_tokens", re.compile(r"cach")),
    ("reasoning_tokens", re.compile(r"reason|think|thought")),
    ("input_tokens", re.compile(r"(prompt|input|(^|_)in_)\w*tok|tok\w*(prompt|input|_in(_|$))")),
    ("output_tokens", re.compile(r"(completion|output|(^|_)out_)\w*tok|tok\w*(completion|output|_out(_|$))")),
)
"""What a part of a column's name says where the whole is no known name."""
_CALLS = re.compile(
    r"((n|num|number_of|count|total|api|model)_)*(requests?|calls|request_count|requests_count|call_count)"
)
_TIMES_OF_SUMS = "date day usage_date hour"
"""When the calls of a sum were made; other times are those of the sum's own making."""
_COUNTS = frozenset(name for name in _SYNONYMS if name.endswith("_tokens"))
_TOTALS = ("total_tokens", "tokens_total", "total_token_count", "totaltokens")
_NUMBER = re.compile(r"[$€£]?\s*[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?(\s*[A-Z]{3})?")
_MAKERS = {"openai": ("gpt", "o1", "o3", "o4", "text-embedding"), "anthropic": ("claude",), "google": ("gemini",)}


@dataclass
class Draft:
    """What `mapping.yml` would say, and what a person has to decide or to know."""

    content: dict[str, Any] = field(default_factory=dict)
    open_questions: list[str] = field(default_factory=list)
    """What has to be decided before the mapping may be used."""
    unplaced: list[str] = field(default_factory=list)
    """Columns that nothing is made of, and why."""


def draft(chunk: Chunk) -> Draft:
    """A mapping for files like the one whose first rows are given."""
    columns = _flat(chunk)
    found = Draft({"columns": {}})
    taken: dict[str, str] = {}
    is_summed = any(_counts_calls(column, values) for column, values in columns.items())
    for target, names in _SYNONYMS.items():
        of_sums = _TIMES_OF_SUMS if is_summed and target == "requested_at_utc" else ""
        for column in _by_name([*of_sums.split(), *names.split()], columns):
            if column in taken.values():
                continue
            entry = _entry(target, column, columns[column], found)
            if entry is not None:
                taken[target] = column
                found.content["columns"][target] = entry
                break
    _by_part(columns, taken, found)
    if "requested_at_utc" not in taken:
        _time_by_content(columns, taken, found)
    _split(columns, taken, found)
    _provider(columns, taken, found)
    rest = [name for name in columns if name not in taken.values() and _plain(name) not in _TOTALS]
    found.unplaced += [name for name in rest if not any(words.startswith(f"{name}:") for words in found.unplaced)]
    found.unplaced = list(dict.fromkeys(found.unplaced))
    return found


def _by_part(columns: dict[str, list[Any]], taken: dict[str, str], found: Draft) -> None:
    """Whole numbers whose column says in part what they count: placed, and asked about."""
    for column, values in columns.items():
        name = _plain(column)
        if column in taken.values() or name in _TOTALS:
            continue
        target = next((target for target, part in _PARTS if part.search(name)), None)
        given = _given(values)
        if _counts_calls(column, values):
            found.open_questions.append(
                f"{column} counts requests: is each row the sum of several? Then write summed_calls: {column}, else "
                "each is priced as one call"
            )
        if not (target or "tok" in name) or not given or not all(map(_is_number, given)):
            continue
        if any(_whole(value) is None for value in given):
            found.open_questions.append(
                f"{column} holds fractions and is not used: of thousands of tokens write "
                f"{{from: {column}, scale: 1000}}"
            )
            continue
        if target is None or target in taken:
            found.open_questions.append(f"{column} holds whole numbers and is not used: does it count tokens?")
            continue
        taken[target] = column
        found.content["columns"][target] = column
        found.open_questions.append(f"{column} was taken for {target} by a part of its name: is it that?")


def _counts_calls(column: str, values: list[Any]) -> bool:
    """Whether a column says of how many calls each row is the sum."""
    return bool(_CALLS.fullmatch(_plain(column))) and any((_whole(value) or 0) > 1 for value in _given(values))


def _flat(chunk: Chunk) -> dict[str, list[Any]]:
    """The first rows as columns, values inside objects under dotted names."""
    columns: dict[str, list[Any]] = {}

    def take(name: str, values: list[Any], depth: int) -> None:
        objects = list(map(object_of, values))
        inside = {key: None for value in objects for key in value}
        if not inside or depth == DEEPEST:
            columns[name] = values
            return
        for key in inside:
            take(f"{name}.{key}", [each.get(key) for each in objects], depth + 1)

    for name, values in chunk.columns.items():
        some: Values = values[:LOOKED_AT]
        take(name, python_values(some), 0)
    return columns


def _plain(name: str) -> str:
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _by_name(names: list[str], columns: Iterable[str]) -> list[str]:
    """Columns with one of the names, the best name first; of dotted ones the last part is a name too."""
    whole = {column: _plain(column) for column in columns}
    last = {column: _plain(column.rsplit(".", 1)[-1]) for column in columns}
    return [
        column for name in names for spellings in (whole, last) for column, plain in spellings.items() if plain == name
    ]


def _entry(target: str, column: str, values: list[Any], found: Draft) -> Any:
    """What the mapping says of a column; None where its content does not fit, which is named."""
    given = _given(values)
    if not given:
        return None
    if target == "requested_at_utc":
        return _time(column, given, found)
    if target in _COUNTS or target in ("recorded_cost_usd", "duration_ms"):
        if not any(_is_number(value) for value in given):
            found.unplaced.append(f"{column}: its name says {target}, but it holds no numbers")
            return None
        if target == "recorded_cost_usd":
            return _cost(column, given, found)
        if target == "duration_ms" and not _plain(column).endswith("_ms"):
            return {"from": column, "unit": "seconds"}
        return column
    return None if any(isinstance(value, (dict, list)) for value in given) else column


def _given(values: list[Any]) -> list[Any]:
    """The values that say something."""
    return [each for each in values if not (is_missing(each) or (isinstance(each, str) and is_no_value(each)))]


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) or bool(_NUMBER.fullmatch(str(value).strip()))


def _cost(column: str, given: list[Any], found: Draft) -> Any:
    plain = _plain(column)
    foreign = next((mark for mark in ("€", "£", "EUR", "GBP") if any(mark in str(value) for value in given)), None)
    if foreign or re.search(r"(^|_)(eur|gbp|chf|jpy)(_|$)", plain):
        found.unplaced.append(f"{column}: a cost that is not in USD; convert it before landing")
        return None
    if any(isinstance(value, str) and has_decimal_comma(value) for value in given):
        found.content["decimal_comma"] = True
    units = {"cents": "cents", "microdollars": "microdollars", "micros": "microdollars"}
    unit = next((unit for ending, unit in units.items() if plain.endswith(ending)), None)
    return {"from": column, "unit": unit} if unit else column


def _time(column: str, given: list[Any], found: Draft) -> Any:
    times = time_of_column(column, given)
    if times is None:
        found.unplaced.append(f"{column}: its name says it is a time, but {str(given[0])[:40]!r} is of no known form")
        return None
    found.open_questions += [times[1]] if times[1] else []
    return times[0]


def _time_by_content(columns: dict[str, list[Any]], taken: dict[str, str], found: Draft) -> None:
    for column, values in columns.items():
        given = _given(values)
        if given and column not in taken.values() and shows_time(_plain(column), given):
            taken["requested_at_utc"] = column
            found.content["columns"]["requested_at_utc"] = _time(column, given, found)
            return
    found.open_questions.append("no column holds a time: say in columns.requested_at_utc which one does")


def _split(columns: dict[str, list[Any]], taken: dict[str, str], found: Draft) -> None:
    """Whether input includes cached tokens, where there are both: totals tell, or a cached part above the whole."""
    cached = [taken[name] for name in ("cache_read_tokens", "cache_write_tokens") if name in taken]
    if "uncached_input_tokens" in taken and "input_tokens" in taken:
        del found.content["columns"]["input_tokens"]
        found.unplaced.append(f"{taken.pop('input_tokens')}: the uncached input stands beside it")
        return
    if not cached or "input_tokens" not in taken:
        return
    total = next(iter(_by_name(list(_TOTALS), columns)), None)
    inside = beside = 0
    for index, whole in enumerate(map(_whole, columns[taken["input_tokens"]])):
        part = sum(_whole(columns[name][index]) or 0 for name in cached)
        if not part or whole is None:
            continue
        printed = _whole(columns[total][index]) if total else None
        output = _whole(columns[taken["output_tokens"]][index]) if "output_tokens" in taken else None
        if part > whole or (printed is not None and output is not None and printed == whole + part + output):
            beside += 1
        elif printed is not None and output is not None and printed == whole + output:
            inside += 1
    if bool(inside) != bool(beside):
        found.content["input_includes_cached"] = bool(inside)
        return
    why = "rows contradict each other" if inside else "no row tells"
    found.open_questions.append(
        f"input_includes_cached: is {', '.join(cached)} inside {taken['input_tokens']}? {why}; write true or false"
    )


def _whole(value: Any) -> int | None:
    text = str(value).replace(",", "").strip()
    return int(float(text)) if _is_number(value) and re.fullmatch(r"\d+(\.0*)?", text) else None


def _provider(columns: dict[str, list[Any]], taken: dict[str, str], found: Draft) -> None:
    model = taken.get("served_model") or taken.get("requested_model")
    if model is None:
        found.open_questions.append("no column names the model: the requests would land and have no price")
        return
    if "provider_name" in taken:
        return
    names = [str(value).lower() for value in columns[model] if not is_missing(value)]
    maker = next((maker for maker, words in _MAKERS.items() if names and all(n.startswith(words) for n in names)), None)
    if maker:
        found.content["columns"]["provider_name"] = {"constant": maker}
