{#- For each comparison with too much or too little: whether it evens out with adjacent days (a run of days of one SKU whose
    differences sum to zero) or within the month, and whether either side had not arrived yet. -#}
{%- set series = 'provider_id, account_id, model_key, meter_key' %}
with differences as (
    select
        *,
        max(case when is_by_amount then 1 else 0 end) over (partition by {{ series }}, cell_month) as is_by_amount_series
    from {{ ref('int_reconciliation_differences') }}
    where quantity_usd <> 0 or quantity_delta <> 0
),

measured as (
    select
        *,
        cast(case when is_by_amount_series = 1 then quantity_usd else quantity_delta end as decimal(38, 12)) as difference,
        cast(case when is_by_amount_series = 1 then tolerance_usd else 0 end as decimal(38, 12)) as allowance,
        lag(cell_date) over (partition by {{ series }} order by cell_date) as previous_date
    from differences
),

marked as (
    select
        *,
        sum(case when previous_date is null or previous_date < cast(cell_date - interval '1' day as date) then 1 else 0 end)
            over (partition by {{ series }} order by cell_date rows between unbounded preceding and current row) as run_number
    from measured
),

totals as (
    select
        *,
        abs(sum(difference) over (partition by {{ series }}, run_number)) <= sum(allowance) over (partition by {{ series }}, run_number)
            and count(*) over (partition by {{ series }}, run_number) > 1 as evens_out_in_run,
        abs(sum(difference) over (partition by {{ series }}, cell_month)) <= sum(allowance) over (partition by {{ series }}, cell_month)
            and count(*) over (partition by {{ series }}, cell_month) > 1 as evens_out_in_month
    from marked
),

bounds as (
    select
        provider_id, account_id,
        max(case when charge_count > 0 then cell_date end) as last_billed_date,
        max(case when is_metered then cell_date end) as last_metered_date
    from {{ ref('int_reconciliation_differences') }}
    group by 1, 2
),

billed_months as (
    select distinct provider_id, account_id, cell_month
    from {{ ref('int_reconciliation_differences') }}
    where charge_count > 0
)

select
    {% for column in reconciliation_cell() %}totals.{{ column }}, {% endfor %}
    totals.quantity_usd,
    totals.quantity_delta,
    case
        when totals.evens_out_in_run or totals.evens_out_in_month then 'cut_off'
        when totals.quantity_usd < 0 and (
            billed_months.cell_month is null
            or (
                totals.grain not like '%_month'
                and totals.cell_date > cast(bounds.last_billed_date - cast(limits.late_days as bigint) * interval '1' day as date)
            )
            or unfinished.side = 'billed'
        ) then 'late_arrival'
        when totals.quantity_usd > 0 and (
            totals.cell_date > bounds.last_metered_date
            or unfinished.side = 'metered'
        ) then 'late_arrival'
        when totals.is_by_amount and totals.treatment = 'amounts' then 'unknown'
        when totals.quantity_usd > 0 then 'in_cost_not_in_usage'
        else 'in_usage_not_in_cost'
    end as residual_class,
    billed_months.cell_month is null as has_no_bill
from totals
inner join bounds
    on bounds.provider_id = totals.provider_id
    and bounds.account_id = totals.account_id
inner join {{ ref('int_reconciliation_limits') }} as limits
    on limits.provider_id = totals.provider_id
left join billed_months
    on billed_months.provider_id = totals.provider_id
    and billed_months.account_id = totals.account_id
    and billed_months.cell_month = totals.cell_month
left join {{ ref('int_reconciliation_unfinished_days') }} as unfinished
    on unfinished.provider_id = totals.provider_id
    and unfinished.usage_date = totals.cell_date
    and unfinished.side = case when totals.quantity_usd < 0 then 'billed' else 'metered' end
