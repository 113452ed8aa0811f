{#- The fingerprint of a day's usage, and where contracts count by the month also of what that makes of its cost:
    earlier usage that arrives late moves the later days of its month. -#}
with
    agreed as (
        select
            usage_date,
            md5({{ sorted_text(surrogate_key(["usage_row_id", "meter", "contracted_cost_usd"])) }}) as fingerprint
        from {{ ref("int_usage_agreed_costs") }}
        group by usage_date
    )

select
    days.usage_date,
    days.inputs_fingerprint || coalesce('-' || agreed.fingerprint, '') as inputs_fingerprint,
    agreed.usage_date is not null as has_agreed_costs
from {{ ref("int_usage_day_fingerprints") }} as days
left join agreed on agreed.usage_date = days.usage_date
