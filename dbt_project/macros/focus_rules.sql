{#- quantity × unit price to 12 places, where 38 digits hold it exactly before it is rounded; else NULL. -#}
{% macro focus_product(quantity, price) -%}
    case
        when abs({{ quantity }}) < 10000000 and abs({{ price }}) < 10000000
            then cast(cast({{ quantity }} as decimal(19, 12)) * cast({{ price }} as decimal(19, 12)) as decimal(38, 12))
        when {{ quantity }} = cast({{ quantity }} as decimal(38, 6))
            and abs({{ quantity }}) < 10000000000000000 and abs({{ price }}) < 10000
            then cast(cast({{ quantity }} as decimal(22, 6)) * cast({{ price }} as decimal(16, 12)) as decimal(38, 12))
    end
{%- endmacro %}

{#- A text as JSON string. -#}
{% macro json_string(text) -%}
    '"' || replace(replace({{ text }}, chr(92), chr(92) || chr(92)), '"', chr(92) || '"') || '"'
{%- endmacro %}

{#- SkuPriceDetails of a bill with model and meter of ours in front, unless it has them. -#}
{% macro sku_details(details, model, meter) -%}
    case
        when {{ model }} is null and {{ meter }} is null then {{ details }}
        when {{ details }} like '%"x_Model"%' or {{ details }} like '%"x_Meter"%' then {{ details }}
        else '{'
            || coalesce('"x_Model":' || {{ json_string(model) }}, '')
            || case when {{ model }} is not null and {{ meter }} is not null then ',' else '' end
            || coalesce('"x_Meter":' || {{ json_string(meter) }}, '')
            || case when replace(coalesce({{ details }}, '{}'), ' ', '') = '{}' then '}' else ',' || substr(trim({{ details }}), 2) end
    end
{%- endmacro %}
