{#- The meters of int_llm_usage_hourly as rows, each with its price and cost. A view: what is stored is the aggregate,
    rebuilt by day; prices are read from the cards it points to, which a changed fingerprint keeps in step. What an
    agreement prices by account or by the month's quantity comes from int_usage_agreed_parts. -#}
{{ config(materialized="view") }}

{%- set dimensions = ["usage_hour_utc", "usage_date", "usage_context_id", "price_card_id"] + usage_dimensions() %}

with
    metered as (
        {{
            counted_meters(
                ref("int_llm_usage_hourly"),
                dimensions + ["usage_row_id"],
                [
                    ("request_count", "bigint"),
                    ("error_count", "bigint"),
                    ("recorded_cost_request_count", "bigint"),
                    ("recorded_cost_usd", "decimal(38, 12)"),
                ],
            )
        }}
    ),

    described as (
        select
            metered.*,
            case when metered.is_billable then metered.billed_quantity else 0 end as billable_quantity,
            contexts.provider_id,
            contexts.model_id,
            nullif(contexts.provider_name, '') as raw_provider,
            nullif(contexts.model, '') as raw_model,
            nullif(contexts.service_tier, '') as service_tier,
            contexts.is_batch,
            nullif(contexts.speed, '') as speed,
            contexts.price_variant,
            contexts.unpriced_reason as context_unpriced_reason,
            cards.price_card_key,
            cards.context_tier,
            prices.price_key,
            prices.list_price_usd_per_unit,
            case
                when agreed.usage_row_id is not null
                then agreed.whole_price_usd_per_unit
                else prices.contracted_price_usd_per_unit
            end as contracted_price_usd_per_unit,
            prices.is_charged,
            agreed.usage_row_id is not null as is_agreed,
            agreed.whole_cost_usd as agreed_cost_usd,
            agreed.unpriced_reason as agreed_unpriced_reason,
            metered.meter = 'request'
            and metered.is_billable
            and metered.billed_quantity <> 0
            and (not metered.has_reported_usage or metered.unknown_usage_reason is not null) as is_unknown_usage
        from metered
        left join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = metered.usage_context_id
        left join {{ ref("int_price_cards") }} as cards on cards.price_card_id = metered.price_card_id
        left join
            {{ ref("int_price_card_meters") }} as prices
            on prices.price_card_id = metered.price_card_id
            and prices.meter = metered.meter
        left join
            {{ ref("int_usage_agreed_parts") }} as agreed
            on agreed.usage_row_id = metered.usage_row_id
            and agreed.meter = metered.meter
            and agreed.part_number = 1
    )

select
    {{ surrogate_key(["usage_row_id", "meter"]) }} as usage_hourly_key,
    usage_row_id,
    usage_hour_utc,
    usage_date,
    provider_id,
    account_id,
    project_id,
    workspace_id,
    api_key_id,
    user_id,
    team_id,
    customer_id,
    feature,
    environment,
    model_id,
    raw_provider,
    raw_model,
    service_tier,
    is_batch,
    speed,
    price_variant,
    context_tier,
    price_card_key,
    region,
    event_source,
    is_billable,
    has_reported_usage,
    unknown_usage_reason,
    coalesce(is_unseen, false) as is_unseen,
    meter,
    unit,
    is_token,
    quantity,
    billable_quantity,
    request_count,
    error_count,
    recorded_cost_kind,
    recorded_cost_request_count,
    price_key,
    list_price_usd_per_unit,
    contracted_price_usd_per_unit,
    {{ metered_cost("list_price_usd_per_unit") }} as list_cost_usd,
    case
        when is_agreed then agreed_cost_usd else {{ metered_cost("contracted_price_usd_per_unit") }}
    end as contracted_cost_usd,
    recorded_cost_usd,
    case
        when billable_quantity = 0
        then cast(null as string)
        when is_unknown_usage and has_reported_usage and price_card_id is null
        then coalesce(context_unpriced_reason, {{ reason_without_card("usage_date") }})
        when is_unknown_usage
        then coalesce(unknown_usage_reason, 'usage_not_reported')
        when is_agreed
        then agreed_unpriced_reason
        when contracted_price_usd_per_unit is not null
        then cast(null as string)
        when price_card_id is not null
        then 'no_price_for_meter'
        else coalesce(context_unpriced_reason, {{ reason_without_card("usage_date") }})
    end as unpriced_reason
from described
-- Surcharges exist only where the list prices them; the counts behind them lie inside output.
where coalesce(is_charged, false) or is_agreed or meter not in ('reasoning_surcharge', 'citation_surcharge')
