{#- The negotiated prices that hold whatever the account and the quantity: what price cards take up. -#}
select usage_context_id, meter, discount_pct, price_usd_per_million_units, valid_from_utc, valid_to_utc, specificity
from {{ ref("int_contexts_offered") }}
where not is_conditional
