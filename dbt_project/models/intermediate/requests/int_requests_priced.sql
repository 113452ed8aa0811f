{#- Each request priced on its own: the same prices as the hourly fact, without taking it apart into meters. -#}
{{ config(materialized="view") }}

with
    requests as (
        select
            requests.*,
            contexts.provider_id,
            contexts.model_id,
            contexts.price_variant,
            contexts.unpriced_reason as context_unpriced_reason,
            cards.price_card_key,
            cards.context_tier,
            coalesce(by_any.usage_context_id, by_account.usage_context_id) is not null as is_priced_by_month
        from {{ ref("int_requests_carded") }} as requests
        left join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = requests.usage_context_id
        left join {{ ref("int_price_cards") }} as cards on cards.price_card_id = requests.price_card_id
        {%- for name, account in [("by_any", "''"), ("by_account", "coalesce(requests.account_id, '?')")] %}
            left join
                {{ ref("int_contexts_conditional") }} as {{ name }}
                on {{ name }}.usage_context_id = requests.usage_context_id
                and {{ name }}.account_id = {{ account }}
                and {{ name }}.valid_from_utc <= requests.requested_at_utc
                and {{ name }}.valid_to_utc > requests.requested_at_utc
        {%- endfor %}
    ),

    priced as (
        select
            requests.*,
            {%- for kind in ["list", "contracted"] %}
                {{ priced_total(kind, "requests", "prices") }} as priced_{{ kind }}_cost_usd,
                {{ unpriced_meters(kind, "requests", "prices") }} as {{ kind }}_unpriced_count{{ ',' if not loop.last }}
            {%- endfor %}
        from requests
        left join {{ ref("int_price_cards_wide") }} as prices on prices.price_card_id = requests.price_card_id
    )

select
    priced.*,
    case
        when not is_billable
        then cast(0 as decimal(38, 12))
        when has_reported_usage and unknown_usage_reason is null and list_unpriced_count = 0
        then priced_list_cost_usd
    end as list_cost_usd,
    case
        when not is_billable
        then cast(0 as decimal(38, 12))
        when
            not is_priced_by_month
            and has_reported_usage
            and unknown_usage_reason is null
            and contracted_unpriced_count = 0
        then priced_contracted_cost_usd
    end as contracted_cost_usd,
    case
        when not is_billable
        then cast(null as string)
        when not has_reported_usage
        then 'usage_not_reported'
        when price_card_id is null and not is_priced_by_month and contracted_unpriced_count > 0
        then coalesce(context_unpriced_reason, {{ reason_without_card("usage_date") }})
        when unknown_usage_reason is not null
        then unknown_usage_reason
        when is_priced_by_month
        then 'priced_by_month'
        when contracted_unpriced_count = 0
        then cast(null as string)
        else 'no_price_for_meter'
    end as unpriced_reason
from priced
