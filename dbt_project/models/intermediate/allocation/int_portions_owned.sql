{#- Stages one and two: each spend line whole with its owner; a charge whose account alone is owned, or nothing of it,
    is carried by the usage under it to the owners of that usage, and what usage does not explain stays where it
    was. -#}
{%- set columns = portion_columns() %}
{%- set split = columns | reject("in", ["amount_usd", "allocated_ratio"]) | list %}

with
    lines as (
        select *, case when spend_item_type = 'charge' and is_llm_charge then {{ evidence_key() }} end as evidence_key
        from {{ lines_to_allocate() }} as lines_to_allocate
    ),

    evidence as (
        select
            evidence_key,
            case
                when max(case when is_residual and weight > 0 then 1 else 0 end) = 1 then 'some' else 'all'
            end as evidence_coverage
        from {{ ref("int_evidence_shares") }}
        group by 1
    ),

    covered as (
        select
            lines.*,
            case
                when lines.spend_item_type = 'charge' then coalesce(evidence.evidence_coverage, 'none')
            end as evidence_coverage,
            evidence.evidence_coverage is not null
            and lines.spend_usd is not null
            and lines.ownership_method in ('account', 'unallocated') as is_carried
        from lines
        left join evidence on evidence.evidence_key = lines.evidence_key
    ),

    carried as (
        select
            covered.spend_item_key,
            covered.usage_date,
            covered.scope_key,
            case when shares.is_residual then covered.team_id else shares.team_id end as team_id,
            case
                when shares.is_residual then covered.owner_project_id else shares.owner_project_id
            end as owner_project_id,
            case when shares.is_residual then covered.cost_center_id else shares.cost_center_id end as cost_center_id,
            covered.feature,
            covered.customer_id,
            case
                when not shares.is_residual
                then 'usage_evidence'
                when covered.ownership_method = 'unallocated'
                then 'unallocated'
                else 'ownership'
            end as allocation_stage,
            case when shares.is_residual then covered.ownership_method else 'usage_evidence' end as allocation_method,
            cast(null as string) as rule_id,
            case when not shares.is_residual then 'metered_cost_usd' end as basis_metric,
            shares.metered_cost_usd as basis_quantity,
            covered.evidence_coverage,
            false as is_whole,
            covered.spend_usd as amount_usd,
            cast(1 as decimal(38, 12)) as allocated_ratio,
            shares.weight,
            {{
                surrogate_key(
                    [
                        "covered.spend_item_key",
                        "shares.is_residual",
                        "shares.team_id",
                        "shares.owner_project_id",
                        "shares.cost_center_id",
                    ]
                )
            }} as portion_key
        from covered
        inner join
            {{ ref("int_evidence_shares") }} as shares
            on shares.evidence_key = covered.evidence_key
            and shares.weight > 0
        where covered.is_carried
    ),

    by_evidence as ({{ split_exactly("carried", "spend_item_key", "portion_key", "weight", split) }}),

    whole as (
        select
            spend_item_key,
            spend_item_key as portion_key,
            usage_date,
            scope_key,
            team_id,
            owner_project_id,
            cost_center_id,
            feature,
            customer_id,
            -- Rules share out what was spent; what is not consumed yet waits for who draws it.
            case
                when ownership_method = 'unallocated' and spend_item_type = 'prepaid_balance'
                then 'prepaid_balance'
                when ownership_method = 'unallocated'
                then 'unallocated'
                else 'ownership'
            end as allocation_stage,
            ownership_method as allocation_method,
            cast(null as string) as rule_id,
            cast(null as string) as basis_metric,
            cast(null as decimal(38, 12)) as basis_quantity,
            evidence_coverage,
            true as is_whole,
            spend_usd as amount_usd,
            cast(1 as decimal(38, 12)) as allocated_ratio
        from covered
        where not is_carried
    )

select {{ columns | join(", ") }}
from by_evidence
union all
select {{ columns | join(", ") }}
from whole
