{#- The usage context of an event, as raw_prices.model_aliases spells it. -#}
{% macro usage_context(relation) -%}
    coalesce({{ relation }}.provider_name, '') as provider_name,
    coalesce({{ relation }}.served_model, {{ relation }}.requested_model, '') as model,
    coalesce({{ relation }}.is_batch, false) as is_batch,
    coalesce({{ relation }}.served_service_tier, {{ relation }}.requested_service_tier, '') as service_tier,
    coalesce({{ relation }}.speed, '') as speed,
    {{ price_region(relation ~ ".region") }} as price_region
{%- endmacro %}

{#- The same of a row of a usage report, which says less: its provider's name is beside it. -#}
{% macro reported_context() -%}
    coalesce(model, '') as model,
    coalesce(reported_is_batch, false) as is_batch,
    coalesce(service_tier, '') as service_tier,
    coalesce(speed, '') as speed,
    {{ price_region("region") }} as price_region
{%- endmacro %}

{#- Where a call ran, as far as prices may ask: '' where it ran anywhere. -#}
{% macro price_region(region) -%}
    case
        when lower(trim(coalesce({{ region }}, ''))) in ('', 'global', 'not_available', 'default', 'unspecified')
        then ''
        else lower(trim({{ region }}))
    end
{%- endmacro %}

{#- Equality of two usage contexts. -#}
{% macro same_context(left, right) -%}
    {%- for column in context_columns() -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }} {%- if not loop.last %} and {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Whether a row of int_usage_contexts holds for an instant. -#}
{% macro context_at(contexts, instant) -%}
    {{ contexts }}.applies_from_utc <= {{ instant }} and {{ contexts }}.applies_to_utc > {{ instant }}
{%- endmacro %}

{#- Whether it holds at any time of a UTC day. -#}
{% macro context_on(contexts, day) -%}
    {{ contexts }}.applies_from_utc < {{ day }} + interval '1' day and {{ contexts }}.applies_to_utc > {{ day }}
{%- endmacro %}

{% macro delete_vanished_files(requests) %}
    {%- set vanished -%}
        select distinct source_file_id
        from {{ this }}
        where source_file_id not in (select coalesce(_source_file_id, -1) from {{ requests }})
    {%- endset -%}
    {{ delete_rows("source_file_id", vanished) if is_incremental() else "select 1" }}
{% endmacro %}

{#- Second of the UTC day of an instant, as a whole number. -#}
{% macro second_of_day(instant) -%}
    {{ return(adapter.dispatch("second_of_day", "llm_cost_ops")(instant)) }}
{%- endmacro %}

{% macro default__second_of_day(instant) -%}
    cast(
        extract(hour from {{ instant }}) * 3600
        + extract(minute from {{ instant }}) * 60
        + floor(extract(second from {{ instant }})) as bigint
    )
{%- endmacro %}

{% macro duckdb__second_of_day(instant) -%}
    ({{ whole_quotient("epoch_us(" ~ instant ~ ")", 1000000) }} % 86400 + 86400) % 86400
{%- endmacro %}

{#- Whether a price (int_prices_at_the_time) holds on all of a card or a cell of one: dates, time of day, size. -#}
{% macro price_on_card(prices, cards) -%}
    {{ prices }}.applies_from_utc <= {{ cards }}.valid_from_utc
    and {{ prices }}.applies_to_utc >= {{ cards }}.valid_to_utc
    and {{ prices }}.time_of_day_from_second <= {{ cards }}.time_of_day_from_second
    and {{ prices }}.time_of_day_to_second >= {{ cards }}.time_of_day_to_second
    and {{ prices }}.context_over_tokens <= {{ cards }}.context_over_tokens
    and {{ prices }}.context_up_to_tokens >= {{ cards }}.context_up_to_tokens
{%- endmacro %}
