"""A drop folder with prompts, keys and addresses in files of every kind, in good rows and in every sort of broken one.

Put here: what is planted and where. Keep out: looking for it (`tests.e2e.key_scan`).
"""

from __future__ import annotations

import gzip
import json
from itertools import cycle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

PROMPTS = {f"prompt {n}": f"the quiet walrus of planted sentence {n:02} sails at noon" for n in range(20)}
KEYS = {
    "openai key": "sk-proj-planted0scan0AAAA1111bbbb",
    "anthropic key": "sk-ant-api03-planted0scan0CCCC2222dddd",
    "groq key": "gsk_planted0scan0EEEE3333ffff4444",
    "aws key": "AKIAPLANTEDSCAN04711",
    "google key": "AIzaSyPlantedScan0GGGG5555hhhh6666iiii77",
}
ADDRESSES = {f"address {n}": f"planted.person{n:02}@people{n:02}.example" for n in range(10)}
OF_THE_ORGANISATION = ("address 0", "address 1", "address 2")
"""Addresses that lie in `users.csv`, which has a table; the others belong nowhere."""
TIME = "2026-11-20T10:00:00Z"


def plant(drop: Path) -> None:
    """Write the files below a drop folder."""
    said, keys = cycle(PROMPTS.values()), cycle(KEYS.values())
    addresses = cycle(value for name, value in ADDRESSES.items() if name not in OF_THE_ORGANISATION)

    def text() -> str:
        return f"{next(said)} with {next(keys)} of {next(addresses)}"

    for folder, records in _records(text).items():
        lines = [json.dumps(record) for record in records]
        broken = [
            lines[0][: lines[0].index("sails") + 5],
            lines[1].replace("the quiet", '"the "quiet', 1),
            f"{text()}",
            f"{{'prompt': '{text()}'}}",
            json.dumps({"unheard of": text(), text(): 1}),
            json.dumps([text()]),
            json.dumps(text()),
            json.dumps(records[0]) + text(),
        ]
        _write(drop / "events" / folder / "calls.jsonl", "\n".join([*lines, *broken]) + "\n")
        packed = gzip.compress("\n".join([*lines, *broken]).encode())
        _write(drop / "events" / folder / "packed.jsonl.gz", packed[:-20])
    header = "event_id,requested_at_utc,requested_model,uncached_input_tokens,output_tokens,prompt,user\n"
    rows = [
        f'c1,{TIME},gpt-5,10,5,"{text()}",u1',
        f'c2,{TIME},gpt-5,"{text()}",5,"x",u1',
        f"c3,{TIME},gpt-5,10,5,{text()}, and more,u1",
        f'c4,{TIME},gpt-5,10,5,"{text()},u1',
        f"{text()}",
    ]
    _write(drop / "events" / "canonical" / "table.csv", header + "\n".join(rows) + "\n")
    columns = {"event_id": ["p1", "p2"], "requested_at_utc": ["never", TIME], "requested_model": ["gpt-5", "gpt-5"]}
    columns |= {"output_tokens": [text(), "7"], "prompt": [text(), text()]}
    (drop / "events" / "canonical").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), drop / "events" / "canonical" / "table.parquet")
    fields = "  event_id: id\n  requested_at_utc: at\n  requested_model: model\n  output_tokens: out\n"
    mapping = f"format: csv\nfields:\n{fields}"
    _write(drop / "events" / "mapped" / "ours" / "mapping.yml", mapping)
    calls = f'id,at,model,out,said\n1,{TIME},gpt-5,x,"{text()}"\n2,{text()}\n'
    _write(drop / "events" / "mapped" / "ours" / "calls.csv", calls)
    _write(drop / "events" / "mapped" / "theirs" / "mapping.yml", f"# {text()}\nfields: {{prompt: [{text()}\n")
    _write(drop / "events" / "mapped" / "theirs" / "calls.csv", f"id\n{text()}\n")
    users = "user_id,user_name,email,team_id\n" + "".join(
        f"u{n},Person {n},{ADDRESSES[name]},\n" for n, name in enumerate(OF_THE_ORGANISATION)
    )
    _write(
        drop / "org" / "users.csv",
        users + f"u9,Person 9,{next(addresses)},no team of that id\n,{next(keys)},{next(addresses)},\n",
    )
    bill = "BillingAccountId,BillingCurrency,BilledCost,ChargePeriodStart,ChargePeriodEnd,ServiceName,Tags\n"
    bad = f'a,USD,much,{TIME},{TIME},AI,"{{""key"": ""{next(keys)}"", ""owner"": ""{next(addresses)}""}}"\n'
    _write(drop / "billing" / "bill.csv", bill + bad + f"{next(keys)},{next(addresses)}\n")
    _write(
        drop / "gpu" / "host" / "log.csv", f"timestamp, index, utilization.gpu [%]\n{next(keys)}, {next(addresses)}\n"
    )


