"""Google Cloud's billing export: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.spec import OF_REPORTS, Kind, RawTable, SourceSpec

TABLES = {
    "billing_export": RawTable(
        "Rows of Google Cloud billing export files, as delivered.",
        "row_id export_kind billing_account_id service_id service_description sku_id sku_description "
        "usage_start_time_utc:at usage_end_time_utc:at project_id project_number project_name project_labels "
        "project_ancestry labels system_labels tags location country region zone transaction_type seller_name "
        "export_time_utc:at cost:dec cost_text currency currency_conversion_rate:dec usage_amount:dec usage_unit "
        "usage_amount_in_pricing_units:dec usage_pricing_unit credits credits_amount:dec credits_amount_text "
        "invoice_month invoice_publisher_type cost_type adjustment_info cost_at_list:dec "
        "cost_at_effective_price_default:dec price resource_name resource_global_name extra_columns",
        names_models=True,
    ),
}
SPEC = SourceSpec(
    name="gcp",
    kind=Kind.FILES,
    purpose="Google Cloud billing export files",
    tables=TABLES,
    switch="COSTOPS_BILLING_DIR",
    shared_tables=OF_REPORTS,
    sub_folder="gcp",
    has_icon=True,
)
