"""A real Prometheus server that holds a day known to the second: seconds, money, energy and tokens come out right.

Skipped with the reason where Prometheus (the Debian package `prometheus`) is not installed.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from urllib.request import urlopen

import pytest

from ingestion.config import Settings
from ingestion.sources.prometheus.pipeline import land
from tests.integration.capacity.conftest import build, gpu_warehouse
from tests.integration.capacity.known_day import DAY, RESETS, Truth, known_day
from tests.support.ports import free_port
from tests.support.warehouse import ScratchWarehouse

PROGRAMS = ("prometheus", "promtool")
LACKING = [name for name in PROGRAMS if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(bool(LACKING), reason=f"{', '.join(LACKING)} is not installed (apt install prometheus)")
BILL = Decimal("777.123456789012")
"""What the provider charges for node-a that day: it divides evenly by nothing."""
DISK = Decimal("3.000000000001")
NOW = datetime(2026, 3, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def day() -> tuple[Truth, str]:
    return known_day()


@pytest.fixture(scope="module")
def server(day: tuple[Truth, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on this machine that holds the day."""
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "day.om").write_text(day[1])
    (folder / "prometheus.yml").write_text("global: {}\n")
    made = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(folder / "day.om"), str(folder / "data")]
    subprocess.run(made, check=True, capture_output=True)
    port = free_port()
    command = [
        "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=100y", "--log.level=error",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the server ended at once"
        try:
            with urlopen(f"{address}/-/ready", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not get ready")


@pytest.fixture(scope="module")
def modelled(server: str, tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    folder = tmp_path_factory.mktemp("home")
    warehouse = gpu_warehouse(folder)
    settings = Settings.from_env(
        {"COSTOPS_HOME": str(folder), "PROMETHEUS_URL": server, "PROMETHEUS_STEP_SECONDS": "15"}, home=folder
    )
    report = land(settings, now=NOW, from_date=DAY.date(), to_date=DAY.date())
    assert report.quarantined_rows == 0
    warehouse.insert(
        "raw_org.gpu_inventory",
        [
            {"host": "node-a", "gpu_count": 2, "provider": "aws", "purchase_option": "on_demand", "currency": "USD",
             "instance_id": "i-0abc", "attached_resources": "vol-1; vol-2", "team_id": "ml", "_source_row": 1},
            {"host": "node-b", "gpu_count": 1, "provider": "aws", "purchase_option": "reserved_1y", "currency": "USD",
             "hourly_rate": Decimal("1.1"), "team_id": "ml", "_source_row": 2},
        ],
    )  # fmt: skip
    # One day of the inventory: other days have no telemetry and are not looked at here.
    warehouse.execute("update raw_org.gpu_inventory set valid_from_utc = '2026-03-02', valid_to_utc = '2026-03-03'")
    warehouse.execute(
        "insert into intermediate.int_charges (charge_key, charge_date, resource_id, billed_cost_usd, charge_category, "
        "cost_kind) values "
        f"('1', '2026-03-02', 'arn:aws:ec2:us-east-1:1:instance/i-0ABC', {BILL}, 'Usage', 'infrastructure'), "
        f"('2', '2026-03-02', 'vol-2', {DISK}, 'Usage', 'infrastructure'), "
        "('3', '2026-03-02', 'i-0other', 99, 'Usage', 'infrastructure')"
    )
    build(warehouse)
    return warehouse


KINDS = ("used", "allocated_idle", "unallocated", "no_telemetry")


def test_seconds_of_every_gpu_hour_are_those_of_the_day_and_sum_to_the_hour(
    modelled: ScratchWarehouse, day: tuple[Truth, str]
) -> None:
    found = modelled.rows(
        "select gpu_id, hour(usage_hour_utc), "
        + ", ".join(f"sum({kind}_seconds)" for kind in KINDS)
        + " from intermediate.int_gpu_usage_hourly group by all order by all"
    )
    assert len(found) == 3 * 24
    for gpu, hour, *seconds in found:
        assert sum(seconds) == 3600, (gpu, hour)
        for kind, value in zip(KINDS, seconds, strict=True):
            assert abs(value - day[0].seconds[gpu, hour, kind]) < Decimal("0.000001"), (gpu, hour, kind)


def test_the_cost_of_a_node_is_its_bill_to_the_last_decimal(modelled: ScratchWarehouse) -> None:
    cost, parts, by_rate = modelled.rows(
        "select sum(gpu_cost_usd), sum(used_cost_usd + allocated_idle_cost_usd + unallocated_cost_usd "
        "+ no_telemetry_cost_usd), sum(rate_cost_usd) from intermediate.int_gpu_usage_hourly where host = 'node-a'"
    )[0]
    assert cost == parts == BILL + DISK
    assert by_rate == 48 * Decimal("6.88"), "two H100 by list, beside the bill"
    assert modelled.value("select sum(gpu_cost_usd) from intermediate.int_gpu_usage_hourly where host = 'node-b'") == (
        24 * Decimal("1.1")
    )


def test_pods_that_share_a_gpu_and_slices_are_told_by_name(modelled: ScratchWarehouse) -> None:
    found = modelled.rows(
        "select gpu_id, workload, namespace, split_method, sum(used_seconds), sum(allocated_idle_seconds) "
        "from intermediate.int_gpu_usage_hourly where workload is not null group by all order by all"
    )
    rounded = [(*row[:4], round(float(row[4]), 3), round(float(row[5]), 3)) for row in found]
    chat = (12 * 3600 - 24 * 60 - 20 * 60) * 0.75
    train = (86_400 - 15) * 3 / 7 / 2
    assert rounded == [
        ("GPU-a0", "chat", "ml", "pod", chat, chat / 3),
        ("GPU-a1", "notebook", "ml", "time_sliced", 7200 * 0.6, 7200 * 0.4),
        ("GPU-b0", "eval", "ml", "mig_slice", 0.0, round((86_400 - 15) * 2 / 7, 3)),
        ("GPU-b0", "train", "ml", "mig_slice", round(train, 3), round(train, 3)),
    ]


def test_tokens_are_within_a_thousandth_over_twenty_restarts(
    modelled: ScratchWarehouse, day: tuple[Truth, str]
) -> None:
    found = dict(
        modelled.rows("select metric, sum(increase) from raw_prometheus.serving_metrics group by all order by all")
    )
    truth = day[0]
    assert truth.resets == RESETS
    for name, served in truth.tokens.items():
        assert abs(found[f"{name}_tokens"] - served) / served < Decimal("0.001"), name
    assert modelled.value("select sum(reset_count) from raw_prometheus.serving_metrics") == 2 * RESETS


def test_energy_goes_on_over_a_reboot(modelled: ScratchWarehouse) -> None:
    """500 W all day but for the 20 minutes of the reboot; what the exporter's gap hid is counted afterwards."""
    kwh = modelled.rows(
        "select gpu_id, sum(increase) / 3.6e6 from raw_prometheus.gpu_metrics where metric = 'energy_joules' "
        "group by all order by all"
    )
    assert [(gpu, round(float(value), 2)) for gpu, value in kwh] == [("GPU-a0", 11.83), ("GPU-a1", 11.83)]


def test_memory_power_and_energy_stand_in_the_hourly_fact(modelled: ScratchWarehouse) -> None:
    """GPU-a0 holds 40,000 MiB while it serves, 500 else; 500 W are 0.5 kWh an hour."""
    found = modelled.rows(
        "select hour(usage_hour_utc), avg(avg_memory_used_mib), max(max_memory_used_mib), sum(energy_kwh) "
        "from intermediate.int_gpu_usage_hourly where gpu_id = 'GPU-a0' and hour(usage_hour_utc) in (3, 12) "
        "group by all order by all"
    )
    assert [tuple(round(float(value), 6) for value in row) for row in found] == [
        (3, 500.0, 500.0, 0.5),
        (12, 40_000.0, 40_000.0, 0.5),
    ]
