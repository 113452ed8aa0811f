"""Rows for a company small enough to check by hand: two models, three keys, a few files of events.

Put here: builders of raw rows. Keep out: expectations.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.support.warehouse import ScratchWarehouse

DAY_ONE = datetime.fromisoformat("2026-03-01")
PRICES = {"uncached_input": "0.0000025", "cache_read": "0.00000125", "output": "0.00001"}


def requests_of_day(day: int, *, file_id: int, count: int = 6, **overrides: Any) -> list[dict[str, Any]]:
    """Requests of one file spread over one day (0 is DAY_ONE)."""
    rows = []
    for number in range(count):
        rows.append(
            {
                "event_id": f"file{file_id}-day{day}-{number}",
                "requested_at_utc": DAY_ONE + timedelta(days=day, hours=number * 3, minutes=59, seconds=59),
                "provider_name": "OpenAI",
                "account_id": "org-1",
                "api_key_id": f"key-{number % 3}",
                "user_id": f"user-{number % 2}",
                "requested_model": ("gpt-known", "gpt-new", "gpt-known", "gpt-new", None, "gpt-new")[number % 6],
                "uncached_input_tokens": 1_000 + number,
                "cache_read_tokens": 100 * number,
                "output_tokens": 10 * number,
                "recorded_cost_usd": Decimal("0.01") if number % 2 else None,
                "_source_file_id": file_id,
                "_source_row": number + 1,
            }
            | overrides
        )
    return rows


def land_file(
    warehouse: ScratchWarehouse, file_id: int, rows: list[dict[str, Any]], *, content: str = "v1", at: int = 0
) -> None:
    """Land a file of events the way landing does: what the file held before goes first."""
    landed_at = datetime.fromisoformat("2026-06-01") + timedelta(hours=at)
    forget_file(warehouse, file_id)
    warehouse.insert("raw_events.requests", [row | {"_loaded_at_utc": landed_at} for row in rows])
    registry = {"file_id": file_id, "path": f"{file_id}.jsonl", "content_hash": content, "row_count": len(rows)}
    warehouse.insert("raw_events.files", [registry | {"landed_at_utc": landed_at, "is_superseded": False}])


def forget_file(warehouse: ScratchWarehouse, file_id: int) -> None:
    """Take a file's rows out of the warehouse."""
    warehouse.execute(f"delete from raw_events.requests where _source_file_id = {file_id}")
    warehouse.execute(f"delete from raw_events.files where file_id = {file_id}")


def add_price_list(warehouse: ScratchWarehouse, model: str, *, factor: int = 1, **overrides: Any) -> None:
    """List prices of one model; `factor` scales them."""
    rows = [
        {
            "price_row_id": f"{model}/{meter}/{factor}/{overrides.get('valid_from_utc', '')}",
            "price_provider_id": "openai",
            "price_model_id": model,
            "price_model_name": model,
            "meter": meter,
            "price_usd_per_unit": Decimal(price) * factor,
            "price_text": price,
        }
        | overrides
        for meter, price in PRICES.items()
    ]
    warehouse.insert("raw_prices.model_prices", rows)


def resolve(warehouse: ScratchWarehouse, name: str, model: str | None, provider_name: str = "OpenAI") -> None:
    """State what a reported model name means; None leaves it unresolved."""
    warehouse.execute(f"delete from raw_prices.model_aliases where model = '{name}'")
    row: dict[str, Any] = {"provider_name": provider_name, "model": name}
    if model is None:
        row |= {"match_method": "unresolved", "unresolved_reason": "unknown_model", "price_variant": None}
        row |= {"closest_candidates": '["openai/gpt-known"]'}
    else:
        row |= {"price_provider_id": "openai", "price_model_id": model, "price_model_name": model}
    warehouse.insert("raw_prices.model_aliases", [row])


def describe_organisation(warehouse: ScratchWarehouse) -> None:
    """A tree of cost centers, two teams, one project, two owned keys."""
    centers = [("cc-root", None), ("cc-a", "cc-root"), ("cc-b", "cc-root")]
    warehouse.insert(
        "raw_org.cost_centers",
        [{"cost_center_id": center, "cost_center_name": center, "parent_cost_center_id": up} for center, up in centers],
    )
    warehouse.insert(
        "raw_org.teams",
        [{"team_id": f"team-{x}", "team_name": f"Team {x}", "cost_center_id": f"cc-{x}"} for x in ("a", "b")],
    )
    warehouse.insert("raw_org.projects", [{"project_id": "web", "project_name": "Web", "team_id": "team-a"}])
    warehouse.insert(
        "raw_org.ownership",
        [
            {"subject_type": "api_key", "subject_id": "key-0", "project_id": "web"},
            {"subject_type": "api_key", "subject_id": "key-1", "team_id": "team-b"},
        ],
    )


def built(folder: Path, *selection: str) -> ScratchWarehouse:
    """The small company in a warehouse of its own, with its seeds and what is selected built."""
    warehouse = ScratchWarehouse.create(folder)
    small_company(warehouse)
    warehouse.dbt("seed")
    warehouse.dbt("run", *selection)
    return warehouse


def small_company(warehouse: ScratchWarehouse) -> None:
    """Ten days of events in two files, one known and one unknown model, an organisation."""
    describe_organisation(warehouse)
    add_price_list(warehouse, "gpt-known")
    resolve(warehouse, "gpt-known", "gpt-known")
    resolve(warehouse, "gpt-new", None)
    land_file(warehouse, 1, [row for day in range(6) for row in requests_of_day(day, file_id=1)])
    land_file(warehouse, 2, [row for day in range(5, 10) for row in requests_of_day(day, file_id=2)])
