"""A day that is known to the second: two GPU nodes and four model servers, as OpenMetrics for a Prometheus server.

Put here: what happened and what is true about it. Keep out: the server, expectations.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

DAY = datetime(2026, 3, 2, tzinfo=UTC)
MIDNIGHT = int(DAY.timestamp())
SCRAPE = 15
BLANK = 9223372036854775794
RESETS = 20
GONE = (10 * 3600 + 7 * 60, 10 * 3600 + 31 * 60)
"""The exporter of node-a says nothing from 10:07 to 10:31."""
REBOOT = (14 * 3600, 14 * 3600 + 20 * 60)
"""node-a starts anew from 14:00 to 14:20 and numbers its GPUs the other way round."""
SHARED = (16 * 3600, 18 * 3600)
"""From 16:00 to 18:00 three pods share GPU-a1."""
SILENT = 3600
"""The slices of GPU-b0 say NaN for one scrape."""
WORK = (8 * 3600, 20 * 3600)
"""From 8:00 to 20:00 GPU-a0 serves."""


@dataclass
class Truth:
    """Seconds by GPU and hour, and tokens."""

    seconds: dict[tuple[str, int, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """By GPU, hour and used, allocated_idle, unallocated or no_telemetry."""
    tokens: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    resets: int = 0

    def add(self, gpu: str, at: int, kind: str, seconds: Decimal) -> None:
        self.seconds[gpu, at // 3600, kind] += seconds


def labels(**given: str) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in given.items()) + "}"


SERVERS = [
    labels(model_name="house-70b", pod=f"chat-7d9f8b6c5d-x2x9{letter}", namespace="ml", instance=f"10.0.0.1:800{place}")
    for place, letter in enumerate("kmnp")
]


def _node_a(truth: Truth, lines: dict[str, list[str]]) -> None:
    """GPU-a0 serves a chat pod by day at 75 %; GPU-a1 is idle but for three pods that share it at 60 %."""
    for at in range(SCRAPE, 86_400 + 1, SCRAPE):
        second = at - SCRAPE
        if GONE[0] <= second < GONE[1] or REBOOT[0] <= second < REBOOT[1]:
            for gpu in ("GPU-a0", "GPU-a1"):
                truth.add(gpu, second, "no_telemetry", Decimal(SCRAPE))
            continue
        is_renumbered = second >= REBOOT[1]
        for number, gpu in enumerate(("GPU-a0", "GPU-a1")):
            index = 1 - number if is_renumbered else number
            base = {"gpu": str(index), "device": f"nvidia{index}", "modelName": "NVIDIA H100 80GB HBM3"}
            # A new exporter spells two labels another way.
            base |= {"uuid": gpu, "hostname": "node-a"} if is_renumbered else {"UUID": gpu, "Hostname": "node-a"}
            base["instance"] = "10.0.0.1:9400"
            pods, used = _state_a(gpu, second)
            truth_pods = pods or [None]
            for pod in truth_pods:
                own = base | ({"exported_pod": pod, "exported_namespace": "ml", "pod": "dcgm-exporter-x2x9k",
                               "namespace": "gpu-operator"} if pod else {"pod": "dcgm-exporter-x2x9k"})  # fmt: skip
                lines["DCGM_FI_DEV_GPU_UTIL"].append(f"{labels(**own)} {used} {MIDNIGHT + at}")
                lines["DCGM_FI_DEV_FB_USED"].append(f"{labels(**own)} {40_000 if pods else 500} {MIDNIGHT + at}")
                lines["DCGM_FI_DEV_MEMORY_TEMP"].append(f"{labels(**own)} {BLANK} {MIDNIGHT + at}")
                energy = 500_000 * (at - REBOOT[1] if is_renumbered else at)
                lines["DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"].append(f"{labels(**own)} {energy} {MIDNIGHT + at}")
            truth.add(gpu, second, "used", Decimal(SCRAPE) * used / 100)
            idle = Decimal(SCRAPE) * (100 - used) / 100
            truth.add(gpu, second, "allocated_idle" if pods else "unallocated", idle)


def _state_a(gpu: str, second: int) -> tuple[list[str], int]:
    if gpu == "GPU-a0":
        return (["chat-7d9f8b6c5d-x2x9k"], 75) if WORK[0] <= second < WORK[1] else ([], 0)
    if SHARED[0] <= second < SHARED[1]:
        return [f"notebook-{number}" for number in range(3)], 60
    return [], 0


def _node_b(truth: Truth, lines: dict[str, list[str]]) -> None:
    """A GPU in slices: 3g with a pod at 50 %, 2g idle with a pod, 2g with nobody; it has no use of its own to tell."""
    base = {"gpu": "0", "UUID": "GPU-b0", "Hostname": "node-b", "modelName": "NVIDIA A100-SXM4-80GB",
            "instance": "10.0.0.2:9400"}  # fmt: skip
    slices = (("1", "3g.40gb", "train-0", Decimal("0.5"), 3), ("2", "2g.20gb", "eval-0", Decimal(0), 2),
              ("3", "2g.20gb", "", Decimal(0), 2))  # fmt: skip
    for at in range(SCRAPE, 86_400 + 1, SCRAPE):
        second = at - SCRAPE
        for slice_id, profile, pod, ratio, sevenths in slices:
            own = base | {"GPU_I_ID": slice_id, "GPU_I_PROFILE": profile}
            own |= {"exported_pod": pod, "exported_namespace": "ml"} if pod else {}
            text = "NaN" if second == SILENT else str(ratio)
            lines["DCGM_FI_PROF_GR_ENGINE_ACTIVE"].append(f"{labels(**own)} {text} {MIDNIGHT + at}")
            part = Decimal(SCRAPE) * sevenths / 7
            if second == SILENT:
                truth.add("GPU-b0", second, "no_telemetry", part)
                continue
            truth.add("GPU-b0", second, "used", part * ratio)
            truth.add("GPU-b0", second, "allocated_idle" if pod else "unallocated", part * (1 - ratio))
        lines["DCGM_FI_DEV_GPU_UTIL"].append(f"{labels(**base)} {BLANK} {MIDNIGHT + at}")


def _server(truth: Truth, lines: dict[str, list[str]], seed: int = 7) -> None:
    """vLLM pods that serve all day and start anew 20 times in all, between two scrapes: what a server counted since
    the last scrape before it went is lost to anybody who only scrapes."""
    chance = random.Random(seed)
    restarts = chance.sample(range(600, 86_000), RESETS)
    for number, server in enumerate(SERVERS):
        _replica(server, set(restarts[number :: len(SERVERS)]), chance, truth, lines)


def _replica(server: str, restarts: set[int], chance: random.Random, truth: Truth, lines: dict[str, list[str]]) -> None:
    counts = {"prompt": 0, "generation": 0}
    rates = {"prompt": 900, "generation": 300}
    for name in counts:
        lines[f"vllm:{name}_tokens"].append(f"{server} 0 {MIDNIGHT}")
    for second in range(86_400):
        if second in restarts:
            counts = dict.fromkeys(counts, 0)
            truth.resets += 1
        for name, rate in rates.items():
            served = chance.randrange(rate - 100, rate + 101)
            counts[name] += served
            truth.tokens[name] += served
        if (second + 1) % SCRAPE == 0:
            for name, count in counts.items():
                lines[f"vllm:{name}_tokens"].append(f"{server} {count} {MIDNIGHT + second + 1}")


def known_day() -> tuple[Truth, str]:
    """What is true, and the text that `promtool tsdb create-blocks-from openmetrics` reads."""
    truth, lines = Truth(), defaultdict[str, list[str]](list)
    _node_a(truth, lines)
    _node_b(truth, lines)
    _server(truth, lines)
    return truth, "\n".join(_text(lines)) + "\n# EOF\n"


def _text(lines: dict[str, list[str]]) -> Iterator[str]:
    for name, samples in lines.items():
        is_counter = name.startswith("vllm:")
        yield f"# TYPE {name} {'counter' if is_counter else 'gauge'}"
        suffix = "_total" if is_counter else ""
        # Samples of one series have to stand together, in order of time.
        yield from (f"{name}{suffix}{sample}" for sample in sorted(samples, key=lambda each: each.rsplit(" ", 2)[0]))
