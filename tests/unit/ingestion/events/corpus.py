"""Valid lines of every event format, and ways to damage them.

`FORMATS[name](n)` gives the text of the n-th valid line of a format; ids differ with n. `damage` breaks a line in
one of the ways of `MUTATORS`, chosen by a seed. Numbers are made up.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from typing import Any

START = 1_767_225_600
"""2026-01-01T00:00:00Z."""


def chat(n: int = 0, **usage: Any) -> dict[str, Any]:
    """An OpenAI chat completion body with 100 prompt tokens, 40 of them cached, and 30 completion tokens."""
    counts = {
        "prompt_tokens": 100,
        "completion_tokens": 30,
        "total_tokens": 130,
        "prompt_tokens_details": {"cached_tokens": 40, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 10, "audio_tokens": 0},
    }
    return {
        "id": f"chatcmpl-{n}",
        "object": "chat.completion",
        "created": START + n,
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}],
        "usage": counts | usage,
        "service_tier": "default",
    }


def message(n: int = 0, **usage: Any) -> dict[str, Any]:
    """An Anthropic Messages body."""
    counts = {
        "input_tokens": 12,
        "cache_read_input_tokens": 2_000,
        "cache_creation_input_tokens": 300,
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
        "output_tokens": 50,
        "service_tier": "standard",
    }
    return {
        "id": f"msg_{n}",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [{"type": "text", "text": "Yes."}],
        "usage": counts | usage,
    }


def enveloped(body: dict[str, Any] | None, n: int = 0, **outer: Any) -> dict[str, Any]:
    """The documented envelope around a body."""
    return {"timestamp": f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}Z", "response": body} | outer


def spend_log(n: int = 0, **columns: Any) -> dict[str, Any]:
    """A row of LiteLLM's spend log as JSON."""
    row = {
        "request_id": f"chatcmpl-{n}",
        "litellm_call_id": f"call-{n}",
        "call_type": "acompletion",
        "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
        "spend": 0.000625,
        "total_tokens": 130,
        "prompt_tokens": 100,
        "completion_tokens": 30,
        "startTime": f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}.250Z",
        "endTime": f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}.950Z",
        "model": "gpt-4o",
        "model_group": "smart",
        "custom_llm_provider": "openai",
        "user": "u1",
        "metadata": {"usage_object": {"prompt_tokens_details": {"cached_tokens": 40}}},
        "cache_hit": "None",
        "request_tags": ["feature:search"],
        "team_id": "t1",
        "end_user": "c1",
        "status": "success",
    }
    return row | columns


def span(n: int = 0, **attributes: Any) -> dict[str, Any]:
    """An OTLP span of one chat call."""
    given = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.id": f"resp-{n}",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 30,
        "gen_ai.usage.cache_read.input_tokens": 40,
    } | {name.replace("__", "."): value for name, value in attributes.items()}
    return {
        "traceId": f"{n:032x}",
        "spanId": f"{n:016x}",
        "name": "chat gpt-4o",
        "kind": 3,
        "startTimeUnixNano": str((START + n) * 10**9),
        "endTimeUnixNano": str((START + n) * 10**9 + 700_000_000),
        "attributes": [attribute(name, value) for name, value in given.items() if value is not None],
        "status": {},
    }


def attribute(name: str, value: Any) -> dict[str, Any]:
    """An OTLP attribute; integers are strings, as the JSON encoding wants."""
    if isinstance(value, bool):
        return {"key": name, "value": {"boolValue": value}}
    if isinstance(value, int):
        return {"key": name, "value": {"intValue": str(value)}}
    if isinstance(value, float):
        return {"key": name, "value": {"doubleValue": value}}
    return {"key": name, "value": {"stringValue": value}}


def export(*spans: dict[str, Any], **resource: Any) -> dict[str, Any]:
    """An ExportTraceServiceRequest with one resource."""
    given = {"service.name": "answers", "deployment.environment.name": "prod"} | resource
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": [attribute(name, value) for name, value in given.items()]},
                "scopeSpans": [{"scope": {"name": "instrumentation"}, "spans": list(spans)}],
            }
        ]
    }


def observation(n: int = 0, **fields: Any) -> dict[str, Any]:
    """A Langfuse generation."""
    row = {
        "id": f"obs-{n}",
        "traceId": f"trace-{n}",
        "type": "GENERATION",
        "startTime": f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}.000Z",
        "endTime": f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}.800Z",
        "updatedAt": "2026-01-01T01:00:00.000Z",
        "environment": "production",
        "providedModelName": "gpt-4o-2024-08-06",
        "usageDetails": {"input": 60, "input_cached_tokens": 40, "output": 30, "total": 130},
        "costDetails": {"input": 0.00015, "input_cached_tokens": 0.00005, "output": 0.0003, "total": 0.0005},
        "totalCost": 0.0005,
        "level": "DEFAULT",
    }
    return row | fields


