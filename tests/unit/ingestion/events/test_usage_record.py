"""A record of use by the names of the requirements: c10 in the name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ingestion.sources.events.canonical import parse


def test_c10_a_usage_record_has_time_tenant_model_feature_metrics_and_tags(parse_records: Callable[..., Any]) -> None:
    """A record is a request, with its tokens; GPU seconds come from telemetry, by workload."""
    rows, bad = parse_records(
        parse,
        {"id": "u-1", "timestamp": "2026-10-05T12:00:00Z", "tenant_id": "acme", "model_id": "gpt-4o",
         "provider": "openai", "feature_id": "search", "uncached_input_tokens": 1200, "output_tokens": 300,
         "tags": {"env": "prod"}},
    )  # fmt: skip
    assert not bad
    (row,) = rows
    assert (row["customer_id"], row["requested_model"], row["feature"]) == ("acme", "gpt-4o", "search")
    assert row["requested_at_utc"] == datetime(2026, 10, 5, 12)  # noqa: DTZ001 - naive UTC
    assert (row["uncached_input_tokens"], row["output_tokens"]) == (1200, 300)
    assert json.loads(row["tags"]) == {"env": "prod"}
