{#- What usage holds and no rule prices, so that no figure looks more complete than it is: counters that nobody knows
    and tools without a meter (named by the readers in the requests themselves), places whose price is unknown, and
    tokens of a modality that the list prices as text. -#}
with
    requests as (select * from {{ ref("fct_llm_requests") }} where unresolved_usage is not null),

    named as (
        select
            event_source,
            provider_id,
            raw_model,
            usage_date,
            {{ unresolved_item("item", "key") }} as usage_key,
            {{ unresolved_item("item", "reason") }} as reason,
            cast({{ unresolved_item("item", "quantity") }} as bigint) as quantity,
            cast(1 as bigint) as request_count,
            recorded_cost_usd
        from (select *, {{ one_row_each(unresolved_items("unresolved_usage")) }} as item from requests) as items
    ),

    elsewhere as (
        select
            hourly.event_source,
            contexts.provider_id,
            nullif(contexts.model, '') as raw_model,
            hourly.usage_date,
            'region ' || contexts.price_region as usage_key,
            contexts.unpriced_reason as reason,
            {{ token_total("input", "hourly") }} + {{ token_total("output", "hourly") }} as quantity,
            hourly.request_count,
            hourly.recorded_cost_usd
        from {{ ref("int_llm_usage_hourly") }} as hourly
        inner join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = hourly.usage_context_id
        where contexts.unpriced_reason = 'price_region_unknown' and hourly.is_billable
    ),

    modal as (
        {%- for meter in usage_meters() if meter.is_token and modality_of(meter) in ("audio", "image", "video") %}
            select
                event_source,
                usage_date,
                usage_context_id,
                price_card_id,
                '{{ meter.meter }}' as meter,
                '%{{ modality_of(meter) }}%' as own_price_keys,
                {{ meter.column }} as quantity
            from {{ ref("int_llm_usage_hourly") }}
            where {{ meter.column }} <> 0 and is_billable {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    by_fallback as (
        select
            modal.event_source,
            contexts.provider_id,
            nullif(contexts.model, '') as raw_model,
            modal.usage_date,
            modal.meter as usage_key,
            'priced_by_fallback' as reason,
            modal.quantity,
            cast(null as bigint) as request_count,
            cast(null as decimal(38, 12)) as recorded_cost_usd
        from modal
        inner join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = modal.usage_context_id
        inner join
            {{ ref("int_price_card_meters") }} as prices
            on prices.price_card_id = modal.price_card_id
            and prices.meter = modal.meter
        inner join {{ ref("int_price_versions") }} as versions on versions.price_key = prices.price_key
        where versions.source_price_key not like modal.own_price_keys
    ),

    unresolved as (
        select *
        from named
        union all
        select *
        from elsewhere
        union all
        select *
        from by_fallback
    )

select
    {{ surrogate_key(["event_source", "provider_id", "raw_model", "usage_key", "reason"]) }} as unresolved_usage_key,
    event_source,
    provider_id,
    raw_model,
    usage_key,
    reason,
    reason in (
        'unknown_counter',
        'unmetered_tool',
        'partial_usage',
        'conflicting_counter',
        'summed_calls',
        'price_region_unknown'
    ) as is_cost_incomplete,
    min(usage_date) as first_date,
    max(usage_date) as last_date,
    cast(sum(request_count) as bigint) as request_count,
    cast(sum(quantity) as bigint) as quantity,
    {{ money_sum("recorded_cost_usd") }} as recorded_cost_usd,
    case
        reason
        when 'unknown_counter'
        then 'report the counter with an example, or map its column (docs/sources/events.md)'
        when 'unmetered_tool'
        then 'the bill has the charge; a price for what is metered can be given in negotiated_prices.csv'
        when 'partial_usage'
        then 'a stream was cut off: the counts are a lower bound'
        when 'conflicting_counter'
        then 'two names report one quantity differently; log the provider body as it is'
        when 'summed_calls'
        then 'export single calls: what a sum of a day cost at list prices depends on each of them'
        when 'assumed_relation'
        then 'log the total or the details, so that it shows whether cached tokens lie inside the input'
        when 'price_region_unknown'
        then 'negotiated_prices.csv: say what the model costs there'
        when 'priced_by_fallback'
        then 'the list has no price of its own for these tokens and they count at the text price'
    end as remedy
from unresolved
group by event_source, provider_id, raw_model, usage_key, reason
