{#- AWS line items in FOCUS meaning. Billed is the unblended cost; effective spreads commitments over what they covered,
    and negation lines carry none of it. A reservation's fee carries what was not used: the rest is in the usage. -#}
{{ config(materialized="view") }}

select
    'aws_cur' as charge_source,
    line_item_usage_start_utc as charge_period_start_utc,
    line_item_usage_end_utc as charge_period_end_utc,
    bill_billing_period_start_utc as billing_period_start_utc,
    bill_billing_period_end_utc as billing_period_end_utc,
    'AWS' as provider_name,
    {{ aws_account("bill_payer_account_id") }} as billing_account_id,
    {{ aws_account("line_item_usage_account_id") }} as sub_account_id,
    line_item_usage_account_name as sub_account_name,
    line_item_resource_id as resource_id,
    product_region_code as region_id,
    case when lower(line_item_product_code) like '%bedrock%' then 'AI and Machine Learning' end as service_category,
    coalesce(product_product_name, line_item_product_code) as service_name,
    case
        when line_item_line_item_type = 'Tax'
        then 'Tax'
        when line_item_line_item_type = 'Credit' or line_item_line_item_type like '%Discount'
        then 'Credit'
        when line_item_line_item_type = 'Refund'
        then 'Adjustment'
        when line_item_line_item_type in ('Fee', 'RIFee') or line_item_line_item_type like '%Fee'
        then 'Purchase'
        else 'Usage'
    end as charge_category,
    case when line_item_line_item_type = 'Refund' then 'Correction' end as charge_class,
    line_item_line_item_description as charge_description,
    product_sku as sku_id,
    line_item_usage_type as sku_meter,
    coalesce(pricing_rate_code, pricing_rate_id) as sku_price_id,
    coalesce(line_item_usage_type, '')
    || ' '
    || coalesce(product_model, '')
    || ' '
    || coalesce(line_item_line_item_description, '') as sku_text,
    line_item_usage_type as sku_name,
    coalesce(product_product_name, line_item_product_code) as sku_product,
    cast(null as string) as stated_model,
    line_item_usage_amount as consumed_quantity,
    pricing_unit as consumed_unit,
    line_item_usage_amount as pricing_quantity,
    pricing_unit,
    pricing_public_on_demand_rate as list_unit_price,
    line_item_unblended_rate as contracted_unit_price,
    line_item_unblended_cost as billed_cost,
    line_item_unblended_cost_text as billed_cost_text,
    case
        when line_item_line_item_type = 'SavingsPlanCoveredUsage'
        then savings_plan_savings_plan_effective_cost
        when line_item_line_item_type = 'DiscountedUsage'
        then reservation_effective_cost
        when
            line_item_line_item_type in ('SavingsPlanNegation', 'SavingsPlanUpfrontFee')
            or {{ is_savings_plan_refund() }}
        then cast(0 as decimal(38, 12))
        when line_item_line_item_type = 'SavingsPlanRecurringFee'
        then savings_plan_total_commitment_to_date - savings_plan_used_commitment
        when line_item_line_item_type = 'RIFee'
        then coalesce({{ unused_reservation_cost() }}, line_item_unblended_cost)
        when
            line_item_line_item_type = 'Fee'
            and {{ any_member("extra_columns", ["reservation/ReservationARN", "reservation_reservation_a_r_n"]) }}
            is not null
        then cast(0 as decimal(38, 12))
        else line_item_unblended_cost
    end as effective_cost,
    pricing_public_on_demand_cost as list_cost,
    line_item_unblended_cost as contracted_cost,
    line_item_currency_code as billing_currency,
    case when line_item_currency_code = 'USD' then line_item_unblended_cost end as billed_cost_usd,
    resource_tags as tags,
    bill_invoice_id as invoice_id,
    _source_file_id,
    _source_row,
    {{- select_focus_columns(
        has=['pricing_currency'],
        given={
            'line_type': "line_item_line_item_type",
            'billing_account_type': "'Payer account'",
            'sub_account_type': "case when line_item_usage_account_id is not null then 'Linked account' end",
            'host_provider_name': "'AWS'",
            'service_provider_name': (
                "case when bill_billing_entity like '%Marketplace%' then coalesce(line_item_legal_entity, 'AWS')"
                " else 'AWS' end"
            ),
            'publisher_name': "coalesce(line_item_legal_entity, 'AWS')",
            'invoice_issuer_name': "coalesce(bill_invoicing_entity, 'AWS')",
            'charge_frequency': (
                "case when line_item_line_item_type in ('RIFee', 'SavingsPlanRecurringFee') then 'Recurring' end"
            ),
            'pricing_category': (
                "case when line_item_line_item_type like 'SavingsPlan%'"
                " or line_item_line_item_type in ('DiscountedUsage', 'RIFee') then 'Committed'"
                " when lower(pricing_term) = 'spot' then 'Dynamic'"
                " when lower(pricing_term) = 'ondemand' then 'Standard' end"
            ),
            'availability_zone': "line_item_availability_zone",
            'commitment_discount_category': (
                "case when line_item_line_item_type like 'SavingsPlan%' then 'Spend'"
                " when line_item_line_item_type in ('DiscountedUsage', 'RIFee') then 'Usage' end"
            ),
            'commitment_discount_id': (
                "case when line_item_line_item_type like 'SavingsPlan%'"
                " or line_item_line_item_type = 'Refund' then coalesce(savings_plan_savings_plan_arn,"
                " nullif(regexp_extract(line_item_line_item_description, '^Refund for one-time fee for Savings Plan"
                " ID[: ]*([A-Za-z0-9:/_-]+)', 1), ''))"
                " when line_item_line_item_type in ('DiscountedUsage', 'RIFee') then reservation_subscription_id end"
            ),
            'commitment_discount_type': (
                "case when line_item_line_item_type like 'SavingsPlan%' then 'Savings Plan'"
                " when line_item_line_item_type in ('DiscountedUsage', 'RIFee') then 'Reserved Instance' end"
            ),
            'commitment_discount_status': (
                "case when line_item_line_item_type in ('SavingsPlanCoveredUsage', 'DiscountedUsage') then 'Used'"
                " end"
            ),
            'commitment_discount_quantity': (
                "case line_item_line_item_type"
                " when 'SavingsPlanCoveredUsage' then savings_plan_savings_plan_effective_cost"
                " when 'SavingsPlanRecurringFee' then savings_plan_total_commitment_to_date"
                " when 'DiscountedUsage' then line_item_usage_amount end"
            ),
            'commitment_discount_unit': (
                "case when line_item_line_item_type in ('SavingsPlanCoveredUsage', 'SavingsPlanRecurringFee') then"
                " line_item_currency_code when line_item_line_item_type = 'DiscountedUsage' then pricing_unit end"
            ),
            'unused_commitment_cost': (
                "case when line_item_line_item_type = 'SavingsPlanRecurringFee' then"
                " savings_plan_total_commitment_to_date - savings_plan_used_commitment"
                " when line_item_line_item_type = 'RIFee' then "
                ~ unused_reservation_cost()
                ~ " end"
            ),
        },
    ) }}
from {{ ref("stg_billing__aws_cur_line_items") }}
