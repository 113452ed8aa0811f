"""A bill that follows another price than the list or the contract.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'price' as subject_type, provider_id || '/' || sku_id as subject_id, abs(monthly_effect_usd) as value,
    monthly_effect_usd as effect_usd, classification, price_ratio, changed_on_date as since, provider_id, model_id
from ml.implied_prices
where is_drift and stretch_to_date >= $as_of - 45
qualify
    row_number() over (partition by provider_id, sku_id order by stretch_to_date desc, abs(monthly_effect_usd) desc) = 1
"""

RULE = measured_rule(
    Measure(
        name="price_drift",
        reads=("ml.implied_prices",),
        query=QUERY,
        threshold=Decimal("10"),
        title="The bill follows another price: {name}",
        message=(
            "{classification}, {price_ratio} times the expected price, worth {effect_usd} USD a month, since {since}."
        ),
        remedy="Compare with the contract: docs/price_drift.md.",
    )
)
