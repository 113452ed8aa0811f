{#- The charges of every format, with the provider's id and a text of the SKU that patterns are matched against. -#}
{{ config(materialized='view') }}

with charges as (
    {% for name in ['focus', 'aws_cur', 'azure', 'oci'] -%}
    select * from {{ ref('int_charges_' ~ name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    charges.*,
    coalesce(aliases.provider_id, lower(charges.provider_name)) as provider_id,
    ' ' || {{ words_of('charges.sku_text') }} || ' ' as sku_pattern_text
from charges
left join {{ ref('provider_aliases') }} as aliases
    on aliases.alias = lower(trim(charges.provider_name))
    and not aliases.is_gateway
