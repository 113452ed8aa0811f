{#- Money × a whole number up to 8 digits, exact on every engine for amounts below 10^16. -#}
{% macro times(amount, number) -%}
    cast(cast({{ amount }} as decimal(28, 12)) * cast({{ number }} as decimal(8, 0)) as decimal(38, 12))
{%- endmacro %}

{#- Where a budget stands. The projection is spend × days in the period ÷ days elapsed; both sides are multiplied out,
    so that the comparison is exact. NULL where spend or budget is unknown. -#}
{% macro budget_status(spend, amount, elapsed, total) -%}
    case
        when {{ spend }} is null or {{ amount }} is null
        then cast(null as string)
        when {{ spend }} > {{ amount }}
        then 'over_budget'
        when {{ times(spend, total ~ " * 10") }} > {{ times(amount, elapsed ~ " * 11") }}
        then 'projected_over'
        when {{ times(spend, total) }} > {{ times(amount, elapsed) }}
        then 'at_risk'
        when {{ times(spend, total ~ " * 10") }} > {{ times(amount, elapsed ~ " * 9") }}
        then 'on_track'
        else 'under_budget'
    end
{%- endmacro %}

{#- The highest threshold that each budget stands at, by day or hour (`moment`); decided on exact products. -#}
{% macro crossed_thresholds(measured, moment, spend) -%}
    select
        {{ measured }}.budget_id,
        {{ measured }}.{{ moment }},
        cast(max(marks.threshold_pct) as decimal(38, 12)) as crossed_threshold_pct
    from {{ measured }}
    inner join
        {{ ref("int_budget_thresholds") }} as marks
        on marks.thresholds_pct = {{ measured }}.thresholds_pct
        and {{ measured }}.{{ spend }} * 100 >= {{ measured }}.amount_usd * marks.threshold_pct
        and {{ measured }}.{{ spend }} > 0
    group by 1, 2
{%- endmacro %}

{#- A budget in US dollars: as it is, else at a rate; NULL where there is none. -#}
{% macro budget_in_usd(budget, rates) -%}
    case
        when {{ budget }}.currency = 'USD'
        then {{ budget }}.amount
        else {{ converted(budget ~ ".amount", rates ~ ".usd_per_unit") }}
    end
{%- endmacro %}

{#- One basis, or that there are two. -#}
{% macro one_or_mixed(least, greatest) -%}
    case when {{ least }} = {{ greatest }} then {{ least }} when {{ least }} is not null then 'mixed' end
{%- endmacro %}

{#- Scopes that bills seldom name, held against metered usage. -#}
{% macro metered_budget_scopes() -%} ('user', 'model', 'feature') {%- endmacro %}

{#- What of a budget meets the scope of spend; models have no case. -#}
{% macro budget_scope_key() -%}
    case scope_type when 'model' then lower(scope_id) else coalesce(scope_id, '') end
{%- endmacro %}
