{#- Open lines in cents. A period's total is rounded once, half to even; cost centers share it by largest remainder, and
    the lines of a cost center share its cents the same way, so that lines, cost centers and the total agree. -#}
with
    lines as (select *, {{ statement_line_key() }} as chargeback_line_key from {{ ref("int_chargeback_open_lines") }}),

    cost_centers as (
        select statement_period_date, cost_center_id, {{ money_sum("amount_usd") }} as amount_usd
        from lines
        where amount_usd is not null
        group by 1, 2
    ),

    totals as (
        select
            statement_period_date,
            {{ money_sum("amount_usd") }} as amount_usd,
            sum({{ cents_below("amount_usd") }}) as cents_below
        from cost_centers
        group by 1
    ),

    center_cents as (
        select
            cost_centers.statement_period_date,
            cost_centers.cost_center_id,
            {{ cents_below("cost_centers.amount_usd") }} + case
                when
                    row_number() over (
                        partition by cost_centers.statement_period_date
                        order by {{ cents_left_over("cost_centers.amount_usd") }} desc, cost_centers.cost_center_id
                    )
                    <= {{ cents_half_even("totals.amount_usd") }} - totals.cents_below
                then 1
                else 0
            end as cents
        from cost_centers
        inner join totals on totals.statement_period_date = cost_centers.statement_period_date
    ),

    line_floors as (
        select statement_period_date, cost_center_id, sum({{ cents_below("amount_usd") }}) as cents_below
        from lines
        where amount_usd is not null
        group by 1, 2
    ),

    line_cents as (
        select
            lines.chargeback_line_key,
            {{ cents_below("lines.amount_usd") }} + case
                when
                    row_number() over (
                        partition by lines.statement_period_date, lines.cost_center_id
                        order by {{ cents_left_over("lines.amount_usd") }} desc, lines.chargeback_line_key
                    )
                    <= center_cents.cents - line_floors.cents_below
                then 1
                else 0
            end as cents
        from lines
        inner join
            center_cents
            on center_cents.statement_period_date = lines.statement_period_date
            and center_cents.cost_center_id = lines.cost_center_id
        inner join
            line_floors
            on line_floors.statement_period_date = lines.statement_period_date
            and line_floors.cost_center_id = lines.cost_center_id
        where lines.amount_usd is not null
    )

select lines.*, {{ dollars_of_cents("line_cents.cents") }} as statement_amount_usd
from lines
left join line_cents on line_cents.chargeback_line_key = lines.chargeback_line_key
