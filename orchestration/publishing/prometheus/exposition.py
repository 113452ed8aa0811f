"""Samples in the text that Prometheus reads.

Put here: gathering, writing a file. Keep out: statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from ingestion.whole_files import replace_file
from orchestration.publishing.prometheus.gauges import Gauge, samples

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(connection: duckdb.DuckDBPyConnection, today: Any) -> bytes:
    """Every sample of a published copy."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily

    class Collected:
        """What one look at the copy gave."""

        def __init__(self, found: Iterable[tuple[Gauge, dict[str, str], float]]) -> None:
            self.families: dict[str, Any] = {}
            for gauge, labels, value in found:
                family = self.families.setdefault(
                    gauge.name, GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels))
                )
                family.add_metric([labels[name] for name in gauge.labels], value)

        def collect(self) -> Iterable[Any]:
            """Families, as the library asks for them."""
            return list(self.families.values())

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collected(samples(connection, today)))
    return bytes(generate_latest(registry))


def write(content: bytes, path: Path) -> None:
    """In one step: the node exporter's text collector never reads half of it.

    Raises:
        OSError: it cannot be written.
    """
    replace_file(path, content)
