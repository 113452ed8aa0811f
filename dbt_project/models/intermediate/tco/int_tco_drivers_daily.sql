{#- What variable items are multiplied by, per day with any usage or charge: metered requests and tokens, and spend
    without the items themselves (bills, and contracted or recorded cost where no bill covers). -#}
with
    parts as (
        select
            charge_date as usage_date,
            cast(0 as bigint) as request_count,
            cast(0 as bigint) as total_tokens,
            billed_cost_usd as spend_usd
        from {{ ref("int_charges") }}
        where charge_date is not null
        union all
        select
            daily.usage_date,
            daily.request_count,
            daily.input_tokens + daily.output_tokens,
            case when coverage.usage_date is null then daily.spend_usd end
        from {{ ref("int_llm_usage_daily") }} as daily
        left join
            {{ ref("int_bill_coverage") }} as coverage
            on coverage.provider_id = daily.provider_id
            and coverage.account_id = coalesce(daily.account_id, '')
            and coverage.usage_date = daily.usage_date
    )

select
    usage_date,
    cast(coalesce(sum(request_count), 0) as bigint) as request_count,
    cast(coalesce(sum(total_tokens), 0) as bigint) as total_tokens,
    {{ money_sum("spend_usd") }} as spend_usd
from parts
group by 1
