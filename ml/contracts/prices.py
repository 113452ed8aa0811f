"""Tables of prices implied by bills.

Put here: their columns and types. Keep out: what a column means (`models/staging/ml/src_ml.yml` says it).
"""

from __future__ import annotations

TABLES: dict[str, dict[str, str]] = {
    "implied_prices": {
        "implied_price_id": "text",
        "provider_id": "text",
        "charge_source": "text",
        "billing_account_id": "text",
        "sku_id": "text",
        "model_id": "text",
        "meter": "text",
        "price_variant": "text",
        "context_tier": "text",
        "stretch_from_date": "date",
        "stretch_to_date": "date",
        "billed_day_count": "int",
        "charge_count": "int",
        "quantity": "dec",
        "quantity_source": "text",
        "billed_cost_usd": "dec",
        "expected_cost_usd": "dec",
        "list_price_usd_per_unit": "dec",
        "contracted_price_usd_per_unit": "dec",
        "reference": "text",
        "fitted_price_usd_per_unit": "dec",
        "lower_price_usd_per_unit": "dec",
        "upper_price_usd_per_unit": "dec",
        "snapped_price_usd_per_unit": "dec",
        "snap_rule": "text",
        "baseline_price_usd_per_unit": "dec",
        "price_ratio": "float",
        "previous_price_ratio": "float",
        "classification": "text",
        "is_drift": "bool",
        "changed_on_date": "date",
        "monthly_effect_usd": "dec",
        "confidence": "float",
        "reason": "text",
        "collinear_meters": "text",
        "variance_inflation": "float",
        "condition_number": "float",
        "irregular_day_count": "int",
        "model_name": "text",
        "model_version": "text",
        "scored_at_utc": "at",
    },
}
"""By table: columns in order, with their types."""
