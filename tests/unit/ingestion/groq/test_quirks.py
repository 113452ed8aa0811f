"""The quirks that are known of Groq's Prometheus API, each by its name."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.groq import parse
from tests.unit.ingestion.reading.spooled.spooling import Parsed, read, spooled

MIDNIGHT = int(datetime(2026, 8, 1, tzinfo=UTC).timestamp())


def series(metric: str, *samples: tuple[Any, Any], **labels: str) -> dict[str, Any]:
    known = {"__name__": metric, "model": "llama-3.3-70b", "project_id": "project_01"}
    return {"metric": known | labels, "values": [list(each) for each in samples]}


def samples(values: list[str], first: int = MIDNIGHT + 300, step: int = 300) -> list[tuple[int, str]]:
    return [(first + number * step, value) for number, value in enumerate(values)]


def rates(folder: Path, *contents: Any, step: Any = 300) -> Parsed:
    params = {"query": parse.TOKENS_IN, "step": step}
    lines = [spooled(each, "record", params) for each in contents]
    return read(folder, parse.rates, lines, "tokens_in/2026-08-01.jsonl.gz")


def test_quirk_summing_samples_is_wrong_by_the_step(tmp_path: Path) -> None:
    [row] = rates(tmp_path, series(parse.TOKENS_IN, *samples(["2"] * 12))).rows["rates"]
    assert (row["quantity"], row["sample_count"], row["step_seconds"]) == (Decimal(2 * 3600), 12, 300)


def test_quirk_a_step_of_sixty_seconds_holds_the_same_total(tmp_path: Path) -> None:
    line = series(parse.TOKENS_IN, *samples(["2"] * 60, MIDNIGHT + 60, 60))
    [row] = rates(tmp_path, line, step="60").rows["rates"]
    assert (row["quantity"], row["sample_count"]) == (Decimal(2 * 3600), 60)


def test_quirk_rates_trail_so_the_sample_at_the_hour_closes_the_hour_before(tmp_path: Path) -> None:
    rows = rates(tmp_path, series(parse.TOKENS_IN, (MIDNIGHT + 3600, "1"), (MIDNIGHT + 3900, "3"))).rows["rates"]
    assert [(row["hour_start_utc"].hour, row["quantity"]) for row in rows] == [(0, 300), (1, 900)]


def test_quirk_the_sample_at_midnight_belongs_to_the_day_that_ends(tmp_path: Path) -> None:
    parsed = rates(tmp_path, series(parse.TOKENS_IN, (MIDNIGHT, "1"), (MIDNIGHT + 86400, "1")))
    assert [row["hour_start_utc"].hour for row in parsed.rows["rates"]] == [23]
    assert [row.reason for row in parsed.quarantined] == ["outside_day"]


def test_quirk_inclusive_ends_are_deduplicated(tmp_path: Path) -> None:
    one = series(parse.TOKENS_IN, *samples(["1", "2"]))
    two = series(parse.TOKENS_IN, *samples(["2", "3"], MIDNIGHT + 600))
    parsed = rates(tmp_path, one, two)
    assert sum(row["quantity"] for row in parsed.rows["rates"]) == 300 * (1 + 2 + 3)
    assert [str(note) for note in parsed.notes] == ["1 repeated rows count once"]


def test_quirk_the_same_second_of_another_series_is_no_repeat(tmp_path: Path) -> None:
    lines = [series(parse.TOKENS_IN, (MIDNIGHT + 300, "1"), model=model) for model in ("a", "b")]
    assert len(rates(tmp_path, *lines).rows["rates"]) == 2


def test_quirk_nan_is_a_gap_and_not_zero(tmp_path: Path) -> None:
    some = series(parse.TOKENS_IN, *samples(["NaN", "2"]))
    [row] = rates(tmp_path, some).rows["rates"]
    assert (row["quantity"], row["sample_count"], row["gap_count"]) == (600, 1, 1)
    [row] = rates(tmp_path, series(parse.TOKENS_IN, *samples(["NaN", "NaN"]))).rows["rates"]
    assert (row["quantity"], row["sample_count"], row["gap_count"]) == (None, 0, 2)


@pytest.mark.parametrize("text", ["+Inf", "-Inf", "-1", "1e400", "fast", None, [], True])
def test_quirk_what_is_no_rate_is_quarantined_alone(tmp_path: Path, text: Any) -> None:
    parsed = rates(tmp_path, series(parse.TOKENS_IN, (MIDNIGHT + 300, text), (MIDNIGHT + 600, "1")))
    assert [row["quantity"] for row in parsed.rows["rates"]] == [300]
    assert len(parsed.quarantined) == 1


@pytest.mark.parametrize(
    "metric",
    ["e2e_latency_seconds:p95:rate5m", "tokens_in:p50:rate5m", "le_model_project_id:tokens_in_bucket:rate5m", "up"],
)
def test_quirk_percentiles_and_buckets_are_never_summed(tmp_path: Path, metric: str) -> None:
    parsed = rates(tmp_path, series(metric, (MIDNIGHT + 300, "1")))
    assert parsed.rows == {}
    assert [row.reason for row in parsed.quarantined] == ["not_a_rate"]


def test_quirk_float_seconds_and_long_fractions(tmp_path: Path) -> None:
    line = series(parse.TOKENS_IN, (MIDNIGHT + 300.0, "3.3333333333333335"))
    [row] = rates(tmp_path, line).rows["rates"]
    assert row["quantity"] == Decimal("1000.00000000000005").quantize(Decimal("1e-12"))


def test_quirk_no_cost_metric_no_api_key_label_and_labels_are_kept(tmp_path: Path) -> None:
    line = series(parse.REQUESTS, (MIDNIGHT + 300, "1"), status_code="429", zone="new")
    [row] = rates(tmp_path, line).rows["rates"]
    assert row["status_code"] == "429"
    assert '"zone": "new"' in row["labels"]


def test_quirk_the_query_names_the_metric_where_the_engine_drops_it(tmp_path: Path) -> None:
    content = series(parse.TOKENS_IN, (MIDNIGHT + 300, "1"))
    del content["metric"]["__name__"]
    assert rates(tmp_path, content).rows["rates"][0]["metric"] == parse.TOKENS_IN


@pytest.mark.parametrize("step", [0, -60, 7, 7200, "5m", None])
def test_a_step_that_does_not_divide_an_hour_is_refused(tmp_path: Path, step: Any) -> None:
    parsed = rates(tmp_path, series(parse.TOKENS_IN, (MIDNIGHT + 300, "1")), step=step)
    assert (parsed.rows, len(parsed.quarantined)) == ({}, 1)
