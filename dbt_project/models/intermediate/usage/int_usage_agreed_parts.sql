{#- Hourly usage whose price depends on the account or on the month's quantity: the ladder that applies, cut where the
    usage crosses into another band, each part at the price of its band; the parts sum to the whole. Among all offers
    the most specific wins, then the latest; where that is an offer of the price card, the row is not here. An offer for
    an account also meets usage of an unknown account: whether it applies is then unknown, and so is the price. Units
    outside every band take the price that holds without the ladder. -#}
{%- set carried = [
    "usage_row_id",
    "usage_hour_utc",
    "usage_date",
    "usage_context_id",
    "price_card_id",
    "account_id",
] %}
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

    offered as (
        select *
        from {{ ref("int_llm_usage_hourly") }}
        where is_billable and has_reported_usage and usage_context_id in (select usage_context_id from offers)
    ),

    counted as ({{ counted_meters("offered", carried) }}),

    metered as (
        select {{ carried | join(", ") }}, meter, is_token, billed_quantity as quantity
        from counted
        where billed_quantity > 0
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

    placed as (
        select *, {{ month_of("usage_date") }} as month_start_date
        from candidates
        where offer_rank = 1 and is_conditional
    ),

    -- How many units of its scope came before in the calendar month (UTC), in the order of hour, row and meter.
    agreed as (
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
        from placed
    ),

    bands as (
        select distinct
            ladder_key,
            tier_from_units,
            tier_to_units,
            discount_pct,
            price_usd_per_million_units,
            valid_from_utc,
            valid_to_utc
        from {{ ref("int_contexts_offered") }}
        where is_conditional
    ),

    in_bands as (
        select
            agreed.*,
            bands.tier_from_units,
            bands.tier_to_units,
            bands.discount_pct,
            bands.price_usd_per_million_units,
            cast(
                least(agreed.units_before + agreed.quantity, bands.tier_to_units)
                - greatest(agreed.units_before, bands.tier_from_units) as bigint
            ) as part_quantity
        from agreed
        inner join
            bands
            on bands.ladder_key = agreed.ladder_key
            and bands.valid_from_utc <= agreed.usage_hour_utc
            and bands.valid_to_utc > agreed.usage_hour_utc
            and bands.tier_from_units < agreed.units_before + agreed.quantity
            and bands.tier_to_units > agreed.units_before
    ),

    banded as (select usage_row_id, meter, cast(sum(part_quantity) as bigint) as quantity from in_bands group by 1, 2),

    parts as (
        select *
        from in_bands
        union all
        select
            agreed.*,
            cast(null as bigint),
            cast(null as bigint),
            cast(null as decimal(38, 12)),
            cast(null as decimal(38, 12)),
            agreed.quantity - coalesce(banded.quantity, 0)
        from agreed
        left join banded on banded.usage_row_id = agreed.usage_row_id and banded.meter = agreed.meter
        where agreed.quantity > coalesce(banded.quantity, 0)
    ),

    rated as (
        select
            parts.*,
            case
                when parts.is_unknown_account
                then cast(null as decimal(38, 12))
                when parts.tier_from_units is null
                then prices.contracted_price_usd_per_unit
                else {{ contracted_price("parts", "prices.list_price_usd_per_unit") }}
            end as price_usd_per_unit
        from parts
        left join
            {{ ref("int_price_card_meters") }} as prices
            on prices.price_card_id = parts.price_card_id
            and prices.meter = parts.meter
    ),

    costed as (select *, {{ priced("part_quantity", "price_usd_per_unit") }} as contracted_cost_usd from rated)

select
    usage_row_id,
    usage_hour_utc,
    usage_date,
    month_start_date,
    usage_context_id,
    meter,
    ladder_key,
    tier_scope,
    is_tiered,
    is_unknown_account,
    tier_from_units,
    tier_to_units,
    units_before,
    part_quantity,
    price_usd_per_unit as contracted_price_usd_per_unit,
    contracted_cost_usd,
    row_number() over (
        partition by usage_row_id, meter order by tier_from_units nulls last, tier_to_units
    ) as part_number,
    -- The parts together again, on each of them: the exact cost, or why it is unknown, and the price where all have it.
    case
        when count(*) over whole = count(contracted_cost_usd) over whole
        then cast(sum(contracted_cost_usd) over whole as decimal(38, 12))
    end as whole_cost_usd,
    case
        when
            count(*) over whole = count(contracted_cost_usd) over whole
            and min(price_usd_per_unit) over whole = max(price_usd_per_unit) over whole
        then min(price_usd_per_unit) over whole
    end as whole_price_usd_per_unit,
    case
        when count(*) over whole = count(contracted_cost_usd) over whole
        then cast(null as string)
        when max(case when is_unknown_account then 1 else 0 end) over whole = 1
        then 'account_not_reported'
        else 'no_price_for_tier'
    end as unpriced_reason
from costed
window whole as (partition by usage_row_id, meter)
