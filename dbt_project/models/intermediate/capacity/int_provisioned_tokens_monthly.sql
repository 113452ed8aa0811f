{#- Tokens that provisioned throughput served, by month, provider and model, with what it cost and what it could have
    served. Commitments for the same provider and model are one pool: in an hour it serves what was asked, at most what
    it holds. A day costs what a bill that names the commitment charges, else its amortised cost; days on which no use
    could be seen count on neither side. Where one is for all models of its provider, all of that day are one pool,
    shared by the tokens of each model. -#}
with
    units as (
        select
            commitments.date_day,
            coalesce(aliases.provider_id, lower(commitments.provider_name)) as provider_id,
            min(coalesce(lower(commitments.model), '')) over (
                partition by commitments.date_day, coalesce(aliases.provider_id, lower(commitments.provider_name))
            ) as least_model,
            coalesce(lower(commitments.model), '') as model,
            cast(commitments.quantity * commitments.tokens_per_minute * 60 as decimal(38, 12)) as tokens_per_hour,
            coalesce(commitments.billed_cost_usd, commitments.amortized_cost_usd) as cost_usd
        from {{ ref("int_commitment_days") }} as commitments {{ join_provider("lower(commitments.provider_name)") }}
        where commitments.tokens_per_minute is not null and commitments.is_seen
    ),

    days as (
        select
            date_day,
            provider_id,
            case when least_model = '' then '' else model end as model_scope,
            cast(sum(tokens_per_hour) as decimal(38, 12)) as tokens_per_hour,
            {{ money_sum("cost_usd") }} as cost_usd
        from units
        group by 1, 2, 3
    ),

    pools as (
        select
            {{ month_of("date_day") }} as month_start_date,
            provider_id,
            model_scope,
            cast(sum(24 * tokens_per_hour) as decimal(38, 12)) as capacity_tokens,
            {{ money_sum("cost_usd") }} as cost_usd
        from days
        group by 1, 2, 3
    ),

    asked as (
        select
            days.date_day,
            days.provider_id,
            days.model_scope,
            usage.usage_hour_utc,
            usage.model_id,
            max(days.tokens_per_hour) as tokens_per_hour,
            sum(case when meters.is_input_token then usage.quantity else 0 end) as input_tokens,
            sum(case when meters.is_input_token then 0 else usage.quantity end) as output_tokens,
            sum(sum(usage.quantity)) over (
                partition by days.provider_id, days.model_scope, usage.usage_hour_utc
            ) as hour_tokens
        from days
        inner join
            {{ ref("int_usage_priced_hourly") }} as usage
            on usage.provider_id = days.provider_id
            and usage.usage_date = days.date_day
            and (days.model_scope = '' or usage.model_id = days.model_scope)
        inner join {{ ref("meters") }} as meters on meters.meter = usage.meter
        where usage.is_token and usage.quantity > 0
        group by 1, 2, 3, 4, 5
    ),

    served as (
        select
            {{ month_of("date_day") }} as month_start_date,
            provider_id,
            model_scope,
            model_id,
            {%- for kind in ["input", "output"] %}
                cast(
                    sum(
                        case
                            when hour_tokens > tokens_per_hour
                            then {{ ratio("cast(" ~ kind ~ "_tokens as double) * tokens_per_hour", "hour_tokens", 6) }}
                            else {{ kind }}_tokens
                        end
                    ) as decimal(38, 12)
                ) as {{ kind }}_tokens {{- "," if not loop.last }}
            {%- endfor %}
        from asked
        group by 1, 2, 3, 4
    ),

    shared as (
        select
            pools.*,
            coalesce(served.model_id, nullif(pools.model_scope, ''), 'any') as model_id,
            coalesce(served.input_tokens, 0) as input_tokens,
            coalesce(served.output_tokens, 0) as output_tokens,
            coalesce(
                {{ ratio("sum(served.input_tokens + served.output_tokens) over pool", "pools.capacity_tokens", 12) }}, 0
            ) as pool_utilization_ratio,
            cast(
                round(coalesce(sum(served.input_tokens + served.output_tokens) over pool, 0), 0) as {{ whole_type() }}
            ) as whole_weight,
            cast(
                round(
                    coalesce(
                        sum(served.input_tokens + served.output_tokens) over (
                            partition by pools.month_start_date, pools.provider_id, pools.model_scope
                            order by served.model_id
                            rows between unbounded preceding and current row
                        ),
                        0
                    ),
                    0
                ) as {{ whole_type() }}
            ) as until_weight
        from pools
        left join
            served
            on served.month_start_date = pools.month_start_date
            and served.provider_id = pools.provider_id
            and served.model_scope = pools.model_scope
        window pool as (partition by pools.month_start_date, pools.provider_id, pools.model_scope)
    ),

    costed as (
        select
            *,
            case
                when whole_weight > 0
                then {{ stretch_of("cost_usd", "before_weight", "until_weight", "whole_weight") }}
                else cost_usd
            end as model_cost_usd
        from
            (
                select
                    *,
                    coalesce(
                        lag(until_weight) over (
                            partition by month_start_date, provider_id, model_scope order by model_id
                        ),
                        0
                    ) as before_weight
                from shared
            ) as running
    )

select
    month_start_date,
    provider_id,
    model_id,
    cast(sum(input_tokens) as decimal(38, 12)) as input_tokens,
    cast(sum(output_tokens) as decimal(38, 12)) as output_tokens,
    {{ money_sum("model_cost_usd") }} as cost_usd,
    -- What the same tokens would cost if the pool were used all the time.
    {{ money_sum(part_of("model_cost_usd", "pool_utilization_ratio")) }} as full_cost_usd,
    {{
        ratio(
            "sum(" ~ part_of("model_cost_usd", "pool_utilization_ratio") ~ ")",
            "sum(model_cost_usd)",
            12,
        )
    }} as utilization_ratio,
    {{ ratio("sum(cost_usd) * 1000000", "sum(capacity_tokens)", 12) }} as capacity_cost_usd_per_million_tokens
from costed
group by 1, 2, 3
