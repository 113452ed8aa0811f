"""The two kinds of money that are watched: usage as it was metered, and what providers billed.

Put here: their slices and where their rows are. Keep out: detection.
"""

from __future__ import annotations

from ml.anomalies.detect import Source

METERED = Source(
    basis="metered",
    dimensions={
        "total": None,
        "provider": "provider_id",
        "team": "team_id",
        "project": "project_id",
        "feature": "feature",
        "customer": "customer_id",
        "model": "model_id",
        "api_key": "api_key_id",
    },
    amount="request_count",
    fact="fct_metered_costs_daily",
    day="usage_date",
    cost="cost_usd",
    shown="model_id, service_tier, sum(request_count) as request_count",
    tagged=(
        "fct_llm_requests",
        "priced_meters_contracted_cost_usd",
        "model_id, service_tier, count(*) as request_count",
    ),
)
BILLED = Source(
    basis="billed",
    dimensions={
        "total": None,
        "provider": "provider_id",
        "service": "service_name",
        "sub_account": "sub_account_id",
        "charge_category": "charge_category",
        "region": "region_id",
    },
    amount="cost_usd",
    fact="fct_charges",
    day="charge_date",
    cost="billed_cost_usd",
    shown="service_name, sku_id, charge_category, sum(consumed_quantity) as consumed_quantity",
    tagged=(
        "fct_charges",
        "billed_cost_usd",
        "service_name, sku_id, charge_category, sum(consumed_quantity) as consumed_quantity",
    ),
    late_steps=5,
)
SOURCES = (METERED, BILLED)
