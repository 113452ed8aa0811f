"""Calls of OpenAI's SDK by many threads to a provider that answers at once, with and without capture.

Put here: the load and its figures. Keep out: limits.
"""

from __future__ import annotations

import statistics
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import openai

from ingestion.capture import Recorder, instrument, scope

ANSWER = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1773568800, "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 0},
    },
}  # fmt: skip


class _Timed:
    """Clocks around what `inner` does: seconds of the clock and of this thread's CPU, by thread."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.here = threading.local()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        began = time.perf_counter(), time.thread_time()
        try:
            return self.inner(*arguments, **named)
        finally:
            ended = time.perf_counter(), time.thread_time()
            self.here.taken = (ended[0] - began[0], ended[1] - began[1])


def calls(folder: str, threads: str, calls_each: str, captured: str) -> dict[str, float]:
    """Milliseconds: CPU of the process for each call; what capture adds within a call by the clock (`p50`, `p99`) and
    of its thread's CPU (`mean_cpu`), with the mean CPU of the SDK's call (`call_cpu`). And events that were lost."""
    client = openai.OpenAI(
        api_key="none", base_url="https://api.openai.com/v1", max_retries=0,
        http_client=httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=ANSWER))),
    )  # fmt: skip
    recorder = Recorder(Path(folder) / "app") if captured == "yes" else None
    inner = _Timed(client.request)
    client.request = inner  # type: ignore[method-assign]
    if recorder:
        instrument(client, recorder)
    outer = _Timed(client.request)
    client.request = outer  # type: ignore[method-assign]
    added: list[tuple[float, float]] = []
    call_cpu: list[float] = []
    start = threading.Barrier(int(threads) + 1)

    def ask() -> None:
        def one() -> None:
            client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "is it?"}])

        mine, own = [], []
        for _ in range(20):
            one()
        start.wait()
        with scope(team="search", feature="answers"):
            for _ in range(int(calls_each)):
                one()
                whole, part = outer.here.taken, inner.here.taken
                mine.append((whole[0] - part[0], whole[1] - part[1]))
                own.append(part[1])
        added.extend(mine)
        call_cpu.extend(own)

    askers = [threading.Thread(target=ask) for _ in range(int(threads))]
    for each in askers:
        each.start()
    start.wait()
    began = time.process_time()
    for each in askers:
        each.join()
    if recorder:
        recorder.flush()
    cpu = (time.process_time() - began) / len(added)
    if recorder:
        recorder.close()
    clock = statistics.quantiles([each[0] for each in added], n=100)
    return {
        "calls": len(added), "cpu": cpu * 1000, "p50": clock[49] * 1000, "p99": clock[98] * 1000,
        "mean_cpu": statistics.fmean(each[1] for each in added) * 1000, "call_cpu": statistics.fmean(call_cpu) * 1000,
        "lost": recorder.lost if recorder else 0,
    }  # fmt: skip
