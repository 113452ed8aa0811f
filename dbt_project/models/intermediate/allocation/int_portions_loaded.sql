{#- Stage four: overhead at a rate. Who bears it gets the rate on what it carries so far, and the cost center that
    recovers it the same amount with the other sign, so the sum does not change. One rate per recovering cost center: one
    that names the bearer beats one for all, then the lower priority number. -#}
{%- set columns = portion_columns() %}
{%- set split = columns | reject('in', ['amount_usd', 'allocated_ratio']) | list %}

with rates as (
    select rule_id, priority, source_id, target_id, percent, share_weight, valid_from_utc, valid_to_utc
    from {{ ref('int_allocation_rules') }}
    where method = 'overhead'
),

borne as (
    select
        portions.*, rates.rule_id as rate_rule_id, rates.target_id, rates.percent, rates.share_weight,
        row_number() over (
            partition by portions.portion_key, rates.target_id
            order by case when rates.source_id is null then 1 else 0 end, rates.priority, rates.rule_id
        ) as rate_rank
    from {{ ref('int_portions_served') }} as portions
    inner join rates
        on (rates.source_id is null or rates.source_id = portions.cost_center_id)
        and rates.target_id <> portions.cost_center_id
        and {{ valid_on('rates', 'portions.usage_date') }}
    where portions.cost_center_id <> 'unallocated' and portions.amount_usd <> 0
),

parts as (
    select
        borne.*,
        kinds.kind,
        borne.portion_key || '>' || borne.target_id as load_key,
        case kinds.kind when 'load' then borne.share_weight else {{ to_units('100') }} - borne.share_weight end as weight
    from borne
    cross join (select 'load' as kind union all select 'rest' as kind) as kinds
    where borne.rate_rank = 1 and borne.share_weight > 0
),

loads as (
    {{ split_exactly('parts', 'load_key', 'kind', 'weight', split + ['kind', 'load_key', 'target_id', 'rate_rule_id', 'percent']) }}
)

select {{ columns | join(', ') }} from {{ ref('int_portions_served') }}
{%- for method, sign in [('overhead', ''), ('overhead_recovery', '-')] %}
union all
select
    spend_item_key, {{ surrogate_key(['load_key', "'" ~ method ~ "'"]) }}, usage_date, scope_key,
    {% if sign %}cast(null as varchar), cast(null as varchar), target_id,{% else %}team_id, owner_project_id, cost_center_id,{% endif %}
    feature, customer_id, 'overhead', '{{ method }}', rate_rule_id, 'percent', percent, evidence_coverage, false,
    cast({{ sign }}amount_usd as decimal(38, 12)), cast({{ sign }}allocated_ratio as decimal(38, 12))
from loads
where kind = 'load'
{%- endfor %}
