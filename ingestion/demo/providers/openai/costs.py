"""OpenAI's `/organization/costs`: charges of the sample company by day, project and line item.

Put here: cost answers and the wording of line items. Keep out: usage.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.company.models import MODELS
from ingestion.demo.company.text import decimal_text
from ingestion.demo.providers.buckets import Width
from ingestion.demo.providers.endpoint import number, route
from ingestion.demo.providers.ledger import Group, texts
from ingestion.demo.providers.moments import DAY
from ingestion.demo.providers.openai.dialect import PREFIX, OpenAIDialect, group_by
from ingestion.demo.providers.openai.usage import page_answer, read_filters, read_page
from ingestion.demo.providers.state import Simulator

WIDTHS = {"1d": Width(DAY, 7, 180)}
FIELDS = ("project_id", "line_item", "api_key_id", "user_id", "api_source")
PRINTED_PLACES = 30
NEW_WORDING_FROM = date(2026, 7, 1)
"""From this day on kinds read `input_tokens`; before, `input`."""

_KINDS = {
    "uncached_input": ("input", "input_tokens"),
    "cache_read": ("cached input", "cached_input_tokens"),
    "cache_write": ("cache write", "cache_write_tokens"),
    "output": ("output", "output_tokens"),
}
_VARIANTS = {"processing=batch": "batch ", "service_tier=flex": "flex ", "service_tier=priority": "priority "}
_OTHERS = {"vector_storage": "file search storage", "refund": "service credit"}
_EMBEDDINGS = {model.raw_name for model in MODELS if model.is_embedding}
_UNITS = {"vector_storage": "gibibyte_hours", "refund": None}
HOURS_PER_DAY = 24


def line_item(kind: str, model: str | None, meter: str | None, variant: str, is_long_context: bool, day: date) -> str:
    """How the bill names a charge of the truth: `gpt-5-2025-08-07, batch cached input`."""
    if model is None or meter is None:
        return _OTHERS[kind]
    words = _KINDS[meter][day >= NEW_WORDING_FROM]
    return f"{model}, {_VARIANTS.get(variant, '')}{'long context ' if is_long_context else ''}{words}"


def _unit(kind: str, model: str | None) -> str | None:
    if kind in _UNITS:
        return _UNITS[kind]
    return "1000_tokens" if model in _EMBEDDINGS else "tokens"


class OpenAICosts:
    """Answers of the costs endpoint."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        lines = simulator.company.charge_lines("openai")
        kinds, models, meters = lines["charge_kind"].tolist(), texts(lines["model"]), texts(lines["meter"])
        items = [
            line_item(*parts)
            for parts in zip(
                kinds,
                models,
                meters,
                lines["price_variant"],
                lines["is_long_context"],
                lines["charge_date"],
                strict=True,
            )
        ]
        more: dict[str, list[str | bool | None]] = {
            "line_item": list(items),
            "project_id": list(texts(lines["sub_account_id"])),
            "unit": [_unit(kind, model) for kind, model in zip(kinds, models, strict=True)],
            "api_key_id": [None] * len(lines),
            "user_id": [None] * len(lines),
            "api_source": ["unlabeled"] * len(lines),
        }
        self._rows = simulator.company.charges("openai", more)

    def costs(self, request: Request) -> dict[str, Any]:
        """One page of daily costs."""
        grouped = group_by(request, FIELDS, self._simulator)
        page = read_page(request, self._simulator, WIDTHS)
        by_item = "line_item" in grouped
        wanted = {"project_ids": "project_id", "api_key_ids": "api_key_id", "line_items": "line_item"}
        groups = self._rows.groups(
            page.start,
            page.end,
            page.width,
            self._simulator.visibility,
            fields=[*grouped, "unit"] if by_item else grouped,
            filters=read_filters(request, wanted),
        )
        results: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for group in groups:
            results[group.bucket].append(self._result(group, by_item))
        return page_answer(page, results)

    def _result(self, group: Group, by_item: bool) -> dict[str, Any]:
        values = {name: group.values.get(name) for name in FIELDS}
        unit = group.values.get("unit")
        return {
            "object": "organization.costs.result",
            "amount": {"value": self._amount(group.sums["amount"]), "currency": "usd"},
            **values,
            "quantity": _quantity(group.sums["quantity"], unit) if by_item and unit else None,
            "quantity_unit": unit if by_item else None,
            "organization_id": "org-SampleCompany0001",
        }

    def _amount(self, pico: int) -> Any:
        style = self._simulator.options.openai_amounts
        if style == "scientific":
            return number(f"{Decimal(pico).scaleb(-12):E}")
        text = decimal_text(pico, strip=False)
        return number(text) if style == "number" else text + "0" * (PRINTED_PLACES - 12)


def _quantity(quantity: int, unit: Any) -> Any:
    if unit == "1000_tokens":
        return number(decimal_text(quantity, 3))
    return quantity * HOURS_PER_DAY if unit == "gibibyte_hours" else quantity


def cost_routes(simulator: Simulator) -> list[Route]:
    """The route of the costs endpoint."""
    costs, name = OpenAICosts(simulator), "/organization/costs"
    return [route(simulator, OpenAIDialect(), PREFIX + name, lambda request, _: costs.costs(request), name=name)]
