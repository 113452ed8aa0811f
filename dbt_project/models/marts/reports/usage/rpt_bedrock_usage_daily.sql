{#- Bedrock's usage per day as Cost Explorer counts it, in tokens where the unit says how many a unit is. Marketplace
    `Units` may be tokens, thousands or millions: unknown, NULL. Every row of Bedrock stays, mapped or not. -#}
with
    costs as (select * from {{ ref("int_charges_aws_cost_explorer") }} where lower(service_name) like '%bedrock%'),

    usage_rows as (
        select
            costs.*,
            coalesce(usage_types.region_code, costs.region_id) as region_code,
            coalesce(usage_types.model_id, 'unmapped') as model_id,
            coalesce(usage_types.meter, 'unmapped') as meter,
            usage_types.service_tier,
            usage_types.routing_scope,
            coalesce(usage_types.is_mapped, false) as is_mapped,
            case
                when lower(costs.consumed_unit) in ('1k tokens', '1000 tokens')
                then costs.consumed_quantity * 1000
                when lower(costs.consumed_unit) in ('1m tokens', '1000000 tokens')
                then costs.consumed_quantity * 1000000
                when lower(costs.consumed_unit) in ('token', 'tokens')
                then costs.consumed_quantity
            end as token_quantity
        from costs
        left join
            {{ ref("int_bedrock_usage_types") }} as usage_types
            on usage_types.usage_type = costs.line_item
            and usage_types.service_name = costs.service_name
    )

select
    charge_date as usage_date,
    service_name,
    line_item as usage_type,
    region_code,
    model_id,
    meter,
    service_tier,
    routing_scope,
    is_mapped,
    consumed_unit,
    billing_currency,
    is_estimated,
    cast(sum(consumed_quantity) as decimal(38, 12)) as consumed_quantity,
    cast(sum(token_quantity) as decimal(38, 12)) as token_quantity,
    cast(sum(billed_cost) as decimal(38, 12)) as billed_cost
from usage_rows
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
