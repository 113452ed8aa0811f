{{ config(meta={"dagster": {"ref": {"name": "rpt_model_comparison"}}}) }}
with
    shares as (
        select
            'model spend' as share,
            cast(period_start_date as string) || period_type as whole,
            spend_share_ratio as ratio
        from {{ ref("rpt_model_comparison") }}
        union all
        select 'model priced usage', cast(period_start_date as string) || period_type, contracted_cost_share_ratio
        from {{ ref("rpt_model_comparison") }}
        union all
        select 'model requests', cast(period_start_date as string) || period_type, request_share_ratio
        from {{ ref("rpt_model_comparison") }}
        union all
        select scope_type, cast(month_start_date as string), spend_share_ratio
        from {{ ref("rpt_spend_ranking_monthly") }}
        union all
        select 'unallocated', 'all', unallocated_share_ratio
        from {{ ref("rpt_unallocated") }}
    )

select share, whole, sum(ratio) as total
from shares
group by 1, 2
having abs(sum(ratio) - 1) > 0.000000001 + count(*) * 0.000000000001
