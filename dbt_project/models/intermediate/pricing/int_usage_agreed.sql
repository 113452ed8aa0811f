{#- Hourly usage whose price depends on the account or on the month's quantity: the ladder that applies and how many
    units of its scope came before in the calendar month (UTC), in the order of hour, row and meter. Among all offers
    the most specific wins, then the latest; where that is an offer of the price card, the row is not here. An offer for
    an account also meets usage of an unknown account: whether it applies is then unknown, and so is the price. -#}
with
    offers as (
        select distinct
            usage_context_id,
            ladder_key,
            tier_scope,
            account_id,
            meter,
            is_tiered,
            is_conditional,
            discount_pct is not null and not is_tiered as is_for_every_meter,
            valid_from_utc,
            valid_to_utc,
            specificity
        from {{ ref("int_contexts_offered") }}
        where usage_context_id in (select usage_context_id from {{ ref("int_contexts_offered") }} where is_conditional)
    ),

    metered as (
        {%- for meter in usage_meters() %}
            select
                usage_row_id,
                usage_hour_utc,
                usage_date,
                usage_context_id,
                price_card_id,
                account_id,
                '{{ meter.meter }}' as meter,
                {{ meter.is_token }} as is_token,
                {{ meter.billed }} as quantity
            from {{ ref("int_llm_usage_hourly") }}
            where
                is_billable
                and has_reported_usage
                and {{ meter.billed }} > 0
                and usage_context_id in (select usage_context_id from offers)
                {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    candidates as (
        select
            metered.*,
            offers.ladder_key,
            offers.tier_scope,
            offers.is_tiered,
            offers.is_conditional,
            offers.account_id is not null and metered.account_id is null as is_unknown_account,
            row_number() over (
                partition by metered.usage_row_id, metered.meter
                order by
                    offers.specificity desc, offers.valid_from_utc desc, offers.is_conditional desc, offers.ladder_key
            ) as offer_rank
        from metered
        inner join
            offers
            on offers.usage_context_id = metered.usage_context_id
            and offers.valid_from_utc <= metered.usage_hour_utc
            and offers.valid_to_utc > metered.usage_hour_utc
            and (offers.account_id is null or metered.account_id is null or offers.account_id = metered.account_id)
            and (
                offers.meter = metered.meter
                or (offers.meter is null and (metered.is_token or offers.is_for_every_meter))
            )
    ),

    agreed as (select * from candidates where offer_rank = 1 and is_conditional),

    months as (select *, {{ month_of("usage_date") }} as month_start_date from agreed)

select
    usage_row_id,
    usage_hour_utc,
    usage_date,
    month_start_date,
    usage_context_id,
    price_card_id,
    meter,
    quantity,
    ladder_key,
    tier_scope,
    is_tiered,
    is_unknown_account,
    case
        when is_tiered and not is_unknown_account
        then
            cast(
                sum(quantity) over (
                    partition by tier_scope, is_tiered, is_unknown_account, month_start_date
                    order by usage_hour_utc, usage_row_id, meter
                    rows between unbounded preceding and current row
                ) as bigint
            )
            - quantity
        else cast(0 as bigint)
    end as units_before
from months
