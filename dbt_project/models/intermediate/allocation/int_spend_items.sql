{#- Everything that is spend, once: each charge of a bill, usage, and what repricing adjusted. Usage that a bill covers
    (same provider, account and day; usage without an account: any of the provider) keeps its counts here and costs 0,
    as its cost is in the charges, a recorded one too; so does its adjustment. -#}
with
    charges as (
        select
            charge_date as usage_date,
            'charge' as spend_item_type,
            provider_id,
            {{ account_of("coalesce(sub_account_id, billing_account_id)") }} as account_id,
            {{ account_of("billing_account_id") }} as billing_account_id,
            {{ account_of("sub_account_id") }} as project_id,
            {{ account_of("sub_account_id") }} as workspace_id,
            cast(null as varchar) as api_key_id,
            cast(null as varchar) as user_id,
            cast(null as varchar) as team_id,
            cast(null as varchar) as customer_id,
            cast(null as varchar) as feature,
            cast(null as varchar) as environment,
            model_id,
            charge_category,
            service_name,
            tags,
            is_llm_charge,
            cost_kind,
            case
                when is_llm_charge then {{ last_day_of_charge("charge_date", "charge_period_end_utc") }}
            end as charge_last_date,
            'billed' as cost_basis,
            {{ money_sum("spend_usd") }} as spend_usd,
            {{ money_sum("case when billing_currency = 'USD' then list_cost end") }} as list_cost_usd,
            cast(count(*) as bigint) as spend_item_count,
            cast(count(*) - count(spend_usd) as bigint) as unknown_cost_item_count,
            cast(null as bigint) as request_count,
            cast(null as bigint) as input_tokens,
            cast(null as bigint) as output_tokens,
            cast(null as decimal(38, 12)) as metered_cost_usd
        from {{ ref("int_charges_to_allocate") }}
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
    ),

    usage as (
        select
            daily.usage_date,
            'usage' as spend_item_type,
            daily.provider_id,
            daily.account_id,
            cast(null as varchar) as billing_account_id,
            daily.project_id,
            daily.workspace_id,
            daily.api_key_id,
            daily.user_id,
            daily.team_id,
            daily.customer_id,
            daily.feature,
            daily.environment,
            daily.model_id,
            'Usage' as charge_category,
            cast(null as varchar) as service_name,
            cast(null as varchar) as tags,
            true as is_llm_charge,
            'llm' as cost_kind,
            cast(null as date) as charge_last_date,
            case when coverage.usage_date is not null then 'billed' else daily.cost_basis end as cost_basis,
            case
                when coverage.usage_date is not null then cast(0 as decimal(38, 12)) else daily.spend_usd
            end as spend_usd,
            daily.list_cost_usd,
            daily.usage_row_count as spend_item_count,
            case
                when coverage.usage_date is not null then cast(0 as bigint) else daily.unknown_spend_row_count
            end as unknown_cost_item_count,
            daily.request_count,
            daily.input_tokens,
            daily.output_tokens,
            daily.contracted_cost_usd as metered_cost_usd
        from {{ ref("int_llm_usage_daily") }} as daily
        left join
            {{ ref("int_bill_coverage") }} as coverage
            on coverage.provider_id = daily.provider_id
            and coverage.account_id = coalesce(daily.account_id, '')
            and coverage.usage_date = daily.usage_date
    ),

    adjustments as (
        select
            adjusted.usage_date,
            'adjustment' as spend_item_type,
            adjusted.provider_id,
            adjusted.account_id,
            cast(null as varchar) as billing_account_id,
            adjusted.project_id,
            adjusted.workspace_id,
            adjusted.api_key_id,
            adjusted.user_id,
            adjusted.team_id,
            adjusted.customer_id,
            adjusted.feature,
            adjusted.environment,
            adjusted.model_id,
            'Adjustment' as charge_category,
            cast(null as varchar) as service_name,
            cast(null as varchar) as tags,
            true as is_llm_charge,
            'llm' as cost_kind,
            cast(null as date) as charge_last_date,
            case when coverage.usage_date is not null then 'billed' else 'contracted' end as cost_basis,
            case
                when coverage.usage_date is not null
                then cast(0 as decimal(38, 12))
                else adjusted.contracted_difference_usd
            end as spend_usd,
            adjusted.list_difference_usd as list_cost_usd,
            cast(1 as bigint) as spend_item_count,
            cast(0 as bigint) as unknown_cost_item_count,
            cast(null as bigint) as request_count,
            cast(null as bigint) as input_tokens,
            cast(null as bigint) as output_tokens,
            cast(null as decimal(38, 12)) as metered_cost_usd
        from {{ ref("stg_adjustments__price_adjustments") }} as adjusted
        left join
            {{ ref("int_bill_coverage") }} as coverage
            on coverage.provider_id = adjusted.provider_id
            and coverage.account_id = coalesce(adjusted.account_id, '')
            and coverage.usage_date = adjusted.usage_date
    ),

    items as (
        select *
        from charges
        union all
        select *
        from usage
        union all
        select *
        from adjustments
        union all
        select *
        from {{ ref("int_spend_besides_usage") }}
    )

select
    *,
    {{
        surrogate_key(
            [
                "usage_date",
                "provider_id",
                "account_id",
                "billing_account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "team_id",
                "tags",
            ]
        )
    }} as owner_lookup_key
from items
