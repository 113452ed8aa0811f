"""What each scope spends on each model, as it will come again: the unit that strategies look at.

Put here: cutting usage into workloads, their cost at the prices in force from now on. Keep out: what could be done
about them (`strategies`), what comes again (`recurring`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.contracts import UNOWNED_SCOPE_ID
from ml.money import to_decimal
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import UNCHARGED_METERS, Mix, PriceCard
from ml.optimization.recurring import NotRecurring, Recurring, recurring

if TYPE_CHECKING:
    import pandas as pd

USAGE = "select * from intermediate.int_model_mix_daily order by all"
"""What strategies are given as `usage`."""


MOST_GROWTH = 5
"""What cost less than this part of the least saving will not cost enough in the days ahead to save it."""


WorkloadKey = tuple[str, str, str, str]
"""Kind and id of the scope, provider, model."""


@dataclass
class Part:
    """One meter at one price: quantity and cost by day, the cost at the prices in force from now on."""

    meter: str
    price_variant: str
    quantities: dict[date, int] = field(default_factory=dict)
    costs: dict[date, Decimal] = field(default_factory=dict)


@dataclass(eq=False)
class Workload:
    """What one scope spends on one model; `outlook` says what of it comes again."""

    scope_type: str
    scope_id: str
    provider_id: str
    model_id: str
    parts: list[Part]
    paid_usd: Decimal
    max_input_tokens: int | None
    outlook: Recurring | NotRecurring
    days_used: int
    usd_now_by_day: Mapping[date, Decimal]
    paid_by_day: Mapping[date, Decimal]

    @property
    def key(self) -> WorkloadKey:
        """What tells it from others: `workload_key` of its rows."""
        return self.scope_type, self.scope_id, self.provider_id, self.model_id

    @property
    def slice_id(self) -> str:
        """Names the money it is about, the same for every strategy."""
        return f"llm|{self.scope_type}|{self.scope_id}|{self.provider_id}|{self.model_id}"

    @property
    def mix(self) -> Mix:
        """Quantities of the whole window by meter and price variant."""
        found: Mix = {}
        for part in self.parts:
            key = (part.meter, part.price_variant)
            found[key] = found.get(key, 0) + sum(part.quantities.values())
        return found

    @property
    def is_live(self) -> bool:
        """Whether it will come again."""
        return isinstance(self.outlook, Recurring)

    def quantity_ahead(self, by_day: Mapping[date, int]) -> Decimal:
        """How much of what was counted each day will come in the days ahead."""
        if not isinstance(self.outlook, Recurring):
            return Decimal(0)
        return self.outlook.ahead({day: Decimal(quantity) for day, quantity in by_day.items()})

    def usd_ahead(self, paid_by_day: Mapping[date, Decimal]) -> Decimal:
        """What a part of it, given by what was paid each day, will cost in the days ahead."""
        if not isinstance(self.outlook, Recurring):
            return Decimal(0)
        whole, part = self.outlook.ahead(self.paid_by_day), self.outlook.ahead(paid_by_day)
        if whole <= 0:
            return Decimal(0)
        return to_decimal(self.cost_ahead_usd * min(part / whole, Decimal(1))) or Decimal(0)

    def unit_price_ahead(self, meter: str) -> Decimal | None:
        """What one unit of a meter costs it from now on, on average over its price variants; None without use."""
        parts = [part for part in self.parts if part.meter == meter]
        quantity = sum(sum(part.quantities.values()) for part in parts)
        cost = sum((sum(part.costs.values(), Decimal(0)) for part in parts), Decimal(0))
        return cost / quantity if quantity else None

    @property
    def cost_ahead_usd(self) -> Decimal:
        """What it will cost in the days ahead, when nothing is done."""
        return self.outlook.ahead(self.usd_now_by_day) if isinstance(self.outlook, Recurring) else Decimal(0)

    def cost_ahead_at(self, card: PriceCard) -> Decimal | None:
        """The same tokens at another card; None as soon as one used meter has no price there."""
        if not isinstance(self.outlook, Recurring):
            return None
        total = Decimal(0)
        for part in self.parts:
            price = card.price(part.meter, part.price_variant, self.max_input_tokens)
            if price is None:
                return None
            total += self.outlook.ahead({day: quantity * price for day, quantity in part.quantities.items()})
        return to_decimal(total)

    def ahead(self, meters: Sequence[str]) -> Decimal:
        """Quantity of some meters in the days ahead."""
        return sum((self.quantity_ahead(part.quantities) for part in self.parts if part.meter in meters), Decimal(0))


def workloads(
    usage: pd.DataFrame, cards: Sequence[PriceCard], start: date, end: date, params: OptimizationParams
) -> list[Workload]:
    """Workloads of the days from `start` through `end`, by scope, provider and model.

    `usage`: rows `usage_date, provider_id, model_id, meter, quantity, cost_usd` (USD at the prices paid) and a
    `project_id` or `team_id`; optional `price_variant`, `context_tier`, `list_price_usd_per_unit` (what the list said
    then: without it the price paid is taken to be today's), `max_input_tokens` (largest request behind the row). The
    scope is the project where there is one, else the team. A workload with any unpriced token meter is left out: its
    cost is unknown. Calls whose usage nobody reported (no cost on the `request` meter) are not counted.
    """
    known = {(card.provider_id, card.model_id): card for card in cards}
    grouped: dict[WorkloadKey, list[dict[str, Any]]] = {}
    for row in _rows(usage):
        if start <= row["usage_date"] <= end and row["provider_id"] is not None and row["model_id"] is not None:
            grouped.setdefault(workload_key(row), []).append(row)
    found = []
    for key in sorted(grouped):
        workload = _workload(key, grouped[key], known.get(key[2:]), start, end, params)
        if workload is not None:
            found.append(workload)
    return found


def scope_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and id of who the usage is of: its project, else its team."""
    if row.get("project_id") is not None:
        return "project", str(row["project_id"])
    team = row.get("team_id")
    return "team", UNOWNED_SCOPE_ID if team is None else str(team)


def workload_key(row: Mapping[str, Any]) -> WorkloadKey:
    """The workload that a row of usage is of."""
    return (*scope_of(row), str(row["provider_id"]), str(row["model_id"]))


def clean_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts in which what is missing is None, and a day is a date however the frame holds it."""
    rows = frame.to_dict("records")
    for row in rows:
        for key, value in row.items():
            if type(value).__name__ in ("NAType", "NaTType") or value != value:
                row[key] = None
            elif isinstance(value, datetime) and str(key).endswith("_date"):
                row[key] = value.date()
    return [{str(key): value for key, value in row.items()} for row in rows]


def _rows(usage: pd.DataFrame) -> list[dict[str, Any]]:
    return [row for row in ([] if usage.empty else clean_rows(usage)) if row["quantity"]]


def _workload(
    key: WorkloadKey,
    rows: list[dict[str, Any]],
    card: PriceCard | None,
    start: date,
    end: date,
    params: OptimizationParams,
) -> Workload | None:
    if sum((row["cost_usd"] or Decimal(0) for row in rows), Decimal(0)) * MOST_GROWTH < params.min_saving_usd:
        return None
    parts: dict[tuple[str, str], Part] = {}
    by_day, paid_by_day, sizes = dict[date, Decimal](), dict[date, Decimal](), list[int | None]()
    for row in rows:
        meter, variant, day = str(row["meter"]), str(row.get("price_variant") or "standard"), row["usage_date"]
        if row["cost_usd"] is None and meter not in UNCHARGED_METERS:
            return None
        cost = to_decimal(row["cost_usd"]) or Decimal(0)
        now = cost_from_now(cost, row, card)
        part = parts.setdefault((meter, variant), Part(meter, variant))
        part.quantities[day] = part.quantities.get(day, 0) + int(row["quantity"])
        part.costs[day] = part.costs.get(day, Decimal(0)) + now
        by_day[day] = by_day.get(day, Decimal(0)) + now
        paid_by_day[day] = paid_by_day.get(day, Decimal(0)) + cost
        sizes.append(None if row.get("max_input_tokens") is None else int(row["max_input_tokens"]))
    outlook = recurring(by_day, start, end, days_ahead=params.window_days, min_days=params.min_days_with_usage)
    largest = None if None in sizes else max(size for size in sizes if size is not None)
    days = len({row["usage_date"] for row in rows})
    paid = sum(paid_by_day.values(), Decimal(0))
    return Workload(*key, [parts[each] for each in sorted(parts)], paid, largest, outlook, days, by_day, paid_by_day)


def cost_from_now(cost: Decimal, row: Mapping[str, Any], card: PriceCard | None) -> Decimal:
    """What the row's usage costs from now on: at the price paid, moved as far as the list has moved since."""
    then = None if row.get("list_price_usd_per_unit") is None else to_decimal(row["list_price_usd_per_unit"])
    if card is None or not then:
        return cost
    variant = str(row.get("price_variant") or "standard")
    now = card.price_from_now(str(row["meter"]), variant, row.get("context_tier"))
    return cost if now is None or now == then else to_decimal(cost * now / then) or Decimal(0)
