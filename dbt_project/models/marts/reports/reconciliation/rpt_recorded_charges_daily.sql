{#
  Charges that providers recorded on calls, read like a small bill: what our prices make of the same calls, and what the
  provider's own bill or cost report of that account and day says. Where one is there it is the truth, and the recorded
  charges are evidence that it is whole.
#}
with
    charges as (
        select
            usage_date,
            provider_id,
            coalesce(account_id, '') as account_key,
            cast(count(*) as bigint) as charged_request_count,
            {{ money_sum("recorded_cost_usd") }} as recorded_charge_usd,
            {{ money_sum("contracted_cost_usd") }} as metered_usd,
            cast(count(*) - count(contracted_cost_usd) as bigint) as unpriced_request_count
        from {{ ref("fct_llm_requests") }}
        where recorded_cost_kind = 'charge'
        group by 1, 2, 3
    ),

    others as (
        select
            usage_date,
            provider_id,
            coalesce(account_id, '') as account_key,
            {{ money_sum("contracted_cost_usd") }} as other_metered_usd,
            cast(sum(case when unpriced_reason is not null then 1 else 0 end) as bigint) as other_unpriced_row_count
        from {{ ref("fct_llm_usage_hourly") }}
        where coalesce(recorded_cost_kind, 'estimate') <> 'charge' and usage_date in (select usage_date from charges)
        group by 1, 2, 3
    ),

    usage_days as (
        select
            charges.*,
            others.other_metered_usd,
            coalesce(others.other_unpriced_row_count, 0) as other_unpriced_row_count
        from charges
        left join
            others
            on others.usage_date = charges.usage_date
            and others.provider_id is not distinct from charges.provider_id
            and others.account_key = charges.account_key
    ),

    covered as (
        select usage_days.*, coverage.usage_date is not null as is_billed
        from usage_days
        left join
            {{ ref("int_bill_coverage") }} as coverage
            on coverage.provider_id = usage_days.provider_id
            and coverage.account_id = usage_days.account_key
            and coverage.usage_date = usage_days.usage_date
    ),

    bills as (
        select
            covered.usage_date,
            covered.provider_id,
            covered.account_key,
            {{ money_sum("billed.billed_cost_usd") }} as billed_usd
        from covered
        inner join
            {{ ref("fct_charges") }} as billed
            on billed.provider_id = covered.provider_id
            and billed.charge_date = covered.usage_date
            and billed.is_llm_charge
            and billed.charge_category = 'Usage'
            and coalesce(billed.charge_period_end_utc, cast(billed.charge_date as timestamp))
            <= billed.charge_date + interval '1' day
            and (
                covered.account_key = ''
                or billed.billing_account_id is null
                or covered.account_key
                in ({{ account_of("billed.billing_account_id") }}, {{ account_of("billed.sub_account_id") }})
            )
        where covered.is_billed
        group by 1, 2, 3
    ),

    measured as (
        select
            covered.*,
            bills.billed_usd,
            case
                when covered.unpriced_request_count = 0
                then cast(covered.recorded_charge_usd - covered.metered_usd as decimal(38, 12))
            end as metered_difference_usd,
            case
                when covered.other_unpriced_row_count = 0
                then
                    cast(
                        bills.billed_usd
                        - covered.recorded_charge_usd
                        - coalesce(covered.other_metered_usd, 0) as decimal(38, 12)
                    )
            end as billed_difference_usd,
            cast(covered.charged_request_count as decimal(18, 0)) * cast(0.000001 as decimal(6, 6)) as rounding_usd
        from covered
        left join
            bills
            on bills.usage_date = covered.usage_date
            and bills.provider_id is not distinct from covered.provider_id
            and bills.account_key = covered.account_key
    )

select
    {{ surrogate_key(["usage_date", "provider_id", "account_key"]) }} as recorded_charge_key,
    usage_date,
    provider_id,
    nullif(account_key, '') as account_id,
    charged_request_count,
    recorded_charge_usd,
    metered_usd,
    unpriced_request_count,
    metered_difference_usd,
    other_metered_usd,
    billed_usd,
    billed_difference_usd,
    case when is_billed then cast(0 as decimal(38, 12)) else recorded_charge_usd end as counted_as_spend_usd,
    case
        when not is_billed
        then 'no_bill'
        when billed_usd is null
        then 'bill_of_more_days'
        when billed_difference_usd is null
        then 'not_comparable'
        when abs(billed_difference_usd) <= rounding_usd
        then 'agrees'
        when billed_difference_usd > 0
        then 'bill_says_more'
        else 'bill_says_less'
    end as bill_status
from measured
