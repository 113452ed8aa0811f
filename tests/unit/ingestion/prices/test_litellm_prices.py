"""The LiteLLM price file: its fields in our meters, and what in it is no price."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.model import QuarantinedRow
from ingestion.sources.prices.litellm import OtherPrice, read_file


def read(tmp_path: Path, text: str) -> tuple[list[OtherPrice], list[QuarantinedRow]]:
    path = tmp_path / "litellm_prices.json"
    path.write_text(text)
    found = list(read_file(path))
    return [x for x in found if isinstance(x, OtherPrice)], [x for x in found if isinstance(x, QuarantinedRow)]


@pytest.mark.parametrize(
    ("field", "value", "mode", "expected"),
    [
        ("input_cost_per_token", "2.5e-06", "chat", ("uncached_input", "standard", -1, "0.0000025")),
        ("output_cost_per_token_batches", "5e-06", "chat", ("output", "processing=batch", -1, "0.000005")),
        (
            "cache_read_input_token_cost_above_200k_tokens_priority", "4.5e-07", "chat",
            ("cache_read", "service_tier=priority", 200_000, "0.00000045"),
        ),
        (
            "cache_creation_input_token_cost_above_1hr_above_200k_tokens", "1.2e-05", "chat",
            ("cache_write_1h", "standard", 200_000, "0.000012"),
        ),
        ("cache_creation_input_token_cost_above_1hr", "6e-06", "chat", ("cache_write_1h", "standard", -1, "0.000006")),
        ("cache_creation_input_token_cost_above_12hr", "6e-06", "chat", None),
        ("input_cost_per_token_ultrafast", "6e-06", "chat", None),
        ("input_cost_per_token_above_272k_tokens_ultrafast", "6e-06", "chat", None),
        ("input_cost_per_second", "3e-05", "audio_transcription", ("audio_millisecond", "standard", -1, "0.00000003")),
        ("input_cost_per_second", "3.083e-05", "realtime", None),
        ("input_cost_per_query", "0.002", "rerank", ("rerank_search", "standard", -1, "0.002")),
        ("output_cost_per_image", "0.04", "image_generation", None),
        ("max_input_tokens", "128000", "chat", None),
    ],
)  # fmt: skip
def test_fields_become_meters(
    tmp_path: Path, field: str, value: str, mode: str, expected: tuple[str, str, int, str] | None
) -> None:
    prices, problems = read(tmp_path, f'{{"m": {{"litellm_provider": "p", "mode": "{mode}", "{field}": {value}}}}}')
    assert problems == []
    found = [(p.meter, p.variant, p.context_over_tokens, p.price) for p in prices]
    assert found == ([(*expected[:3], Decimal(expected[3]))] if expected else [])


def test_what_is_no_price_is_set_aside_and_the_rest_stands(tmp_path: Path) -> None:
    entries = {
        "sample_spec": {"input_cost_per_token": "documentation"},
        "good": {"litellm_provider": "openai", "input_cost_per_token": 1e-6},
        "text": {"input_cost_per_token": "free"},
        "negative": {"output_cost_per_token": -1e-6},
        "list": [1],
        "no": {"input_cost_per_token": None},
    }
    prices, problems = read(tmp_path, json.dumps(entries))
    assert [price.entry for price in prices] == ["good"]
    assert [(p.row_number, p.reason, p.field) for p in problems] == [
        (3, "invalid_price", "input_cost_per_token"),
        (4, "invalid_price", "output_cost_per_token"),
        (5, "invalid_entry", "list"),
    ]
    assert all("litellm_prices.json, entry " in problem.message for problem in problems)


@pytest.mark.parametrize("text", ["", "[1, 2]", "{", '{"m": {"input_cost_per_token": NaN}}', "[" * 100_000])
def test_a_damaged_file_is_one_row_of_the_quarantine(tmp_path: Path, text: str) -> None:
    prices, problems = read(tmp_path, text)
    assert prices == []
    assert [problem.reason in ("unreadable_file", "invalid_price") for problem in problems] == [True]


def test_a_cut_gzip_is_one_row_of_the_quarantine(tmp_path: Path) -> None:
    path = tmp_path / "litellm_prices.json.gz"
    path.write_bytes(gzip.compress(b'{"m": {}}')[:-6])
    (problem,) = read_file(path)
    assert isinstance(problem, QuarantinedRow)
    assert problem.reason == "unreadable_file"
