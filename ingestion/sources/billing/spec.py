"""Billing files: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.spec import Kind, RawTable, SourceSpec

TABLES = {
    "focus_charges": RawTable(
        "Charges from FOCUS 1.0 to 1.4 files, as delivered.",
        "allocated_method_id allocated_method_details allocated_resource_id allocated_resource_name allocated_tags "
        "availability_zone billed_cost:dec billing_account_id billing_account_name billing_account_type "
        "billing_currency billing_period_start_utc:at billing_period_end_utc:at capacity_reservation_id "
        "capacity_reservation_status charge_category charge_class charge_description charge_frequency "
        "charge_period_start_utc:at charge_period_end_utc:at commitment_discount_category commitment_discount_id "
        "commitment_discount_name commitment_discount_quantity:dec commitment_discount_status "
        "commitment_discount_type commitment_discount_unit commitment_program_eligibility_details "
        "consumed_quantity:dec consumed_unit contract_applied contracted_cost:dec contracted_unit_price:dec "
        "effective_cost:dec host_provider_name invoice_id invoice_detail_id invoice_issuer_name list_cost:dec "
        "list_unit_price:dec pricing_category pricing_currency pricing_currency_contracted_unit_price:dec "
        "pricing_currency_effective_cost:dec pricing_currency_list_unit_price:dec pricing_quantity:dec pricing_unit "
        "provider_name publisher_name region_id region_name resource_id resource_name resource_type service_category "
        "service_name service_provider_name service_subcategory sku_id sku_meter sku_price_details sku_price_id "
        "sub_account_id sub_account_name sub_account_type tags billed_cost_text contracted_cost_text "
        "effective_cost_text list_cost_text focus_version extra_columns",
    ),
    "aws_cur_line_items": RawTable(
        "Line items of AWS cost and usage reports, as delivered.",
        "identity_line_item_id identity_time_interval bill_invoice_id bill_invoicing_entity bill_billing_entity "
        "bill_bill_type bill_payer_account_id bill_billing_period_start_utc:at bill_billing_period_end_utc:at "
        "line_item_usage_account_id line_item_usage_account_name line_item_line_item_type "
        "line_item_usage_start_utc:at line_item_usage_end_utc:at line_item_product_code line_item_usage_type "
        "line_item_operation line_item_availability_zone line_item_resource_id line_item_usage_amount:dec "
        "line_item_currency_code line_item_unblended_rate:dec line_item_unblended_cost:dec "
        "line_item_unblended_cost_text line_item_blended_cost:dec line_item_net_unblended_cost:dec "
        "line_item_line_item_description line_item_tax_type line_item_legal_entity line_item_iam_principal "
        "line_item_user_identifier product_product_name product_product_family product_region_code "
        "product_servicecode product_sku product_model pricing_rate_code pricing_rate_id pricing_currency "
        "pricing_public_on_demand_cost:dec pricing_public_on_demand_rate:dec pricing_term pricing_unit "
        "reservation_effective_cost:dec reservation_subscription_id savings_plan_savings_plan_effective_cost:dec "
        "savings_plan_savings_plan_arn savings_plan_used_commitment:dec savings_plan_total_commitment_to_date:dec "
        "resource_tags extra_columns",
    ),
    "azure_cost_details": RawTable(
        "Rows of Azure cost exports, as delivered, under one set of English names.",
        "subscription_id subscription_name resource_group_name usage_date:date meter_category meter_sub_category "
        "meter_id meter_name meter_region product_name quantity:dec unit_of_measure effective_price:dec "
        "unit_price:dec payg_price:dec cost_in_billing_currency:dec cost_in_billing_currency_text cost_in_usd:dec "
        "billing_currency charge_type pricing_model frequency publisher_name publisher_type consumed_service "
        "resource_id resource_name resource_location resource_type tags additional_info billing_account_id "
        "billing_account_name billing_period_start_date:date billing_period_end_date:date invoice_section_id "
        "invoice_section_name service_family service_name service_tier cost_center offer_id part_number "
        "reservation_id extra_columns",
    ),
    "oci_cost_lines": RawTable(
        "Lines of OCI cost reports, as delivered.",
        "reference_no tenant_id interval_usage_start_utc:at interval_usage_end_utc:at service compartment_id "
        "compartment_name region availability_domain resource_id billed_quantity:dec billed_quantity_overage:dec "
        "subscription_id product_sku product_description unit_price:dec unit_price_overage:dec my_cost:dec "
        "my_cost_text my_cost_overage:dec currency_code billing_unit_readable sku_unit_description overage_flag "
        "is_correction:bool backreference_no tags row_id extra_columns",
    ),
    "openai_costs": RawTable(
        "Lines of cost exports of OpenAI's dashboard, as delivered.",
        "bucket_start_utc:at bucket_end_utc:at amount:dec amount_text currency quantity:dec quantity_text "
        "quantity_unit line_item user_id api_key_id project_id organization_id project_name organization_name "
        "user_email api_source extra_columns",
    ),
    "invoices": RawTable(
        "Organisation data: invoices.",
        "invoice_id invoice_issuer_name provider_name billing_account_id billing_account_name "
        "billing_period_start_utc:at billing_period_end_utc:at invoice_date:date due_date:date purchase_order_id "
        "line_number line_description charge_category service_name quantity:dec unit unit_price:dec amount:dec "
        "amount_text currency amount_usd:dec tax_amount:dec tax_rate_pct:dec extra_columns",
    ),
}
SPEC = SourceSpec(
    name="billing",
    kind=Kind.FILES,
    purpose="billing exports",
    tables=TABLES,
    switch="COSTOPS_BILLING_DIR",
)
