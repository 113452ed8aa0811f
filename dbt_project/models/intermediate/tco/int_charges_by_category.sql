{#- Charges with their category of total cost of ownership: by what the bill calls the service, else by its words. A
    view: it is read by day and by month. -#}
{{ config(materialized="view") }}

with
    gpu_types as (
        select distinct provider as cloud, sku as instance_type
        from {{ ref("int_infrastructure_rates") }}
        where resource_type = 'instance_hour' and gpu_type is not null
    ),

    charges as (
        select
            *,
            {{ month_of("charge_date") }} as month_start_date,
            concat_ws(' ', service_name, charge_description, sku_id, sku_meter) as charge_text
        from {{ ref("int_charges_to_allocate") }}
        where charge_date is not null
    ),

    gpu_texts as (
        select distinct charges.provider_id, charges.charge_text
        from charges
        inner join
            gpu_types
            on gpu_types.cloud = charges.provider_id
            and position(gpu_types.instance_type in lower(charges.charge_text)) > 0
        where charges.cost_kind = 'infrastructure'
    )

select
    charges.*,
    {{
        charge_category_of_tco(
            "charges.cost_kind",
            "charges.service_category",
            "charges.charge_text",
            "gpu_texts.charge_text is not null",
        )
    }} as category,
    charges.commitment_discount_id is not null
    or coalesce(lower(charges.pricing_category), '') = 'committed' as is_committed,
    coalesce(
        case when charges.billing_currency = 'USD' then charges.effective_cost end, charges.spend_usd
    ) as effective_usd
from charges
left join gpu_texts on gpu_texts.provider_id = charges.provider_id and gpu_texts.charge_text = charges.charge_text
