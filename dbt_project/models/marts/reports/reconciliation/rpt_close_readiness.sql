{#- What speaks against closing a month: each check with what was measured and what the seed close_thresholds allows.
    The command line adds what only it can know: the date of today, the order of months, the hash chain. -#}
with
    costs as (
        select
            {{ month_of("usage_date") }} as period_date,
            count(distinct usage_date) as day_count,
            sum(abs(allocated_cost_usd)) as spend_usd,
            sum(case when cost_center_id = 'unallocated' then abs(allocated_cost_usd) else 0 end) as unallocated_usd,
            sum(
                case when cost_basis in ('contracted', 'recorded', 'estimated') then abs(allocated_cost_usd) else 0 end
            ) as not_billed_usd,
            sum(spend_item_count) as item_count,
            sum(unknown_cost_item_count) as unknown_item_count,
            sum(case when spend_item_type = 'usage' then unknown_cost_item_count else 0 end) as unpriced_item_count,
            sum(case when spend_item_type = 'gpu' then unknown_cost_item_count else 0 end) as unrated_gpu_count
        from {{ ref("fct_allocated_costs_daily") }}
        -- Overhead is on top of what is carried already, and comes back with the other sign.
        where allocation_stage <> 'overhead'
        group by 1
    ),

    gaps as (
        select
            {{ month_of("usage_date") }} as period_date,
            sum(case when status in ('missing', 'partial') then 1 else 0 end) as gap_count,
            min(
                case
                    when status in ('missing', 'partial')
                    then source || ' ' || endpoint || ' ' || cast(usage_date as string)
                end
            ) as first_gap
        from {{ ref("rpt_source_completeness") }}
        where usage_date is not null
        group by 1
    ),

    -- Days that reports of a provider lack are counted above; these are sources that bring files.
    holes as (
        select
            {{ month_of("usage_date") }} as period_date,
            count(*) as hole_count,
            min(cast(usage_date as string) || ' of ' || source || ', ' || reason) as first_hole
        from {{ ref("rpt_incomplete_days") }}
        where source not like 'api/%'
        group by 1
    ),

    reconciled as (
        select
            months.month_date as period_date,
            {{ money_sum("months.unknown_usd") }} as unknown_usd,
            {{ money_sum("months.billed_usd") }} as billed_usd
        from
            (
                select
                    provider_id,
                    account_id,
                    month_date,
                    sum(case when residual_class = 'unknown' then abs(amount_usd) else 0 end) as unknown_usd,
                    max(abs(month_billed_cost_usd)) as billed_usd
                from {{ ref("fct_reconciliation_monthly") }}
                group by 1, 2, 3
            ) as months
        group by 1
    ),

    measured as (
        select
            costs.period_date,
            'source_days_missing' as check_name,
            cast(coalesce(gaps.gap_count, 0) as decimal(38, 12)) as measured,
            case
                when gaps.gap_count > 0 then 'for example ' || gaps.first_gap || '; costops backfill fetches days'
            end as detail
        from costs
        left join gaps on gaps.period_date = costs.period_date
        union all
        select
            costs.period_date,
            'usage_days_missing',
            cast(coalesce(holes.hole_count, 0) as decimal(38, 12)),
            case when holes.hole_count > 0 then 'for example ' || holes.first_hole || '; see rpt_incomplete_days' end
        from costs
        left join holes on holes.period_date = costs.period_date
        union all
        select
            period_date,
            'days_without_spend',
            cast(
                {{ days_between("period_date", "cast(period_date + interval '1' month as date)") }}
                - day_count as decimal(38, 12)
            ),
            cast(null as string)
        from costs
        union all
        select
            period_date,
            'unallocated_share_pct',
            {{ percent("unallocated_usd", "spend_usd") }},
            cast(cast(unallocated_usd as decimal(38, 2)) as string)
            || ' of '
            || cast(cast(spend_usd as decimal(38, 2)) as string)
            || ' USD; see rpt_unallocated'
        from costs
        union all
        select
            period_date,
            'unknown_cost_items_pct',
            {{ percent("unknown_item_count", "item_count") }},
            cast(unknown_item_count as string)
            || ' of '
            || cast(item_count as string)
            || ' items'
            || case when unpriced_item_count > 0 then '; see fct_unpriced_usage_daily' else '' end
            || case
                when unknown_item_count > unpriced_item_count + unrated_gpu_count
                then '; see rpt_missing_fx_rates'
                else ''
            end
            || case
                when unrated_gpu_count > 0 then '; GPU hours without a rate: see infrastructure_rates.csv' else ''
            end
        from costs
        union all
        select
            costs.period_date,
            'unexplained_share_pct',
            {{ percent("reconciled.unknown_usd", "reconciled.billed_usd") }},
            cast(cast(reconciled.unknown_usd as decimal(38, 2)) as string)
            || ' of '
            || cast(cast(reconciled.billed_usd as decimal(38, 2)) as string)
            || ' USD billed; see rpt_reconciliation_monthly'
        from costs
        left join reconciled on reconciled.period_date = costs.period_date
        union all
        select
            period_date,
            'not_billed_share_pct',
            {{ percent("not_billed_usd", "spend_usd") }},
            cast(cast(not_billed_usd as decimal(38, 2)) as string) || ' USD at contracted prices, without a bill'
        from costs
    )

select
    measured.period_date,
    measured.check_name,
    measured.measured,
    thresholds.maximum,
    thresholds.is_blocking,
    coalesce(measured.measured <= thresholds.maximum, true) as is_passed,
    measured.detail
from measured
inner join {{ ref("close_thresholds") }} as thresholds on thresholds.check_name = measured.check_name
