{{ config(meta={"dagster": {"ref": {"name": "fct_chargeback_lines"}}}) }}
with
    lines as (
        select * from {{ ref("fct_chargeback_lines") }} where amount_usd is not null or statement_amount_usd is not null
    ),

    totals as (
        select statement_period_date, sum(amount_usd) as amount_usd, sum(statement_amount_usd) as statement_amount_usd
        from lines
        group by 1
    ),

    cost_centers as (
        select
            statement_period_date,
            cost_center_id,
            sum(amount_usd) as amount_usd,
            sum(statement_amount_usd) as statement_amount_usd
        from lines
        group by 1, 2
    )

select 'total' as level, cast(statement_period_date as string) as place
from totals
where abs(amount_usd - statement_amount_usd) > 0.005
union all
select 'cost center', cost_center_id
from cost_centers
where abs(amount_usd - statement_amount_usd) >= 0.01
union all
select 'line', chargeback_line_key
from lines
where
    statement_amount_usd is null
    or abs(amount_usd - statement_amount_usd) >= 0.02
    or statement_amount_usd <> cast(statement_amount_usd as decimal(38, 2))
