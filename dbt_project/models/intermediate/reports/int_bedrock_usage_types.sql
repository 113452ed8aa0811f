{#- What each usage type of Bedrock means: region, model, meter, tier and scope, by mapping tables. What no pattern
    knows is 'unmapped' and keeps its row; add a line to the seeds and it is known. Models and meters come from the
    patterns that read the SKUs of every bill, so that a usage type means the same in all of them. -#}
{{ config(materialized="view") }}

with
    usage_types as (
        select usage_type, service as service_name
        from {{ ref("stg_aws__cost_explorer") }}
        where usage_type is not null
        union
        select line_item_usage_type, coalesce(product_product_name, line_item_product_code)
        from {{ ref("stg_billing__aws_cur_line_items") }}
        where line_item_usage_type is not null
    ),

    bedrock as (
        select
            usage_type,
            service_name,
            ' ' || replace(replace(lower(usage_type || ' ' || service_name), '-', ' '), '_', ' ') || ' ' as pattern_text
        from usage_types
        where lower(service_name) like '%bedrock%'
    ),

    models as (
        select
            bedrock.usage_type,
            bedrock.service_name,
            patterns.model_id,
            row_number() over (
                partition by bedrock.usage_type, bedrock.service_name
                order by length(patterns.pattern) desc, patterns.model_id
            ) as rank
        from bedrock
        inner join
            {{ ref("sku_model_patterns") }} as patterns
            on patterns.provider_id = 'aws'
            and bedrock.pattern_text like patterns.pattern
    ),

    meters as (
        select
            bedrock.usage_type,
            bedrock.service_name,
            patterns.meter,
            row_number() over (
                partition by bedrock.usage_type, bedrock.service_name
                order by patterns.priority, length(patterns.pattern) desc
            ) as rank
        from bedrock
        inner join {{ ref("sku_meter_patterns") }} as patterns on bedrock.pattern_text like patterns.pattern
    ),

    parts as (
        select
            bedrock.usage_type,
            bedrock.service_name,
            patterns.part,
            patterns.value,
            row_number() over (
                partition by bedrock.usage_type, bedrock.service_name, patterns.part
                order by patterns.priority, patterns.pattern
            ) as rank
        from bedrock
        inner join {{ ref("bedrock_usage_type_patterns") }} as patterns on bedrock.pattern_text like patterns.pattern
    ),

    mapped as (
        select
            bedrock.usage_type,
            bedrock.service_name,
            case when bedrock.usage_type like '%-%' then split_part(bedrock.usage_type, '-', 1) end as region_code,
            coalesce(models.model_id, 'unmapped') as model_id,
            coalesce(meters.meter, 'unmapped') as meter,
            coalesce(tiers.value, 'standard') as service_tier,
            coalesce(scopes.value, 'regional') as routing_scope,
            cast(models.model_id is not null and meters.meter is not null as boolean) as is_mapped
        from bedrock
        left join
            models
            on models.usage_type = bedrock.usage_type
            and models.service_name = bedrock.service_name
            and models.rank = 1
        left join
            meters
            on meters.usage_type = bedrock.usage_type
            and meters.service_name = bedrock.service_name
            and meters.rank = 1
        left join
            parts as tiers
            on tiers.usage_type = bedrock.usage_type
            and tiers.service_name = bedrock.service_name
            and tiers.part = 'service_tier'
            and tiers.rank = 1
        left join
            parts as scopes
            on scopes.usage_type = bedrock.usage_type
            and scopes.service_name = bedrock.service_name
            and scopes.part = 'routing_scope'
            and scopes.rank = 1
    )

select *
from mapped
