"""A mapping file is checked key by key; each error names the key and what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.sources.events.mapped.mapping import mapping_from, read_mapping
from ingestion.sources.events.mapped.values import InvalidMapping

EXAMPLES = Path(__file__).parents[4] / "docs" / "sources" / "examples"
TIME = {"requested_at_utc": "at"}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.mapping.yml")), ids=lambda path: path.name)
def test_examples_are_valid(path: Path) -> None:
    assert read_mapping(path).fields


@pytest.mark.parametrize(
    ("content", "key", "remedy"),
    [
        (None, "", "must hold keys"),
        ([], "", "must hold keys"),
        ({}, "", "must hold keys"),
        ({"colums": {}}, "colums", "use columns"),
        ({"columns": {"output_tokens": "out"}}, "columns.requested_at_utc", "which column holds the time"),
        ({"columns": TIME | {"outputs": "out"}}, "columns.outputs", "output_tokens"),
        ({"columns": TIME | {"output_tokens": {"form": "out"}}}, "columns.output_tokens.form", "from"),
        ({"columns": TIME | {"output_tokens": {"from": 3}}}, "columns.output_tokens.from", "name of a column"),
        (
            {"columns": TIME | {"output_tokens": {"unit": "k", "from": "o"}}},
            "columns.output_tokens.unit",
            "duration_ms",
        ),
        ({"columns": TIME | {"duration_ms": {"unit": "hours", "from": "o"}}}, "columns.duration_ms.unit", "seconds"),
        ({"columns": TIME | {"output_tokens": {"scale": 0, "from": "o"}}}, "columns.output_tokens.scale", "above zero"),
        ({"columns": TIME | {"feature": {"scale": 2, "from": "o"}}}, "columns.feature.scale", "counts and cost"),
        ({"columns": TIME | {"feature": {"from": "a", "constant": "b"}}}, "columns.feature", "exactly one"),
        ({"columns": TIME | {"status": {}}}, "columns.status", "must hold keys"),
        ({"columns": TIME | {"status": {"values": {"a": "b"}}}}, "columns.status", "error_when"),
        ({"columns": TIME | {"feature": {"from": "a", "values": [1]}}}, "columns.feature.values", "pairs"),
        (
            {"columns": TIME | {"feature": {"from": "a", "pattern": "("}}},
            "columns.feature.pattern",
            "regular expression",
        ),
        ({"columns": TIME | {"input_tokens": "in", "cache_read_tokens": "c"}}, "input_includes_cached", "true if"),
        (
            {"input_includes_cached": True, "columns": TIME | {"input_tokens": "a", "uncached_input_tokens": "b"}},
            "columns.input_tokens",
            "one of the two",
        ),
        ({"input_includes_cached": "yes", "columns": TIME}, "input_includes_cached", "true or false"),
        ({"time_zone": "Mars/Base", "columns": TIME}, "time_zone", "Europe/Berlin"),
        (
            {"columns": {"requested_at_utc": {"from": "a", "format": "unix"}}},
            "columns.requested_at_utc.format",
            "epoch_s",
        ),
        (
            {"columns": {"requested_at_utc": {"from": "a", "format": "offset_ms"}}},
            "columns.requested_at_utc.start",
            "is missing",
        ),
        (
            {"columns": {"requested_at_utc": {"from": "a", "start": "2024-01-01"}}},
            "columns.requested_at_utc.start",
            "remove it",
        ),
        (
            {"columns": TIME | {"recorded_cost_usd": {"from": "c", "currency": "EUR"}}},
            "columns.recorded_cost_usd.currency",
            "must be USD",
        ),
        (
            {"columns": TIME | {"recorded_cost_usd": {"from": "c", "decimals": 20}}},
            "columns.recorded_cost_usd.decimals",
            "from 0 to 12",
        ),
        ({"delimiter": ";;", "columns": TIME}, "delimiter", "one character"),
        ({"columns": TIME | {"tags": {"team": 3}}}, "columns.tags.team", "name of a column"),
    ],
)
def test_error_names_the_key_and_the_remedy(content: Any, key: str, remedy: str) -> None:
    with pytest.raises(InvalidMapping) as raised:
        mapping_from(content)
    assert raised.value.key == key
    assert remedy in str(raised.value)


@pytest.mark.parametrize(
    ("text", "reason", "message"),
    [
        (None, "missing_mapping", "write this file"),
        ("columns: [", "invalid_mapping", "YAML"),
        ("columns: {requested_at_utc: a, requested_at_utc: b}", "invalid_mapping", "occurs twice"),
        ("? [a]\n: b", "invalid_mapping", "YAML"),
    ],
)
def test_unreadable_file(tmp_path: Path, text: str | None, reason: str, message: str) -> None:
    path = tmp_path / "mapping.yml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidMapping) as raised:
        read_mapping(path)
    assert raised.value.reason == reason
    assert message in str(raised.value)


def test_short_and_long_form_mean_the_same() -> None:
    short = mapping_from(yaml.safe_load("columns: {requested_at_utc: at, feature: caller}"))
    long = mapping_from(yaml.safe_load("columns: {requested_at_utc: {from: at}, feature: {from: [caller]}}"))
    assert short.fields == long.fields
