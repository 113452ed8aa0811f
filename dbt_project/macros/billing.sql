{#- Equality of two SKUs; provider and service may be unknown. -#}
{% macro same_sku(left, right) -%}
    {{ left }}.sku_pattern_text = {{ right }}.sku_pattern_text
    and coalesce({{ left }}.provider_id, '') = coalesce({{ right }}.provider_id, '')
    and coalesce({{ left }}.service_name, '') = coalesce({{ right }}.service_name, '')
{%- endmacro %}

{#- A number as printed, to 18 places; NULL where the text is not a plain number. -#}
{% macro printed_number(text) -%}
    try_cast({{ text }} as decimal(38, 18))
{%- endmacro %}

{#- Lower case, with punctuation other than the point as spaces: names then match as whole words. -#}
{% macro words_of(text) -%}
    translate(lower({{ text }}), '-_,/():"@', '         ')
{%- endmacro %}
