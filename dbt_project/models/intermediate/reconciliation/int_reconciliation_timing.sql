{#- For each comparison with too much or too little: whether it evens out with adjacent days (a run of days of one SKU
    whose differences sum to zero) or within the month, whether it is carried over from day to day up to the newest
    billed day (never more than was metered), and whether either side had not arrived yet. -#}
{%- set series = "provider_id, account_id, model_key, meter_key" %}
with
    -- Days whose usage or cost report a provider has not finished, by the ledger of pulls.
    unfinished as (
        select distinct
            case when source = 'api/gcp' then 'google' else replace(source, 'api/', '') end as provider_id,
            usage_date,
            case
                when endpoint like '%cost%' or endpoint like '%billing%' or endpoint = 'activity'
                then 'billed'
                else 'metered'
            end as side
        from {{ ref("stg_landing__pulls") }}
        where status in ('partial', 'missing') and usage_date is not null
    ),

    bounds as (
        select
            provider_id,
            account_id,
            max(case when charge_count > 0 then cell_date end) as last_billed_date,
            max(case when is_metered then cell_date end) as last_metered_date
        from {{ ref("int_reconciliation_differences") }}
        group by 1, 2
    ),

    differences as (
        select
            differences.*,
            bounds.last_billed_date,
            bounds.last_metered_date,
            max(case when is_by_amount then 1 else 0 end) over (
                partition by differences.provider_id, differences.account_id, model_key, meter_key, cell_month
            ) as is_by_amount_series
        from {{ ref("int_reconciliation_differences") }} as differences
        inner join bounds on bounds.provider_id = differences.provider_id and bounds.account_id = differences.account_id
        where quantity_usd <> 0 or quantity_delta <> 0
    ),

    measured as (
        select
            *,
            cast(
                case when is_by_amount_series = 1 then quantity_usd else quantity_delta end as decimal(38, 12)
            ) as difference,
            cast(case when is_by_amount_series = 1 then tolerance_usd else 0 end as decimal(38, 12)) as allowance,
            lag(cell_date) over (partition by {{ series }} order by cell_date) as previous_date
        from differences
    ),

    marked as (
        select
            *,
            -- Days after the newest billed one are late on their own.
            sum(
                case
                    when
                        previous_date >= cast(cell_date - interval '1' day as date)
                        and not (cell_date > last_billed_date and previous_date <= last_billed_date)
                    then 0
                    else 1
                end
            ) over (partition by {{ series }} order by cell_date rows between unbounded preceding and current row)
            as run_number
        from measured
    ),

    totals as (
        select
            *,
            abs(sum(difference) over (partition by {{ series }}, run_number))
            <= sum(allowance) over (partition by {{ series }}, run_number)
            and count(*) over (partition by {{ series }}, run_number) > 1 as evens_out_in_run,
            max(cell_date) over (partition by {{ series }}, run_number) as run_end_date,
            max(difference) over (partition by {{ series }}, run_number) > 0 as has_surplus,
            sum(difference) over (
                partition by {{ series }}, run_number
                order by cell_date
                rows between unbounded preceding and current row
            ) as carried,
            case when is_by_amount_series = 1 then metered_cost_usd else coalesce(metered_quantity, 0) end as metered,
            abs(sum(difference) over (partition by {{ series }}, cell_month))
            <= sum(allowance) over (partition by {{ series }}, cell_month)
            and count(*) over (partition by {{ series }}, cell_month) > 1 as evens_out_in_month
        from marked
    ),

    runs as (
        select
            *,
            has_surplus
            and min(case when carried <= 0 and - carried <= metered then 1 else 0 end) over (
                partition by {{ series }}, run_number
            )
            = 1 as is_carried_over
        from totals
    ),

    billed_months as (
        select distinct provider_id, account_id, cell_month
        from {{ ref("int_reconciliation_differences") }}
        where charge_count > 0
    )

select
    {% for column in reconciliation_cell() %} runs.{{ column }}, {% endfor %}
    runs.quantity_usd,
    runs.quantity_delta,
    case
        when runs.evens_out_in_run or runs.evens_out_in_month
        then 'cut_off'
        when
            runs.is_carried_over
            and runs.run_end_date = runs.last_billed_date
            and (runs.cell_date < runs.run_end_date or runs.quantity_usd > 0)
        then 'cut_off'
        when
            runs.quantity_usd < 0
            and (
                billed_months.cell_month is null
                or (
                    runs.grain not like '%_month'
                    and runs.cell_date
                    > cast(runs.last_billed_date - cast(limits.late_days as bigint) * interval '1' day as date)
                )
                or unfinished.side = 'billed'
            )
        then 'late_arrival'
        when runs.quantity_usd > 0 and (runs.cell_date > runs.last_metered_date or unfinished.side = 'metered')
        then 'late_arrival'
        when runs.is_by_amount and runs.treatment = 'amounts'
        then 'unknown'
        when runs.quantity_usd > 0
        then 'in_cost_not_in_usage'
        else 'in_usage_not_in_cost'
    end as residual_class,
    billed_months.cell_month is null as has_no_bill
from runs
inner join {{ ref("int_reconciliation_limits") }} as limits on limits.provider_id = runs.provider_id
left join
    billed_months
    on billed_months.provider_id = runs.provider_id
    and billed_months.account_id = runs.account_id
    and billed_months.cell_month = runs.cell_month
left join
    unfinished
    on unfinished.provider_id = runs.provider_id
    and unfinished.usage_date = runs.cell_date
    and unfinished.side = case when runs.quantity_usd < 0 then 'billed' else 'metered' end
