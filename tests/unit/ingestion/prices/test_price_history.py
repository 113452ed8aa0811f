"""Dated price files of the user: which days they price, which entry counts, what is refused by name."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.sources.prices.history import History, read_history
from ingestion.sources.prices.knowledge import LIST_KNOWS_FROM
from ingestion.sources.prices.moving import price_list

GPT = {"litellm_provider": "openai", "mode": "chat"}


def history(folder: Path, **files: Any) -> History:
    for name, entries in files.items():
        (folder / name.replace("__", ".")).write_text(json.dumps(entries))
    return read_history(folder, price_list())


def rows(found: History) -> list[tuple[Any, ...]]:
    columns = ("price_model_id", "meter", "valid_from_utc", "valid_to_utc", "context_over_tokens", "price_text")
    return [tuple(row[name] for name in columns) for table in found.tables for row in table.to_pylist()]


def test_a_file_prices_from_its_day_to_the_next_and_never_past_what_the_list_knows(tmp_path: Path) -> None:
    found = history(
        tmp_path,
        **{
            "litellm_2024-06-01__json": {"gpt-4o": GPT | {"input_cost_per_token": 5e-6}},
            "litellm_20241105__json": {"gpt-4o": GPT | {"input_cost_per_token": 2.5e-6}},
            "litellm_2026-10-07__json": {"gpt-4o": GPT | {"input_cost_per_token": 9e-6}},
        },
    )
    first, second = datetime.fromisoformat("2024-06-01"), datetime.fromisoformat("2024-11-05")
    assert rows(found) == [
        ("gpt-4o", "uncached_input", first, second, -1, "0.000005"),
        ("gpt-4o", "uncached_input", second, LIST_KNOWS_FROM, -1, "0.0000025"),
    ]
    assert "litellm_2026-10-07.json is of a day from which the list knows prices" in found.notes[-1].message
    assert {row["price_source"] for table in found.tables for row in table.to_pylist()} == {"litellm"}


def test_of_several_entries_that_lead_to_a_model_the_one_of_its_own_name_counts(tmp_path: Path) -> None:
    found = history(
        tmp_path,
        **{
            "2024-11-05__json": {
                "gpt-4o-2024-08-06": GPT | {"output_cost_per_token": 1.2e-5},
                "gpt-4o": GPT | {"output_cost_per_token": 1e-5},
                "gpt-4-0613": GPT | {"output_cost_per_token": 6e-5},
                "gpt-4-0314": GPT | {"output_cost_per_token": 7e-5},
            }
        },
    )
    by_model = {row[0]: Decimal(row[5]) for row in rows(found)}
    assert by_model["gpt-4o"] == Decimal("0.00001")
    assert "gpt-4" not in by_model, "two entries of equal rank that differ are no price"


def test_context_steps_and_cache_writes_are_rows(tmp_path: Path) -> None:
    entry = {
        "litellm_provider": "anthropic",
        "mode": "chat",
        "cache_creation_input_token_cost": 3.75e-6,
        "input_cost_per_token": 3e-6,
        "input_cost_per_token_above_200k_tokens": 6e-6,
    }
    found = history(tmp_path, **{"prices_2025-05-01__json": {"claude-3-5-sonnet": entry}})
    got = {(row[1], row[4]): row[5] for row in rows(found)}
    assert got == {
        ("uncached_input", -1): "0.000003",
        ("uncached_input", 200_000): "0.000006",
        ("cache_write", -1): "0.00000375",
        ("cache_write_5m", -1): "0.00000375",
    }


def test_what_cannot_be_read_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("a,b")
    found = history(
        tmp_path,
        **{
            "prices__json": {},
            "a_2024-01-01__json": {"gpt-4o": GPT | {"input_cost_per_token": "cheap"}},
            "b_2024-01-01__json": {},
            "c_2024-02-01__json": [],
        },
    )
    told = {problem.message.partition(":")[0] for _, problem in found.problems}
    assert told == {
        "prices.csv is no LiteLLM price file; drop model_prices_and_context_window.json, plain or gzipped",
        "prices.json says no date; put the day of the prices into its name, as in litellm_2024-11-05.json",
        "b_2024-01-01.json is a second file of 2024-01-01; keep one of them",
        "a_2024-01-01.json, entry gpt-4o, field input_cost_per_token",
        "c_2024-02-01.json",
    }


def test_no_folder_is_no_history(tmp_path: Path) -> None:
    found = read_history(tmp_path / "none", price_list())
    assert (found.tables, found.problems, found.notes) == ([], [], [])
