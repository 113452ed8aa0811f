"""What a Prometheus server's answers mean: labels of every generation, slices, shared GPUs, odd values, counters."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.api import BadRequestError, MalformedResponseError
from ingestion.api.bounds import require_encryption
from ingestion.api.errors import InsecureAddressError
from ingestion.api.windows import DateRange
from ingestion.config import Settings
from ingestion.landing.model import SourceFile
from ingestion.sources.prometheus import parse_counters, parse_gpus, pipeline
from ingestion.sources.prometheus.endpoints import RangeEndpoint, series_of
from ingestion.sources.prometheus.labels import Labels, workload_of
from ingestion.sources.prometheus.metrics import METRICS
from tests.support.shared_data import shared_data

DAY = date(2026, 3, 2)
MIDNIGHT = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
GPU = {"Hostname": "n1", "UUID": "GPU-a", "modelName": "NVIDIA H100", "instance": "10.0.0.1:9400"}
UTIL, ENGINE = "DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"


def series(metric: str, values: list[tuple[int, str]], **labels: str) -> dict[str, Any]:
    return {"metric": {"__name__": metric} | labels, "values": [[MIDNIGHT + at, text] for at, text in values]}


def read(folder: Path, parser: Any, *found: dict[str, Any], step: int = 60) -> tuple[list[dict[str, Any]], Any]:
    """Rows and quarantine of a day file with these series."""
    path = folder / f"{DAY}.jsonl.gz"
    lines = [json.dumps({"request": {"params": {"step": step}}, "record": one}) for one in found]
    with gzip.open(path, "wt") as file:
        file.write("\n".join(lines))
    batches = list(parser(SourceFile(path, f"x/{DAY}.jsonl.gz", path.stat().st_size, datetime.now(UTC), "0")))
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    return rows, [bad for batch in batches for bad in batch.quarantined]


def brief(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (row["sampled_at_utc"].strftime("%H:%M"), int(row["duration_seconds"]), row["workload"], row["split_method"],
         row["share_parts"], float(row["gpu_utilization_pct"]))
        for row in rows
    ]  # fmt: skip


def test_every_metric_of_the_exporters_lists_is_known_with_its_unit() -> None:
    folder = shared_data("gpu/dcgm_exporter")
    listed: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.glob("*.csv")):
        for line in path.read_text().splitlines():
            found = re.match(r"#?\s*([A-Za-z]\w+)\s*,\s*(gauge|counter|label)\s*,\s*(.+)", line)
            if found:
                listed.setdefault(found[1], (found[2], found[3]))
                if not line.startswith("#"):
                    listed[found[1]] = (found[2], found[3])
    assert len(listed) > 90
    for name, (kind, words) in listed.items():
        assert name in METRICS, name
        if not (name.startswith("dcgm_fi_prof_pcie") or kind != METRICS[name].kind):
            assert METRICS[name].unit
        said = re.search(r"\(in (\S+?)\)", words)
        if said:
            assert METRICS[name].unit == said[1], name
        elif words.startswith("Ratio"):
            assert METRICS[name].unit == "ratio", name


def test_a_state_that_lasts_is_one_row_an_hour(tmp_path: Path) -> None:
    idle = [(at, "0") for at in range(60, 2 * 3600 + 1, 60)]
    rows, bad = read(tmp_path, parse_gpus.gpu_samples, series(UTIL, idle, **GPU))
    assert bad == []
    assert brief(rows) == [("00:00", 3600, None, "whole_gpu", 840, 0.0), ("01:00", 3600, None, "whole_gpu", 840, 0.0)]


def test_gaps_stay_gaps(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, parse_gpus.gpu_samples, series(UTIL, [(60, "5"), (120, "5"), (600, "5")], **GPU))
    assert brief(rows) == [("00:00", 120, None, "whole_gpu", 840, 5.0), ("00:09", 60, None, "whole_gpu", 840, 5.0)]


def test_pods_that_share_a_gpu_get_equal_parts_and_its_use_counts_once(tmp_path: Path) -> None:
    shared = [
        series(UTIL, [(60, "60")], **GPU, exported_pod=f"job-{n}", exported_namespace="ml", pod="dcgm-exporter-x2x9k")
        for n in range(3)
    ]
    copy = series(UTIL, [(60, "60")], **GPU, pod="dcgm-exporter-x2x9k")
    rows, _ = read(tmp_path, parse_gpus.gpu_samples, *shared, copy)
    assert brief(rows) == [("00:00", 60, "job", "time_sliced", 280, 60.0)] * 3
    assert {row["pod"] for row in rows} == {"job-0", "job-1", "job-2"}


def test_slices_count_by_engine_and_what_no_slice_has_is_nobodys(tmp_path: Path) -> None:
    slices = [
        series(ENGINE, [(60, ratio)], **GPU, GPU_I_ID=number, GPU_I_PROFILE=profile, pod=pod)
        for number, profile, ratio, pod in (("1", "3g.40gb", "0.5", "a-0"), ("2", "1c.2g.20gb", "1.0000001", ""))
    ]
    whole = series(UTIL, [(60, "9223372036854775794")], **GPU)
    rows, bad = read(tmp_path, parse_gpus.gpu_samples, *slices, whole)
    assert bad == []
    assert brief(rows) == [
        ("00:00", 60, "a", "mig_slice", 360, 50.0),
        ("00:00", 60, None, "mig_slice", 240, 100.0),
        ("00:00", 60, None, "mig_slice", 240, 0.0),
    ]


def test_labels_of_every_generation_name_the_same_gpu() -> None:
    spellings = [
        {"uuid": "GPU-a", "hostname": "n1"},
        {"UUID": "GPU-a", "Hostname": "n1"},
        {"UUID": "GPU-a", "instance": "n1:9400"},
    ]
    assert {Labels(each).gpu for each in spellings} == {("n1", "GPU-a")}
    assert Labels({"gpu": "3", "instance": "n1:9400"}).gpu == ("n1", "3")


@pytest.mark.parametrize(
    ("pod", "workload"),
    [("chat-7d9f8b6c5d-x2x9k", "chat"), ("chat-0", "chat"), ("train-x7k2p", "train"), ("llm-train", "llm-train"),
     (None, None)],
)  # fmt: skip
def test_a_workload_is_a_pod_without_what_its_controller_made_up(pod: str | None, workload: str | None) -> None:
    assert workload_of(pod) == workload


@pytest.mark.parametrize("text", ["NaN", "+Inf", "-Inf", "9223372036854775794", "9223372036854775807", "2147483632",
                                  "140737488355328"])  # fmt: skip
def test_no_numbers_and_blanks_are_no_values(tmp_path: Path, text: str) -> None:
    rows, bad = read(tmp_path, parse_gpus.gpu_samples, series(UTIL, [(60, text), (120, "7")], **GPU))
    assert (brief(rows), bad) == ([("00:01", 60, None, "whole_gpu", 840, 7.0)], [])


def test_use_beyond_a_hundred_is_set_aside(tmp_path: Path) -> None:
    rows, bad = read(tmp_path, parse_gpus.gpu_samples, series(UTIL, [(60, "140")], **GPU))
    assert rows == []
    assert [entry.reason for entry in bad] == ["out_of_range"]


def hours_of(samples: dict[int, str], *, counts_first: bool = False) -> dict[int, tuple[float, int]]:
    from collections import defaultdict

    hours: dict[int, parse_counters.Hour] = defaultdict(parse_counters.Hour)
    given = {at: Decimal(text) for at, text in samples.items()}
    parse_counters.add_increases(given, hours, counts_first=counts_first)
    return {hour: (float(each.increase), each.resets) for hour, each in sorted(hours.items())}


def test_a_counter_that_falls_began_anew() -> None:
    assert hours_of({0: "100", 15: "130", 30: "20", 45: "25"}) == {0: (30 + 20 + 5, 1)}


def test_what_rose_unseen_is_spread_over_the_time() -> None:
    """1,200 in two hours from half past: a quarter, a half, a quarter."""
    assert hours_of({1800: "0", 9000: "1200"}) == {0: (300.0, 0), 1: (600.0, 0), 2: (300.0, 0)}


def test_a_first_value_counts_for_a_server_that_is_new() -> None:
    assert hours_of({15: "50", 30: "60"}) == {0: (10.0, 0)}
    assert hours_of({15: "50", 30: "60"}, counts_first=True) == {0: (60.0, 0)}


def test_energy_is_the_gpus_whatever_pod_had_it(tmp_path: Path) -> None:
    name = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
    first = series(name, [(0, "5000000"), (60, "6000000")], **GPU, exported_pod="a-0")
    second = series(name, [(120, "8000000")], **GPU, exported_pod="b-0")
    rows, _ = read(tmp_path, parse_counters.energy, first, second)
    assert [(row["metric"], row["increase"]) for row in rows] == [("energy_joules", Decimal(3000))]


def test_memory_of_slices_adds_up_and_copies_count_once(tmp_path: Path) -> None:
    used = [series("DCGM_FI_DEV_FB_USED", [(60, "1000")], **GPU, GPU_I_ID=str(n)) for n in range(2)]
    copies = [series("DCGM_FI_DEV_POWER_USAGE", [(60, "300")], **GPU, exported_pod=f"p-{n}") for n in range(2)]
    rows, _ = read(tmp_path, parse_counters.gauges, *used, *copies)
    assert [(row["metric"], row["avg_value"], row["sample_count"]) for row in rows] == [
        ("memory_used_mib", 2000, 1),
        ("power_watts", 300, 1),
    ]


@pytest.mark.parametrize(
    ("metric", "taken_as"),
    [("vllm:generation_tokens_total", "generation_tokens"), ("sglang:prompt_tokens_total", "prompt_tokens"),
     ("tgi_request_generated_tokens_sum", "generation_tokens")],
)  # fmt: skip
def test_tokens_of_every_server(tmp_path: Path, metric: str, taken_as: str) -> None:
    labels = {"model_name": "m", "pod": "chat-0", "namespace": "ml", "instance": "10.0.0.9:8000"}
    rows, bad = read(tmp_path, parse_counters.serving, series(metric, [(0, "5"), (15, "9")], **labels), step=15)
    assert bad == []
    assert [(row["metric"], row["workload"], row["host"], row["increase"]) for row in rows] == [
        (taken_as, "chat", "10.0.0.9", Decimal(4))
    ]


class Server:
    """A client that notes what it is asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def get(self, path: str, params: dict[str, Any]) -> Any:
        self.asked.append(params)
        body = {"status": "success", "data": {"resultType": "matrix", "result": self.answers.pop(0)}}
        return type("Page", (), {"body": body, "received_at_utc": datetime(2026, 3, 4)})()  # noqa: DTZ001


