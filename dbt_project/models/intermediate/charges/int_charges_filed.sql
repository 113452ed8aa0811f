{#- The charges of every billing file, with the provider's id. -#}
{{ config(materialized="view") }}

with
    charges as (
        {% for name in ["focus", "aws_cur", "azure", "oci"] -%}
            select * from {{ ref("int_charges_" ~ name) }} {{ 'union all' if not loop.last }}
        {% endfor %}
    )

select charges.*, coalesce(aliases.provider_id, lower(charges.provider_name)) as provider_id
from charges {{ join_provider("lower(trim(charges.provider_name))") }}
