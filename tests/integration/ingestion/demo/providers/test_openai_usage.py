"""Sums over any window, width, paging and grouping of OpenAI's reports equal the truth."""

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers import Urls
from ingestion.demo.providers.openai.costs import line_item

FIELDS = ("project_id", "user_id", "api_key_id", "model", "batch", "service_tier")
EMBEDDING = "text-embedding-3-small"
LAST = date(2026, 11, 21)


def seconds(day: date, hour: int = 0) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp())


def own(reached: pd.DataFrame, start: int, end: int, *, embeddings: bool = False) -> pd.DataFrame:
    rows = reached[(reached["provider_id"] == "openai") & ((reached["model"] == EMBEDDING) == embeddings)]
    moments = rows["requested_at_utc"]
    low, high = (pd.Timestamp(one, unit="s") for one in (start, end))
    return rows[(moments >= low) & (moments < high)]


def expected(rows: pd.DataFrame, fields: list[str]) -> Counter[tuple[Any, ...]]:
    rows = rows.assign(batch=rows["is_batch"])
    found: Counter[tuple[Any, ...]] = Counter()
    inputs = rows["uncached_input_tokens"] + rows["cache_read_tokens"] + rows["cache_write_tokens"]
    columns = [rows[name] for name in fields]
    for place, count in enumerate(inputs):
        key = tuple(None if pd.isna(column.iloc[place]) else column.iloc[place] for column in columns)
        found[(*key, "input_tokens")] += int(count)
        for ours, theirs in (
            ("cache_read_tokens", "input_cached_tokens"),
            ("cache_write_tokens", "input_cache_write_tokens"),
            ("output_tokens", "output_tokens"),
            ("request_count", "num_model_requests"),
        ):
            found[(*key, theirs)] += int(rows[ours].iloc[place])
    return found


