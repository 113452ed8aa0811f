{#- Who carries the spend: each spend item split over its owners (assert_allocation_is_exact_at_every_stage). Money
    moves by rules; requests, tokens and item counts stay with the owner that ownership names, on a row of their own
    that costs 0 where the money has moved. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_vanished_days(ref('int_allocation_day_fingerprints')) }}",
    )
}}

with
    lines as (select * from {{ lines_to_allocate() }} as lines_to_allocate),

    portions as (select * from {{ ref("int_portions_loaded") }}),

    moved as (select distinct spend_item_key from portions where not is_whole and allocation_stage <> 'overhead'),

    counted as (
        select
            portions.spend_item_key as allocated_cost_key,
            lines.spend_item_key,
            portions.team_id,
            portions.owner_project_id,
            portions.cost_center_id,
            portions.feature,
            portions.customer_id,
            portions.allocation_stage,
            portions.allocation_method,
            portions.rule_id,
            portions.basis_metric,
            portions.basis_quantity,
            portions.evidence_coverage,
            portions.allocated_ratio,
            portions.amount_usd as allocated_cost_usd,
            true as has_counts
        from portions
        inner join lines on lines.spend_item_key = portions.spend_item_key
        where portions.is_whole
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
            cast(null as varchar),
            cast(null as varchar),
            cast(null as decimal(38, 12)),
            cast(null as varchar),
            cast(0 as decimal(38, 12)),
            cast(0 as decimal(38, 12)),
            true
        from lines
        inner join moved on moved.spend_item_key = lines.spend_item_key
        union all
        select
            {{ surrogate_key(["portion_key", "'part'"]) }},
            spend_item_key,
            team_id,
            owner_project_id,
            cost_center_id,
            feature,
            customer_id,
            allocation_stage,
            allocation_method,
            rule_id,
            basis_metric,
            basis_quantity,
            evidence_coverage,
            allocated_ratio,
            amount_usd,
            false
        from portions
        where not is_whole
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
    lines.api_key_id,
    lines.user_id,
    counted.customer_id,
    counted.feature,
    lines.environment,
    lines.model_id,
    lines.charge_category,
    lines.service_name,
    lines.tags,
    lines.cost_kind,
    counted.team_id,
    counted.owner_project_id,
    counted.cost_center_id,
    counted.allocation_stage,
    counted.allocation_method,
    counted.rule_id,
    counted.basis_metric,
    counted.basis_quantity,
    counted.evidence_coverage,
    counted.allocated_ratio,
    counted.allocated_cost_usd,
    lines.cost_basis,
    case when counted.has_counts then lines.list_cost_usd end as list_cost_usd,
    case when counted.has_counts then lines.spend_item_count else cast(0 as bigint) end as spend_item_count,
    case
        when counted.has_counts then lines.unknown_cost_item_count else cast(0 as bigint)
    end as unknown_cost_item_count,
    {%- for column in ["request_count", "input_tokens", "output_tokens"] %}
        case when counted.has_counts then lines.{{ column }} end as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %},
    lines._inputs_fingerprint
from counted
inner join lines on lines.spend_item_key = counted.spend_item_key
