"""Public model prices: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.spec import Kind, RawTable, SourceSpec

TABLES = {
    "model_prices": RawTable(
        "Public prices by model, meter, variant, context and time, with what was known when.",
        "price_row_id price_source price_source_version price_provider_id price_model_id price_model_name meter "
        "price_variant valid_from_utc:at valid_to_utc:at time_of_day_from_second:int time_of_day_to_second:int "
        "context_over_tokens:int context_up_to_tokens:int price_usd_per_unit:dec price_text source_price_key "
        "minimum_quantity:int known_from_utc:at known_to_utc:at",
        has_provenance=False,
    ),
    "model_aliases": RawTable(
        "Every model name seen in usage, with the price-list model it means or why none.",
        "provider_name model is_batch:bool service_tier speed price_region provider_id price_provider_id "
        "price_model_id price_model_name price_variant match_method unresolved_reason closest_candidates "
        "context_window:int resolved_at_utc:at known_from_utc:at known_to_utc:at",
        has_provenance=False,
    ),
    "model_catalog": RawTable(
        "Every model that the price list knows.",
        "price_provider_id price_model_id price_model_name context_window:int is_deprecated:bool",
        has_provenance=False,
    ),
    "other_prices": RawTable(
        "Prices of a LiteLLM price file, to compare with the public list.",
        "price_source source_entry source_field provider_name price_provider_id price_model_id match_method meter "
        "price_variant context_over_tokens:int price_usd_per_unit:dec price_text landed_at_utc:at",
        has_provenance=False,
    ),
}
SPEC = SourceSpec(
    name="prices",
    kind=Kind.DERIVED,
    purpose="public model prices",
    tables=TABLES,
    shared_tables=("quarantine",),
)
