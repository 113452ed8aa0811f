{#- Each distinct list of thresholds with its members as numbers; what is not a number is left out. -#}
with
    lists as (select distinct thresholds_pct from {{ ref("int_budgets") }}),

    members as ({{ split_text("lists", "thresholds_pct", ";") }})

select thresholds_pct, try_cast(trim(member) as decimal(18, 6)) as threshold_pct
from members
where try_cast(trim(member) as decimal(18, 6)) is not null
