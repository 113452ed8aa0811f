{#- Stage three, first part: fixed amounts per calendar month. Each portion that the rule takes in gives its share of
    the amounts; what the month has beyond them stays for the other rules. A month with less gives all it has, one with
    nothing or a credit gives nothing. -#}
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
                from {{ ref("int_portions_owned") }}
            ) as portions
        left join
            {{ ref("int_rule_days") }} as days
            on days.scope_key = portions.open_scope_key
            and days.usage_date = portions.usage_date
            and days.pass = 'fixed'
    ),

    months as (
        select rule_version_key, {{ month_of("usage_date") }} as month_start_date, sum(amount_usd) as spend_usd
        from portions
        where rule_version_key is not null
        group by 1, 2
        having sum(amount_usd) > 0
    ),

    shares as (
        select
            shares.rule_version_key,
            shares.usage_date,
            shares.rule_id,
            shares.method,
            shares.target_type,
            shares.target_id,
            shares.basis_metric,
            shares.basis_quantity,
            shares.weight
        from {{ ref("int_rule_shares") }} as shares
        where shares.method = 'fixed_amount'
        union all
        select
            shares.rule_version_key,
            shares.usage_date,
            cast(null as varchar),
            'rest',
            '',
            '',
            cast(null as varchar),
            cast(null as decimal(38, 12)),
            {{ to_units("max(months.spend_usd)") }} - sum(shares.weight)
        from {{ ref("int_rule_shares") }} as shares
        inner join
            months
            on months.rule_version_key = shares.rule_version_key
            and months.month_start_date = {{ month_of("shares.usage_date") }}
        where shares.method = 'fixed_amount'
        group by 1, 2
        having {{ to_units("max(months.spend_usd)") }} > sum(shares.weight)
    ),

    parts as ({{ rule_parts("portions", "shares", "months") }}),

    split as ({{ split_exactly("parts", "source_portion_key", "portion_key", "weight", split) }})

select {{ portion_columns() | join(", ") }}
from split
union all
select {% for column in portion_columns() %} portions.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
from portions
left join
    months
    on months.rule_version_key = portions.rule_version_key
    and months.month_start_date = {{ month_of("portions.usage_date") }}
where months.rule_version_key is null
