{#- What each project used of each model, by meter, over the newest days: the evidence behind cheaper-model advice. -#}
with
    newest as (select max(usage_date) as last_date from {{ ref("int_usage_priced_hourly") }}),

    window_usage as (
        select hourly.*
        from {{ ref("int_usage_priced_hourly") }} as hourly
        cross join newest
        where hourly.is_billable and hourly.usage_date > newest.last_date - {{ var("model_mix_days") }}
    ),

    mix as (
        select
            usage_date,
            provider_id,
            model_id,
            price_variant,
            context_tier,
            meter,
            list_price_usd_per_unit,
            project_id,
            team_id,
            cast(sum(quantity) as bigint) as quantity,
            {{ money_sum("contracted_cost_usd") }} as cost_usd
        from window_usage
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    ),

    largest as (
        select provider_id, model_id, project_id, cast(max(input_tokens) as bigint) as max_input_tokens
        from {{ ref("int_requests_priced") }} as requests
        cross join newest
        where requests.usage_date > newest.last_date - {{ var("model_mix_days") }}
        group by 1, 2, 3
    )

select mix.*, largest.max_input_tokens
from mix
left join
    largest
    on largest.provider_id is not distinct from mix.provider_id
    and largest.model_id is not distinct from mix.model_id
    and largest.project_id is not distinct from mix.project_id
