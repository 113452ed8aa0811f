{#- The stretches of time in which the tree does not change, half-open, without gaps from 1900 to 2200. -#}
with
    moments as (
        select valid_from_utc as moment
        from {{ ref("stg_org__cost_centers") }}
        where valid_from_utc is not null
        union
        select valid_to_utc
        from {{ ref("stg_org__cost_centers") }}
        where valid_to_utc is not null
        union
        select cast('1900-01-01' as timestamp)
        union
        select cast('2200-01-01' as timestamp)
    ),

    stretches as (select moment as valid_from_utc, lead(moment) over (order by moment) as valid_to_utc from moments)

select valid_from_utc, valid_to_utc
from stretches
where valid_to_utc is not null
