"""Classes of requests within a workload: by purpose, size and whether anybody waits for the answer.

Put here: the query and the classes. Keep out: what could be done about them (`strategies`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.money import to_decimal
from ml.optimization.price_cards import PriceCard
from ml.optimization.workloads import Workload, clean_rows, workload_key

if TYPE_CHECKING:
    import pandas as pd

METERS = ("uncached_input", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "output")
"""Meters that classes count. Requests that use any other are left out: their price elsewhere is not comparable."""
INPUT_METERS = METERS[:-1]
TINY_INPUT_TOKENS = 500
SHORT_INPUT_TOKENS = 4_000
SHORT_OUTPUT_TOKENS = 500

_OTHERS = (
    "audio_input_tokens audio_cache_read_tokens audio_output_tokens image_input_tokens image_cache_read_tokens "
    "image_output_tokens video_input_tokens video_output_tokens web_searches file_searches code_executions "
    "map_searches x_searches rerank_searches images audio_milliseconds"
).split()
SIZE_SQL = (
    f"case when input_tokens < {TINY_INPUT_TOKENS} then 'tiny' "
    f"when input_tokens <= {SHORT_INPUT_TOKENS} and all_output_tokens <= {SHORT_OUTPUT_TOKENS} then 'short' "
    "else 'long' end"
)
NOBODY_WAITS_SQL = "user_id is null and customer_id is null and session_id is null"
"""No user, customer or session is behind it: made by a machine, as far as events say."""

REQUESTS = f"""
select
    usage_date,
    provider_id,
    model_id,
    price_variant,
    project_id,
    team_id,
    feature,
    {SIZE_SQL} as size,
    {NOBODY_WAITS_SQL} as nobody_waits,
    cast(count(*) as bigint) as requests,
    cast(max(input_tokens) as bigint) as max_input_tokens,
    {", ".join(f"cast(sum(coalesce({meter}_tokens, 0)) as bigint) as {meter}" for meter in METERS)},
    cast(sum(contracted_cost_usd) as decimal(38, 12)) as cost_usd
from intermediate.int_requests_priced
where is_billable and usage_date >= $as_of - interval 30 day and usage_date < $as_of
    and contracted_cost_usd is not null
    and {" and ".join(f"coalesce({column}, 0) = 0" for column in _OTHERS)}
group by all
order by all
"""


@dataclass
class RequestClass:
    """Requests of one workload that are alike, with their tokens and what was paid for them by day."""

    workload: Workload
    price_variant: str
    feature: str | None
    size: str
    nobody_waits: bool
    tokens: dict[str, dict[date, int]] = field(default_factory=dict)
    paid: dict[date, Decimal] = field(default_factory=dict)
    counts: dict[date, int] = field(default_factory=dict)
    max_input_tokens: int = 0

    @property
    def cost_ahead_usd(self) -> Decimal:
        """What they will cost in the days ahead."""
        return self.workload.usd_ahead(self.paid)

    @property
    def requests_ahead(self) -> Decimal:
        """How many will come."""
        return self.workload.quantity_ahead(self.counts)

    def tokens_ahead(self, meter: str) -> Decimal:
        """How many tokens of a meter will come."""
        return self.workload.quantity_ahead(self.tokens.get(meter, {}))

    def cost_ahead_at(self, card: PriceCard, variant: str | None = None) -> Decimal | None:
        """The same tokens at another card or price variant; None where a used meter has no price there."""
        total = Decimal(0)
        for meter in METERS:
            if quantity := self.tokens_ahead(meter):
                price = card.price(meter, variant or self.price_variant, self.max_input_tokens)
                if price is None:
                    return None
                total += quantity * price
        return to_decimal(total)


def request_classes(requests: pd.DataFrame, found: Sequence[Workload]) -> list[RequestClass]:
    """Classes of the workloads that come again."""
    known = {each.key: each for each in found if each.is_live}
    classes: dict[tuple[object, ...], RequestClass] = {}
    for row in [] if requests.empty else clean_rows(requests):
        key = workload_key(row)
        if key not in known:
            continue
        variant, feature = str(row.get("price_variant") or "standard"), row.get("feature")
        size, waits_not = str(row["size"]), bool(row["nobody_waits"])
        kind = (*key, variant, feature, size, waits_not)
        each = classes.setdefault(kind, RequestClass(known[key], variant, feature, size, waits_not))
        day = row["usage_date"]
        for meter in METERS:
            by_day = each.tokens.setdefault(meter, {})
            by_day[day] = by_day.get(day, 0) + int(row[meter] or 0)
        each.paid[day] = each.paid.get(day, Decimal(0)) + (to_decimal(row["cost_usd"]) or Decimal(0))
        each.counts[day] = each.counts.get(day, 0) + int(row["requests"])
        each.max_input_tokens = max(each.max_input_tokens, int(row["max_input_tokens"] or 0))
    return [classes[key] for key in sorted(classes, key=str)]


def by_workload(classes: Iterable[RequestClass]) -> list[list[RequestClass]]:
    """Classes of one workload together."""
    found: dict[str, list[RequestClass]] = defaultdict(list)
    for each in classes:
        found[each.workload.slice_id].append(each)
    return [found[key] for key in sorted(found)]


def no_requests(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """Why strategies that look at single requests are skipped."""
    if inputs["requests"].empty:
        return "single requests are not known: usage comes from providers' reports, or none has a known cost"
    return None


def with_variant(variant: str, key: str, value: str) -> str:
    """The price variant with one part set: `region=us` with processing=batch is `processing=batch;region=us`."""
    parts = {} if variant == "standard" else dict(part.split("=", 1) for part in variant.split(";"))
    parts[key] = value
    return ";".join(f"{name}={parts[name]}" for name in sorted(parts))
