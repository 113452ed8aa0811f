"""Ninety days of two agents: what `mine` adds up equals a reader that knows nothing of the product's."""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ingestion.agent_folders import agent_folders
from ingestion.config import Settings
from orchestration.pricing.price_book import PriceBook
from orchestration.running.mine import mine

DAYS = 90
LINES = int(os.environ.get("COSTOPS_TEST_AGENT_LINES", "9000"))
"""50,000 is what a busy developer has in ninety days."""
SESSIONS_AT_LEAST = 2 * DAYS
START = datetime(2026, 6, 1, 8)  # noqa: DTZ001 naive UTC
Totals = dict[tuple[str, str], list[int]]


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds") + "Z"


def _claude_session(draw: random.Random, at: datetime, name: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for call in range(max(LINES // 900, 3)):
        at += timedelta(seconds=20)
        usage = {"input_tokens": draw.randrange(50), "cache_read_input_tokens": draw.randrange(90_000)}
        final = draw.randrange(20, 3000)
        lines.append({"type": "user", "sessionId": name, "uuid": f"q{call}", "timestamp": _stamp(at)})
        for output in (1, 1, final):
            message = {
                "id": f"msg_{name}_{call}",
                "type": "message",
                "model": "claude-opus-4-8",
                "usage": usage | {"output_tokens": output},
            }
            line = {"type": "assistant", "sessionId": name, "uuid": f"a{len(lines)}", "timestamp": _stamp(at)}
            lines.append(line | {"requestId": f"req_{name}_{call}", "message": message})
    return lines


def _codex_session(draw: random.Random, at: datetime, name: str) -> list[dict[str, Any]]:
    def line(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"timestamp": _stamp(at), "type": kind, "payload": payload}

    lines = [line("session_meta", {"id": name, "cwd": "/p", "model_provider": "openai"})]
    lines.append(line("turn_context", {"model": "gpt-5"}))
    total = {"input_tokens": 0, "cached_input_tokens": 0, "output_tokens": 0, "reasoning_output_tokens": 0}
    for number in range(max(LINES // 500, 4)):
        at += timedelta(seconds=15)
        cached, output = draw.randrange(9_000), draw.randrange(10, 900)
        last = {"input_tokens": cached + draw.randrange(900), "cached_input_tokens": cached, "output_tokens": output}
        last["reasoning_output_tokens"] = output // 2
        if number == 3:  # compaction: the total falls, and the call is what `last` says
            total = dict.fromkeys(total, 0)
        total = {key: counted + last[key] for key, counted in total.items()}
        info = {"total_token_usage": total, "last_token_usage": last}
        lines += [line("event_msg", {"type": "token_count", "info": info})] * draw.choice((1, 1, 2))
    return lines


def _fork(draw: random.Random, at: datetime, name: str, parent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A session that begins with the history of another, then goes on from its total."""
    stamp = _stamp(at)
    meta = {"id": name, "forked_from_id": parent[0]["payload"]["id"], "cwd": "/p", "model_provider": "openai"}
    copied = [{**line, "timestamp": stamp} for line in parent]
    total = dict(parent[-1]["payload"]["info"]["total_token_usage"])
    last = {"input_tokens": 700, "cached_input_tokens": 200, "output_tokens": draw.randrange(1, 90)}
    last["reasoning_output_tokens"] = 1
    total = {key: counted + last[key] for key, counted in total.items()}
    info = {"total_token_usage": total, "last_token_usage": last}
    own = {"type": "event_msg", "payload": {"type": "token_count", "info": info}}
    own["timestamp"] = _stamp(at + timedelta(minutes=1))
    return [{"timestamp": stamp, "type": "session_meta", "payload": meta}, *copied, own]


def _write(person: Path) -> int:
    draw, written = random.Random(11), 0
    parent: list[dict[str, Any]] = []
    for index in range(10**6):
        at = START + timedelta(days=index // 2 % DAYS, minutes=draw.randrange(300))
        is_claude = index % 2 == 0
        name = f"{'c' if is_claude else 'x'}{index:06}"
        folder = person / (".claude/projects/-p" if is_claude else f".codex/sessions/{at:%Y/%m/%d}")
        if is_claude:
            lines = _claude_session(draw, at, name)
            if index % 10 == 0:  # a resumed session repeats the first calls of the one before
                _put(folder / f"{name}-resumed.jsonl", lines[: len(lines) // 2])
            if index % 14 == 0:  # a subagent has calls of its own, in a folder of the session
                _put(folder / name / "subagents/agent-1.jsonl", _claude_session(draw, at, f"{name}s"))
        elif parent and index % 6 == 1:
            lines = _fork(draw, at, name, parent)
        else:
            parent = lines = _codex_session(draw, at, name)
        _put(folder / (f"{name}.jsonl" if is_claude else f"rollout-{name}.jsonl"), lines)
        written += len(lines)
        if written >= LINES and index >= SESSIONS_AT_LEAST:
            return written
    return written


def _put(path: Path, lines: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def _independent(person: Path) -> Totals:
    """By day and model: calls, uncached input, cached input, output. The fullest line of an id, dated by its first;
    sums of `last` where the total moved and is none that the parent session had."""
    calls: dict[str, tuple[str, str, int, int, int]] = {}
    for path in sorted(person.glob(".claude/**/*.jsonl")):
        for line in map(json.loads, path.read_text().splitlines()):
            if line["type"] == "assistant":
                used, name = line["message"]["usage"], line["message"]["id"]
                day = line["timestamp"][:10]
                sizes = (used["input_tokens"], used["cache_read_input_tokens"], used["output_tokens"])
                if name not in calls or calls[name][4] < used["output_tokens"]:
                    calls[name] = (calls.get(name, (day,))[0], line["message"]["model"], *sizes)
    rollouts = {}
    for path in person.glob(".codex/**/*.jsonl"):
        lines = list(map(json.loads, path.read_text().splitlines()))
        rollouts[lines[0]["payload"]["id"]] = lines
    for name, lines in rollouts.items():
        parent = rollouts.get(lines[0]["payload"].get("forked_from_id"), [])
        copied = [line["payload"]["info"]["total_token_usage"] for line in parent if "info" in line["payload"]]
        before = None
        for line in lines:
            info = line["payload"].get("info")
            if info and info["total_token_usage"] != before and info["total_token_usage"] not in copied:
                before, used = info["total_token_usage"], info["last_token_usage"]
                cached = used["cached_input_tokens"]
                sizes = (used["input_tokens"] - cached, cached, used["output_tokens"])
                calls[f"{name}:{len(calls)}"] = (line["timestamp"][:10], "gpt-5", *sizes)
    totals: Totals = defaultdict(lambda: [0, 0, 0, 0])
    for day, model, *sizes in calls.values():
        totals[day, model] = [one + two for one, two in zip(totals[day, model], [1, *sizes], strict=True)]
    return dict(totals)


@pytest.mark.slow
def test_daily_totals_and_a_second_run(tmp_path: Path) -> None:
    person = tmp_path / "person"
    assert _write(person) >= LINES
    settings = Settings.from_env({}, tmp_path / "home")
    kept = settings.home / "mine.duckdb"
    first = mine(agent_folders(person, {}), kept, PriceBook(settings))
    found = {
        (str(day.day), day.model): [day.calls, day.input_tokens, day.cached_tokens, day.output_tokens]
        for day in first.days
    }
    assert found == _independent(person)
    assert len({day.day for day in first.days}) == DAYS
    assert sum(day.unpriced_calls for day in first.days) == 0
    assert first.files_read == first.files
    again = mine(agent_folders(person, {}), kept, PriceBook(settings))
    assert (again.files_read, again.bytes_read) == (0, 0)
    assert again.days == first.days
    grown = sorted((person / ".claude/projects/-p").glob("*.jsonl"))[0]
    with grown.open("a") as file:
        line = json.loads(grown.read_text().splitlines()[-1])
        line["message"]["id"], line["requestId"] = "msg_one_more", "req_one_more"
        file.write(json.dumps(line) + "\n")
    with pa.CompressedOutputStream(str(grown.with_suffix(".jsonl.zst")), "zstd") as packed:
        packed.write(grown.read_bytes())
    third = mine(agent_folders(person, {}), kept, PriceBook(settings))
    assert third.files_read == 2, "the same session, plain and packed"
    assert sum(day.calls for day in third.days) == sum(day.calls for day in first.days) + 1