def _moment(n: int) -> str:
    return f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}Z"


def exported(folder: str, n: int = 0) -> dict[str, Any]:
    """A record of a tool's export with 100 tokens of input, or 12 of Claude's."""
    at = _moment(n)
    used = {"input_tokens": 100, "output_tokens": 30, "total_tokens": 130, "input_token_details": {"cache_read": 40}}
    ai = {"$ai_input_tokens": 100, "$ai_output_tokens": 30, "$ai_model": "gpt-4o", "$ai_provider": "openai"}
    asked = {"prompt_tokens": 100, "completion_tokens": 30, "response_model": "gpt-4o", "response_status": 200}
    generation = {"tokens_prompt": 100, "tokens_completion": 30, "model": "openai/gpt-4o", "total_cost": 0.0005}
    answer = {"model": "llama3.2", "done": True, "prompt_eval_count": 100, "eval_count": 30, "total_duration": 1}
    records: dict[str, dict[str, Any]] = {
        "vertex": {"request_id": f"73{n}", "logging_time": at, "full_response": message(n)},
        "langsmith": {"id": f"run-{n}", "run_type": "llm", "start_time": at, "usage_metadata": used},
        "helicone": {"request_id": f"h-{n}", "request_created_at": at, **asked},
        "portkey": {"id": f"p-{n}", "created_at": at, "ai_model": "gpt-4o", "req_units": 100, "res_units": 30},
        "posthog": {"uuid": f"e-{n}", "event": "$ai_generation", "timestamp": at, "properties": ai},
        "openrouter": {"id": f"gen-{n}", "created_at": at, **generation},
        "ollama": {"created_at": at, **answer},
        "cursor": {"Date": at, "Model": "gpt-4o", "Input (w/o Cache Write)": 100, "Output Tokens": 30},
    }
    return records[folder]


EXPORTED = ("vertex", "langsmith", "helicone", "portkey", "posthog", "openrouter", "ollama", "cursor")

FORMATS: dict[str, Callable[[int], str]] = {
    "provider_bodies": lambda n: json.dumps(chat(n) if n % 2 else enveloped(message(n), n, project_id="p1")),
    "litellm": lambda n: json.dumps(spend_log(n)),
    "otel": lambda n: json.dumps(export(span(n))),
    "langfuse": lambda n: json.dumps(observation(n)),
} | {folder: lambda n, folder=folder: json.dumps(exported(folder, n)) for folder in EXPORTED}  # type: ignore[misc]

MUTATORS: dict[str, Callable[[str, random.Random], bytes]] = {
    "cut": lambda line, rng: line[: rng.randrange(1, len(line))].encode(),
    "bad_bytes": lambda line, rng: _insert(line.encode(), rng, b"\xff\xfe\xc3("),
    "nul_byte": lambda line, rng: _insert(line.encode(), rng, b"\0\0"),
    "negative": lambda line, rng: _counts(line, "-7"),
    "fraction": lambda line, rng: _counts(line, "7.5"),
    "word": lambda line, rng: _counts(line, '"many"'),
    "huge_number": lambda line, rng: _counts(line, "9" * 30),
    "list_for_number": lambda line, rng: _counts(line, "[1, 2]"),
    "invalid_number": lambda line, rng: _counts(line, "NaN"),
    "not_an_object": lambda line, rng: rng.choice([b"42", b'"text"', b"null", b"[]", b"garbage"]),
    "deep": lambda line, rng: b"[" * 100_000,
}
"""Each turns a valid line into bytes of a line that must end in quarantine."""


def _insert(line: bytes, rng: random.Random, what: bytes) -> bytes:
    at = rng.randrange(1, len(line) - 1)
    return line[:at] + what + line[at:]


_MAIN = (
    *("prompt_tokens", "input_tokens", "intValue", "input", "$ai_input_tokens", "req_units", "tokens_prompt"),
    *("prompt_eval_count", "Input (w/o Cache Write)"),
)


def _counts(line: str, replacement: str) -> bytes:
    """The line with its main counters replaced."""
    for number in ("100", "12", '"100"', "60"):
        for name in _MAIN:
            line = line.replace(f'"{name}": {number},', f'"{name}": {replacement},')
            line = line.replace(f'"{name}": {number}}}', f'"{name}": {replacement}}}')
    return line.encode()


def damage(line: str, seed: int) -> tuple[str, bytes]:
    """(mutator, damaged line), chosen by the seed."""
    rng = random.Random(seed)
    name = rng.choice(sorted(MUTATORS))
    return name, MUTATORS[name](line, rng)


def file_bytes(lines: list[bytes], *, newline: bytes = b"\n", bom: bool = False, gz: bool = False) -> bytes:
    """Lines as a file."""
    content = (b"\xef\xbb\xbf" if bom else b"") + newline.join(lines) + newline
    return gzip.compress(content, mtime=0) if gz else content
