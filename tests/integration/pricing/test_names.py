"""Names and files of the user on the way to prices: aliases win, what resolves to nothing is listed."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from ingestion.config import Settings
from ingestion.sources.prices.pipeline import land
from tests.integration.dbt.tiny_company import land_file, requests_of_day
from tests.support.warehouse import ScratchWarehouse

NOW = datetime.fromisoformat("2026-11-20")
AZURE = {"provider_name": "azure", "account_id": None}
LITELLM = {"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": "cheap", "output_cost_per_token": 1e-5}}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    built = ScratchWarehouse.create(tmp_path_factory.mktemp("names"))
    settings = Settings.from_env({}, built.folder)
    settings.org_dir.mkdir(parents=True, exist_ok=True)
    (settings.org_dir / "litellm_prices.json").write_text(json.dumps(LITELLM))
    deployments = (("chat-prod", 1), ("chat-new", 2), ("gpt-4o", 3))
    for name, file_id in deployments:
        rows = [
            row
            for day in (0, 3)
            for row in requests_of_day(day, file_id=file_id, count=2, requested_model=name, **AZURE)
        ]
        land_file(built, file_id, rows)
    alias = {"provider_name": "Azure OpenAI", "model": "chat-prod", "price_model": "gpt-4o"}
    built.insert("raw_org.model_aliases", [alias])
    land(settings, now=NOW)
    built.dbt("seed")
    built.dbt("run", "--select", "+rpt_unresolved_models")
    return built


def test_an_alias_resolves_a_deployment_name(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select model, price_provider_id, price_model_id, match_method from raw_prices.model_aliases order by 1"
    )
    assert found == [
        ("chat-new", None, None, "unresolved"),
        ("chat-prod", "openai", "gpt-4o", "user_alias"),
        ("gpt-4o", "openai", "gpt-4o", "fallback_provider"),
    ]


def test_what_does_not_resolve_is_listed_with_its_size_and_the_line_to_write(warehouse: ScratchWarehouse) -> None:
    columns = "provider_name, raw_model, unpriced_reason, request_count, total_tokens, day_count, first_date, last_date"
    (row,) = warehouse.rows(f"select {columns}, remedy from marts.rpt_unresolved_models")
    # Two requests on each of two days: 1,000 and 1,001 uncached, 0 and 100 cached, 0 and 10 written.
    assert row[:6] == ("azure", "chat-new", "unknown_model", 4, 2 * (2_001 + 100 + 10), 2)
    assert [str(day) for day in row[6:8]] == ["2026-03-01", "2026-03-04"]
    assert row[8] == "model_aliases.csv: azure,chat-new,<provider/model of the price list>"


def test_entries_of_a_price_file_that_are_no_price_reach_the_quarantine(warehouse: ScratchWarehouse) -> None:
    assert warehouse.rows("select source, file_path, field, reason from raw_prices.quarantine") == [
        ("prices", "litellm_prices.json", "input_cost_per_token", "invalid_number")
    ]
    assert warehouse.rows("select price_provider_id, price_model_id, meter from raw_prices.other_prices") == [
        ("openai", "gpt-4o", "output")
    ]
