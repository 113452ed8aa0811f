{#- Joins a provider's name, in lower case, with the provider it means; gateways are nobody's provider. -#}
{% macro join_provider(name, alias='aliases') -%}
    left join {{ ref('provider_aliases') }} as {{ alias }}
        on {{ alias }}.alias = {{ name }}
        and not {{ alias }}.is_gateway
{%- endmacro %}

{#- Equality of two SKUs; provider and service may be unknown. -#}
{% macro same_sku(left, right) -%}
    {{ left }}.sku_pattern_text = {{ right }}.sku_pattern_text
    and coalesce({{ left }}.provider_id, '') = coalesce({{ right }}.provider_id, '')
    and coalesce({{ left }}.service_name, '') = coalesce({{ right }}.service_name, '')
{%- endmacro %}

{#- What rounding an amount to 12 places moved: the printed text minus the amount, exact to 30 places for amounts below
    10^8 and to 18 above; NULL where the text is missing or no number. -#}
{% macro rounding_moved(text, amount) -%}
    coalesce(
        try_cast({{ text }} as decimal(38, 30)) - try_cast({{ amount }} as decimal(38, 30)),
        cast(try_cast({{ text }} as decimal(38, 18)) - try_cast({{ amount }} as decimal(38, 18)) as decimal(38, 30))
    )
{%- endmacro %}

{#- Lower case, with punctuation other than the point as spaces: names then match as whole words. -#}
{% macro words_of(text) -%}
    translate(lower({{ text }}), '-_,/():"@', '         ')
{%- endmacro %}