def told(buckets: list[dict[str, Any]], fields: list[str]) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    metrics = ("input_tokens", "input_cached_tokens", "input_cache_write_tokens", "output_tokens", "num_model_requests")
    for bucket in buckets:
        for result in bucket["results"]:
            for metric in metrics:
                found[(*(result[name] for name in fields), metric)] += result[metric]
            parts = ("input_uncached_tokens", "input_cached_tokens", "input_cache_write_tokens")
            assert result["input_tokens"] == sum(result[name] for name in parts)
            assert all(result[name] is None for name in FIELDS if name not in fields)
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.integers(0, 1000),
    hours=st.integers(1, 300),
    width=st.sampled_from(["1h", "1d"]),
    limit=st.integers(1, 31),
    fields=st.lists(st.sampled_from(FIELDS), unique=True),
    style=st.sampled_from(["group_by", "group_by[]"]),
)
def test_any_window_paging_and_grouping_sums_to_the_truth(
    openai_buckets: Any,
    reached: pd.DataFrame,
    first: int,
    hours: int,
    width: str,
    limit: int,
    fields: list[str],
    style: str,
) -> None:
    size = 3600 if width == "1h" else 86_400
    start = seconds(LAST - timedelta(days=44)) + first * 3600
    start, end = start // size * size, -(-(start + hours * 3600) // size) * size
    end = max(start + size, min(end, seconds(LAST + timedelta(days=1))))
    buckets = openai_buckets(
        "usage/completions",
        start_time=start,
        end_time=end,
        bucket_width=width,
        limit=max(limit, (end - start) // size // 40 + 1),
        **{style: fields},
    )
    assert [one["start_time"] for one in buckets] == list(range(start, end, size))
    assert +told(buckets, fields) == +expected(own(reached, start, end), fields)


def test_minute_buckets_of_a_day_fit_one_page(openai_buckets: Any, urls: Urls, reached: pd.DataFrame) -> None:
    start = seconds(LAST - timedelta(days=5))
    buckets = openai_buckets(
        "usage/completions", start_time=start, end_time=start + 86_400, bucket_width="1m", limit=1440
    )
    assert len(buckets) == 1440
    assert urls.simulator.journal.counts().total() == 1
    assert +told(buckets, []) == +expected(own(reached, start, start + 86_400), [])


def test_embeddings_are_in_their_own_endpoint(openai_buckets: Any, reached: pd.DataFrame) -> None:
    start, end = seconds(LAST - timedelta(days=20)), seconds(LAST + timedelta(days=1))
    buckets = openai_buckets("usage/embeddings", start_time=start, end_time=end, limit=31)
    rows = own(reached, start, end, embeddings=True)
    results = [result for bucket in buckets for result in bucket["results"]]
    assert sum(one["input_tokens"] for one in results) == rows["uncached_input_tokens"].sum() > 0
    assert sum(one["num_model_requests"] for one in results) == len(rows)


@pytest.mark.parametrize("endpoint", ["moderations", "images", "audio_speeches", "audio_transcriptions"])
def test_unused_endpoints_give_empty_buckets(openai_buckets: Any, endpoint: str) -> None:
    buckets = openai_buckets(f"usage/{endpoint}", start_time=seconds(LAST - timedelta(days=6)))
    assert len(buckets) == 8
    assert all(bucket["results"] == [] for bucket in buckets)


def test_filters_narrow_the_sums(openai_buckets: Any, reached: pd.DataFrame) -> None:
    start, end = seconds(LAST - timedelta(days=30)), seconds(LAST + timedelta(days=1))
    params = {"start_time": start, "end_time": end, "limit": 31}
    rows = own(reached, start, end)
    batch = openai_buckets("usage/completions", **params, batch="true")
    assert +told(batch, []) == +expected(rows[rows["is_batch"]], [])
    projects = ["proj_ci_review", "proj_evaluation_lab"]
    some = openai_buckets("usage/completions", **params, **{"project_ids[]": projects})
    assert +told(some, []) == +expected(rows[rows["project_id"].isin(projects)], [])


def test_without_an_end_the_last_bucket_is_the_one_of_now(openai_buckets: Any, urls: Urls) -> None:
    urls.simulator.now = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    buckets = openai_buckets("usage/completions", start_time=seconds(date(2026, 11, 20)), bucket_width="1h")
    assert len(buckets) == 11
    day = openai_buckets("usage/completions", start_time=seconds(date(2026, 11, 20)))
    assert len(day) == 1
    assert +told(day, []) == +told(buckets, [])


def charge_key(row: Any, fields: list[str]) -> tuple[Any, ...]:
    model, meter = (None if pd.isna(one) else one for one in (row.model, row.meter))
    values = {
        "project_id": None if pd.isna(row.sub_account_id) else row.sub_account_id,
        "line_item": line_item(row.charge_kind, model, meter, row.price_variant, row.is_long_context, row.charge_date),
    }
    return tuple(values[name] for name in fields)


@pytest.mark.parametrize("fields", [[], ["project_id"], ["line_item"], ["project_id", "line_item"]])
@pytest.mark.parametrize("limit", [1, 7, 180])
def test_costs_equal_the_bill_to_the_last_decimal(
    openai_buckets: Any, truth: GroundTruth, fields: list[str], limit: int
) -> None:
    start = seconds(LAST - timedelta(days=44))
    buckets = openai_buckets("costs", start_time=start, limit=limit, **{"group_by[]": fields})
    found: dict[tuple[Any, ...], Decimal] = {}
    for bucket in buckets:
        day = datetime.fromtimestamp(bucket["start_time"], UTC).date()
        for result in bucket["results"]:
            text = result["amount"]["value"]
            assert isinstance(text, str)
            assert len(text.partition(".")[2]) == 30
            assert result["amount"]["currency"] == "usd"
            key = (day, *(result[name] for name in fields))
            assert key not in found
            found[key] = Decimal(text)
            assert ("line_item" in fields) or result["quantity"] is None
    due: dict[tuple[Any, ...], Decimal] = {}
    for row in truth.charges[truth.charges["provider_id"] == "openai"].itertuples():
        key = (row.charge_date, *charge_key(row, fields))
        due[key] = due.get(key, Decimal(0)) + row.billed_cost_usd
    assert found == due
    assert any(amount < 0 for amount in due.values()) or not {"line_item"} & set(fields)


def test_a_page_of_168_hours_by_five_keys_is_quick(openai: requests.Session, urls: Urls) -> None:
    params = {
        "start_time": seconds(LAST - timedelta(days=6)),
        "bucket_width": "1h",
        "limit": 168,
        "group_by[]": ["project_id", "api_key_id", "model", "batch", "service_tier"],
    }
    address = f"{urls.openai}/organization/usage/completions"
    openai.get(address, params=params, timeout=10)
    best = 9.0
    for _ in range(5):
        began = time.perf_counter()
        assert openai.get(address, params=params, timeout=10).status_code == 200
        best = min(best, time.perf_counter() - began)
    assert best < 0.1