def _records(text: Any) -> dict[str, list[dict[str, Any]]]:
    """Good and damaged records by folder."""

    def usage(count: Any) -> dict[str, Any]:
        return {"prompt_tokens": count, "completion_tokens": 3, "total_tokens": 13}

    def body(count: Any) -> dict[str, Any]:
        choices = [{"index": 0, "message": {"role": "assistant", "content": text()}}]
        named = {"id": "chatcmpl-1", "model": "gpt-5", "created": 1795168800}
        return named | {"usage": usage(count), "choices": choices}

    def spend(count: Any) -> dict[str, Any]:
        return {
            "request_id": f"r-{count}",
            "call_type": "acompletion",
            "startTime": TIME,
            "endTime": TIME,
            "model": "gpt-5",
            **usage(count),
            "messages": [{"role": "user", "content": text()}],
            "proxy_server_request": json.dumps({"body": {"messages": [{"content": text()}]}}),
            "response": {"choices": [{"message": {"content": text()}}]},
            "metadata": {"error_information": {"error_message": text()}},
        }

    def span(count: Any) -> dict[str, Any]:
        named = {
            "gen_ai.system": "openai",
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "gpt-5",
            "gen_ai.usage.input_tokens": count,
            "gen_ai.prompt.0.content": text(),
            "input.value": text(),
        }
        attributes = [{"key": key, "value": {"stringValue": str(value)}} for key, value in named.items()]
        one = {"traceId": "a" * 32, "spanId": "b" * 16, "name": "chat", "startTimeUnixNano": "1795168800000000000"}
        events = [{"name": "gen_ai.content.prompt", "attributes": [{"key": "x", "value": {"stringValue": text()}}]}]
        full = one | {"endTimeUnixNano": "1795168801000000000", "attributes": attributes, "events": events}
        return {"resourceSpans": [{"scopeSpans": [{"spans": [full]}]}]}

    def observation(count: Any) -> dict[str, Any]:
        return {
            "id": f"o-{count}",
            "type": "GENERATION",
            "startTime": TIME,
            "model": "gpt-5",
            "usageDetails": {"input": count, "output": 2},
            "input": {"messages": [{"content": text()}]},
            "output": text(),
            "statusMessage": text(),
        }

    def canonical(count: Any, at: str = TIME) -> dict[str, Any]:
        return {
            "event_id": f"e-{count}",
            "requested_at_utc": at,
            "requested_model": "gpt-5",
            "uncached_input_tokens": count,
            "output_tokens": 2,
            "prompt": text(),
        }

    asked = {"messages": [{"content": text()}]}
    return {
        "canonical": [canonical(5), canonical("many"), canonical(6, at="once"), canonical(text())],
        "provider_bodies": [body(10), body("many"), body(text()), {"request": asked, "response": body(-1)}],
        "litellm": [spend(10), spend("many"), spend(text())],
        "otel": [span(10), span("many"), span(text())],
        "langfuse": [observation(10), observation("many"), observation(text())],
    }


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
