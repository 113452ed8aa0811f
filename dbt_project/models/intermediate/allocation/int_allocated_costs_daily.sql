{#- Who carries the spend: each spend item split over its owners (assert_allocation_is_exact_at_every_stage). Stage four
    comes last: overhead at a rate. Who bears it gets the rate on what it carries so far, and the cost center that
    recovers it the same amount with the other sign, so the sum does not change. One rate per recovering cost center:
    one that names the bearer beats one for all, then the lower priority number. Money moves by rules; requests, tokens
    and item counts stay with the owner that ownership names, on a row of their own that costs 0 where the money has
    moved. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(ref('int_allocation_day_fingerprints')) }}",
    )
}}
{%- set columns = portion_columns() %}
{%- set split = columns | reject("in", ["amount_usd", "allocated_ratio"]) | list %}
{%- set own = [
    "team_id",
    "owner_project_id",
    "cost_center_id",
    "feature",
    "customer_id",
    "allocation_stage",
    "allocation_method",
    "rule_id",
    "basis_metric",
    "basis_quantity",
    "evidence_coverage",
    "allocated_ratio",
] %}

with
    lines as (select * from {{ lines_to_allocate() }} as lines_to_allocate),

    shared as (select * from {{ ref("int_portions_shared") }}),

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
            from shared as portions
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
    ),

    portions as (
        select {{ columns | join(", ") }}
        from shared
        {%- for method, sign in [("overhead", ""), ("overhead_recovery", "-")] %}
            union all
            select
                spend_item_key,
                {{ surrogate_key(["load_key", "'" ~ method ~ "'"]) }},
                usage_date,
                scope_key,
                {% if sign %} cast(null as string), cast(null as string), target_id,
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
    ),

    moved as (select distinct spend_item_key from portions where not is_whole and allocation_stage <> 'overhead'),

    counted as (
        select
            case
                when is_whole then spend_item_key else {{ surrogate_key(["portion_key", "'part'"]) }}
            end as allocated_cost_key,
            spend_item_key,
            {{ own | join(", ") }},
            amount_usd as allocated_cost_usd,
            is_whole as has_counts
        from portions
        union all
        select
            lines.spend_item_key,
            lines.spend_item_key,
            lines.team_id,
            lines.owner_project_id,
            lines.cost_center_id,
            lines.feature,
            lines.customer_id,
            case when lines.ownership_method = 'unallocated' then 'unallocated' else 'ownership' end,
            lines.ownership_method,
            cast(null as string),
            cast(null as string),
            cast(null as decimal(38, 12)),
            cast(null as string),
            cast(0 as decimal(38, 12)),
            cast(0 as decimal(38, 12)),
            true
        from lines
        inner join moved on moved.spend_item_key = lines.spend_item_key
    )

select
    counted.allocated_cost_key,
    counted.spend_item_key,
    lines.usage_date,
    lines.spend_item_type,
    lines.provider_id,
    lines.account_id,
    -- A bill's sub-account stands in for project and workspace only while looking for the owner.
    case when lines.spend_item_type <> 'charge' then lines.project_id end as project_id,
    case when lines.spend_item_type <> 'charge' then lines.workspace_id end as workspace_id,
    {%- for column in ["api_key_id", "user_id", "environment", "model_id", "charge_category", "service_name", "tags"] %}
        lines.{{ column }},
    {%- endfor %}
    lines.cost_kind,
    {%- for column in own %} counted.{{ column }}, {%- endfor %}
    counted.allocated_cost_usd,
    lines.cost_basis,
    {%- for column in ["list_cost_usd", "request_count", "input_tokens", "output_tokens"] %}
        case when counted.has_counts then lines.{{ column }} end as {{ column }},
    {%- endfor %}
    {%- for column in ["spend_item_count", "unknown_cost_item_count"] %}
        case when counted.has_counts then lines.{{ column }} else cast(0 as bigint) end as {{ column }},
    {%- endfor %}
    lines._inputs_fingerprint
from counted
inner join lines on lines.spend_item_key = counted.spend_item_key
