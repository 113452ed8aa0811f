{#- Both times of a price: when it is valid and when it was known. Ends are half-open; what is known now has no end
    yet. -#}
{%- macro beginning_of_time() -%} cast('1900-01-01' as timestamp) {%- endmacro %}

{% macro end_of_time() -%} cast('2200-01-01' as timestamp) {%- endmacro %}

{#- The known period of a row under the lens of this run: as it is for figures of the time, all of time where a run asks
    for what was known at one instant (var prices_as_known_at, set by `costops reprice`). -#}
{% macro known_period(relation) -%}
    {%- if var("prices_as_known_at") -%}
        {{ beginning_of_time() }} as known_from_utc, {{ end_of_time() }} as known_to_utc
    {%- else -%} {{ relation }}.known_from_utc, {{ relation }}.known_to_utc
    {%- endif -%}
{%- endmacro %}

{#- Whether a row takes part at all under the lens of this run. -#}
{% macro is_in_lens(relation) -%}
    {{ relation }}.known_from_utc < {{ relation }}.known_to_utc
    {%- if var("prices_as_known_at") %}
        and {{ relation }}.known_from_utc <= cast('{{ var("prices_as_known_at") }}' as timestamp)
        and {{ relation }}.known_to_utc > cast('{{ var("prices_as_known_at") }}' as timestamp)
    {%- endif -%}
{%- endmacro %}

{#- Since when a price is valid as far as its source can know: the public list begins on a day, a user's history has its
    own. -#}
{% macro knowable_from(relation) -%}
    case
        when {{ relation }}.price_source in ('genai-prices', 'tool-prices')
        then greatest({{ relation }}.valid_from_utc, {{ list_knows_from() }})
        else {{ relation }}.valid_from_utc
    end
{%- endmacro %}

{% macro list_knows_from() -%} cast('{{ var("price_list_knows_from") }}' as timestamp) {%- endmacro %}

{#- Why usage of a known model falls on no price card. -#}
{% macro reason_without_card(day) -%}
    case when {{ day }} < {{ list_knows_from() }} then 'price_before_list_knowledge' else 'no_price_at_time' end
{%- endmacro %}

{#- Whether a day is in the window of a run that reprices; such a run leaves all other days out. -#}
{% macro in_repriced_window(day) -%}
    {{ day }} between cast('{{ var("from_date") or "1900-01-01" }}' as date) and cast(
        '{{ var("to_date") or "2199-12-31" }}' as date
    )
{%- endmacro %}

{#- Meters that cost nothing where a list prices the model and does not name them (int_price_card_meters): their absence
    is known, so a price learned later does not fill it. -#}
{% macro meters_free_where_unlisted() %}
    {{
        return(
            [
                "request",
                "reasoning_surcharge",
                "citation_surcharge",
                "input_character",
                "audio_millisecond",
                "document_page",
                "annotated_document_page",
            ]
        )
    }}
{% endmacro %}
