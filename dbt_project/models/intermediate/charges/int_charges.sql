{#- Every charge of every bill and of reports where no bill is, none dropped: what a seed or rate cannot translate is
    NULL beside the original. The key is made from the content, because a restated bill comes in other files at other
    rows. -#}
with
    charges as (select * from {{ ref("int_charges_unioned") }}),

    resolved as (
        select
            charges.*,
            coalesce(charges.charge_period_start_utc, charges.billing_period_start_utc) as charge_at_utc,
            skus.model_id,
            skus.meter,
            coalesce(skus.is_llm_charge, false) as is_llm_charge,
            {{
                charge_cost_kind(
                    "coalesce(skus.is_llm_charge, false)",
                    "clouds",
                    "charges.service_category",
                    "concat_ws(' ', charges.service_name, charges.charge_description, charges.sku_meter)",
                )
            }} as cost_kind,
            case
                when lower(charges.charge_category) in ('purchase', 'tax', 'credit', 'adjustment')
                then upper(substr(charges.charge_category, 1, 1)) || lower(substr(charges.charge_category, 2))
                else 'Usage'
            end as focus_charge_category
        from charges
        left join {{ ref("int_skus_resolved") }} as skus on {{ same_sku("skus", "charges") }}
        left join
            (select distinct provider_id from {{ ref("llm_services") }}) as clouds
            on clouds.provider_id = charges.provider_id
    ),

    hashed as (
        select
            *,
            {{
                surrogate_key(
                    [
                        "charge_source",
                        "charge_period_start_utc",
                        "charge_period_end_utc",
                        "billing_period_start_utc",
                        "provider_name",
                        "billing_account_id",
                        "sub_account_id",
                        "resource_id",
                        "region_id",
                        "service_name",
                        "charge_category",
                        "charge_class",
                        "charge_description",
                        "sku_id",
                        "sku_meter",
                        "sku_price_id",
                        "consumed_quantity",
                        "pricing_quantity",
                        "billed_cost",
                        "billed_cost_text",
                        "effective_cost",
                        "list_cost",
                        "contracted_cost",
                        "billing_currency",
                        "tags",
                        "invoice_id",
                    ]
                )
            }} as content_hash
        from resolved
    ),

    numbered as (
        select *, row_number() over (partition by content_hash order by _source_file_id, _source_row) as occurrence
        from hashed
    )

select
    content_hash || '-' || cast(occurrence as string) as charge_key,
    charge_source,
    charge_period_start_utc,
    charge_period_end_utc,
    cast(charge_at_utc as date) as charge_date,
    billing_period_start_utc,
    billing_period_end_utc,
    provider_id,
    provider_name,
    billing_account_id,
    sub_account_id,
    sub_account_name,
    resource_id,
    region_id,
    service_category,
    service_name,
    focus_charge_category as charge_category,
    charge_class,
    charge_description,
    sku_id,
    sku_meter,
    sku_price_id,
    model_id,
    meter,
    consumed_quantity,
    consumed_unit,
    pricing_quantity,
    pricing_unit,
    list_unit_price,
    contracted_unit_price,
    billed_cost,
    cast({{ rounding_moved("billed_cost_text", "billed_cost") }} as decimal(38, 30)) as billed_cost_rounding,
    effective_cost,
    list_cost,
    contracted_cost,
    billing_currency,
    billed_cost_usd,
    billed_cost_usd_basis,
    is_llm_charge,
    cost_kind,
    tags,
    invoice_id,
    {%- for name, type in focus_charge_columns() %} {{ name }}, {%- endfor %}
    _source_file_id,
    _source_row
from numbered
