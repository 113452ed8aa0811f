{#- Stage four: overhead at a rate. Who bears it gets the rate on what it carries so far, and the cost center that
    recovers it the same amount with the other sign, so the sum does not change. One rate per recovering cost center:
    one that names the bearer beats one for all, then the lower priority number. -#}
{%- set columns = portion_columns() %}
{%- set split = columns | reject("in", ["amount_usd", "allocated_ratio"]) | list %}

with
    rates as (
        select rule_id, priority, source_id, target_id, percent, share_weight, valid_from_utc, valid_to_utc
        from {{ ref("int_allocation_rules") }}
        where method = 'overhead'
    ),

    -- Rates that name their bearer and rates for all, apart: one join on either would compare every portion with
    -- every rate.
    rated as (
        {%- for bearer in ["rates.source_id = portions.cost_center_id", "rates.source_id is null"] %}
            select
                portions.*,
                rates.rule_id as rate_rule_id,
                rates.target_id,
                rates.percent,
                rates.share_weight,
                rates.priority,
                {{ loop.index }} as distance
            from {{ ref("int_portions_served") }} as portions
            inner join
                rates
                on {{ bearer }}
                and rates.target_id <> portions.cost_center_id
                and {{ valid_on("rates", "portions.usage_date") }}
            where
                portions.cost_center_id <> 'unallocated' and portions.amount_usd <> 0 {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    borne as (
        select
            *,
            row_number() over (
                partition by portion_key, target_id order by distance, priority, rate_rule_id
            ) as rate_rank
        from rated
    ),

    parts as (
        select
            borne.*,
            kinds.kind,
            borne.portion_key || '>' || borne.target_id as load_key,
            case
                kinds.kind when 'load' then borne.share_weight else {{ to_units("100") }} - borne.share_weight
            end as weight
        from borne
        cross join
            (
                select 'load' as kind
                union all
                select 'rest' as kind
            ) as kinds
        where borne.rate_rank = 1 and borne.share_weight > 0
    ),

    loads as (
        {{
            split_exactly(
                "parts",
                "load_key",
                "kind",
                "weight",
                split + ["kind", "load_key", "target_id", "rate_rule_id", "percent"],
            )
        }}
    )

select {{ columns | join(", ") }}
from {{ ref("int_portions_served") }}
{%- for method, sign in [("overhead", ""), ("overhead_recovery", "-")] %}
    union all
    select
        spend_item_key,
        {{ surrogate_key(["load_key", "'" ~ method ~ "'"]) }},
        usage_date,
        scope_key,
        {% if sign %} cast(null as varchar), cast(null as varchar), target_id,
        {% else %} team_id, owner_project_id, cost_center_id,
        {% endif %}
        feature,
        customer_id,
        'overhead',
        '{{ method }}',
        rate_rule_id,
        'percent',
        percent,
        evidence_coverage,
        false,
        cast({{ sign }}amount_usd as decimal(38, 12)),
        cast({{ sign }}allocated_ratio as decimal(38, 12))
    from loads
    where kind = 'load'
{%- endfor %}
