"""Tables of anomalous days and incidents.

Put here: their columns and types. Keep out: what a column means (`models/staging/ml/src_ml.yml` says it).
"""

from __future__ import annotations

TABLES: dict[str, dict[str, str]] = {
    "cost_anomalies": {
        "anomaly_id": "text",
        "series_id": "text",
        "basis": "text",
        "scope_type": "text",
        "scope_id": "text",
        "usage_date": "date",
        "actual_cost_usd": "dec",
        "expected_cost_usd": "dec",
        "impact_usd": "dec",
        "z_score": "float",
        "same_weekday_z": "float",
        "isolation_score": "float",
        "p_value": "float",
        "is_anomaly": "bool",
        "incident_id": "text",
        "severity": "text",
        "reason": "text",
        "model_name": "text",
        "model_version": "text",
        "fitted_through_date": "date",
        "scored_at_utc": "at",
    },
    "cost_incidents": {
        "incident_id": "text",
        "basis": "text",
        "kind": "text",
        "scope_type": "text",
        "scope_id": "text",
        "first_date": "date",
        "last_date": "date",
        "day_count": "int",
        "status": "text",
        "severity": "text",
        "actual_cost_usd": "dec",
        "expected_cost_usd": "dec",
        "impact_usd": "dec",
        "volume_change_usd": "dec",
        "model_mix_change_usd": "dec",
        "tier_mix_change_usd": "dec",
        "tokens_per_request_change_usd": "dec",
        "cache_rate_change_usd": "dec",
        "price_change_usd": "dec",
        "other_change_usd": "dec",
        "slices": "text",
        "series_ids": "text",
        "reason": "text",
        "evidence_query": "text",
        "model_name": "text",
        "model_version": "text",
        "scored_at_utc": "at",
    },
}
"""By table: columns in order, with their types."""
