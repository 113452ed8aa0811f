{#- Each month with charges or a statement, and the month that charges of it are billed in: its own while it is open,
    the month after the last closed one when it is closed. Months before the first closed one are outside the
    ledger. -#}
with
    closed as (select distinct statement_period_date as period_date from {{ ref("stg_ledger__closed_lines") }}),

    bounds as (
        select
            min(period_date) as first_closed_date,
            max(period_date) as last_closed_date,
            cast(max(period_date) + interval '1' month as date) as next_open_date
        from closed
    ),

    months as (
        select charge_period_date as period_date
        from {{ ref("int_chargeback_costs") }}
        union
        select charge_period_date
        from {{ ref("stg_ledger__closed_lines") }}
        union
        select period_date
        from closed
        union
        select next_open_date
        from bounds
        where next_open_date is not null
    )

select
    months.period_date,
    case
        when closed.period_date is not null
        then 'closed'
        when months.period_date < bounds.first_closed_date
        then 'before_ledger'
        else 'open'
    end as period_status,
    case
        when closed.period_date is not null then bounds.next_open_date else months.period_date
    end as open_statement_period_date
from months
cross join bounds
left join closed on closed.period_date = months.period_date
