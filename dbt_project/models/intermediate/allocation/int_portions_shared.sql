{#- Stage three: what nobody owns goes to the targets of the first rule that takes it in. -#}
{%- set split = portion_columns() | reject("in", ["amount_usd", "allocated_ratio"]) | list %}

with
    portions as (
        select portions.*, days.rule_version_key
        from
            (
                select
                    *,
                    case
                        when allocation_stage = 'unallocated' and {{ carries_money() }} then scope_key
                    end as open_scope_key
                from {{ ref("int_portions_fixed") }}
            ) as portions
        left join
            {{ ref("int_rule_days") }} as days
            on days.scope_key = portions.open_scope_key
            and days.usage_date = portions.usage_date
            and days.pass = 'rest'
    ),

    shares as (select * from {{ ref("int_rule_shares") }} where method <> 'fixed_amount'),

    parts as ({{ rule_parts("portions", "shares") }}),

    split as ({{ split_exactly("parts", "source_portion_key", "portion_key", "weight", split) }})

select {{ portion_columns() | join(", ") }}
from split
union all
select {{ portion_columns() | join(", ") }}
from portions
where rule_version_key is null
