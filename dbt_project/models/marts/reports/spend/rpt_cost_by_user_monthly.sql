{#
  A charge names no user, so spend cannot be split by person: what a user caused is priced usage
  (`contracted_cost_usd`). Usage without a user is kept as the row whose `user_key` is NULL.
#}
with
    daily as (
        select usage.*, users.user_key
        from {{ ref("rpt_usage_daily") }} as usage
        left join {{ ref("dim_users") }} as users on users.user_id = usage.user_id
    ),

    monthly as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            user_key,
            provider_id,
            model_id,
            cast(sum(list_cost_usd) as decimal(38, 12)) as list_cost_usd,
            cast(sum(contracted_cost_usd) as decimal(38, 12)) as contracted_cost_usd,
            {%- for column in cost_count_columns() %}
                cast(sum({{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from daily
        group by 1, 2, 3, 4
    )

select {{ surrogate_key(["month_start_date", "user_key", "provider_id", "model_id"]) }} as cost_by_user_monthly_key, *
from monthly