def values_of(*days: Any) -> list[list[str]]:
    return [[sample[1] for sample in one.records[0].payload["values"]] for one in days]


def test_windows_stay_below_the_points_a_server_gives_and_share_no_gauge() -> None:
    gauge, counter = RangeEndpoint("g", ("m",), 60), RangeEndpoint("c", ("m",), 15, is_counter=True)
    for each in (gauge, counter):
        assert each.window_days * 86_400 / each.step_seconds + 1 < 11_000
    midnight = MIDNIGHT + 86_400
    answer = [{"metric": {"__name__": "m"}, "values": [[MIDNIGHT + 60, "1"], [midnight, "2"], [midnight + 60, "3"]]}]
    days = DateRange(DAY, date(2026, 3, 3))
    now = datetime(2026, 3, 5)  # noqa: DTZ001
    server = Server(answer)
    first, second = gauge.pull(server, days, now=now)  # type: ignore[arg-type]
    assert (server.asked[0]["start"], server.asked[0]["end"]) == (MIDNIGHT + 60, MIDNIGHT + 2 * 86_400)
    assert values_of(first, second) == [["1", "2"], ["3"]]
    server = Server(answer)
    first, second = counter.pull(server, days, now=now)  # type: ignore[arg-type]
    assert values_of(first, second) == [["1", "2"], ["2", "3"]], "a counter's midnight ends a day and begins the next"


