{#- Every distinct SKU with a number of its own, stored, so that its words and what they name meet again. -#}
with
    skus as (
        select distinct provider_id, sku_pattern_text, {{ sku_columns() | join(", ") }}
        from {{ ref("int_charges_unioned") }}
    )

select *, row_number() over (order by provider_id, sku_pattern_text, {{ sku_columns() | join(", ") }}) as sku_number
from skus