def test_errors_of_the_server_are_told() -> None:
    with pytest.raises(BadRequestError, match="raise PROMETHEUS_STEP_SECONDS"):
        series_of({"status": "error", "error": "exceeded maximum resolution of 11,000 points per timeseries"}, "x")
    with pytest.raises(MalformedResponseError, match="is this a Prometheus API"):
        series_of({"status": "success", "data": {"resultType": "vector", "result": []}}, "x")


def test_without_an_address_the_source_is_off_and_says_so(tmp_path: Path) -> None:
    report = pipeline.land(Settings.from_env({}, home=tmp_path), now=datetime(2026, 3, 3, tzinfo=UTC))
    assert (report.is_on, report.off_reason) == (False, "PROMETHEUS_URL is not set")


def test_plain_http_is_for_servers_that_ask_for_nothing(tmp_path: Path) -> None:
    address = "http://prometheus.monitoring:9090"
    assert pipeline.client(Settings.from_env({"PROMETHEUS_URL": address}, home=tmp_path)) is not None
    env = {"PROMETHEUS_URL": address, "PROMETHEUS_BEARER_TOKEN": "secret-token"}
    with pytest.raises(InsecureAddressError):
        pipeline.client(Settings.from_env(env, home=tmp_path))
    require_encryption("https://x.example", "X")
