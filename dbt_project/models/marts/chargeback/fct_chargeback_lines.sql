{#- Every statement, closed and open. Closed lines are those of the ledger and change no more; all lines of a charge
    month together equal its allocation of today, to the last decimal (assert_chargeback_equals_allocation). Open lines
    are put in cents: a period's total is rounded once, half to even; cost centers share it by largest remainder, and
    the lines of a cost center share its cents the same way, so that lines, cost centers and the total agree. -#}
with
    open_lines as (
        select *, {{ statement_line_key() }} as chargeback_line_key from {{ ref("int_chargeback_open_lines") }}
    ),

    cost_centers as (
        select statement_period_date, cost_center_id, {{ money_sum("amount_usd") }} as amount_usd
        from open_lines
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
        from open_lines
        where amount_usd is not null
        group by 1, 2
    ),

    line_cents as (
        select
            open_lines.chargeback_line_key,
            {{ cents_below("open_lines.amount_usd") }} + case
                when
                    row_number() over (
                        partition by open_lines.statement_period_date, open_lines.cost_center_id
                        order by {{ cents_left_over("open_lines.amount_usd") }} desc, open_lines.chargeback_line_key
                    )
                    <= center_cents.cents - line_floors.cents_below
                then 1
                else 0
            end as cents
        from open_lines
        inner join
            center_cents
            on center_cents.statement_period_date = open_lines.statement_period_date
            and center_cents.cost_center_id = open_lines.cost_center_id
        inner join
            line_floors
            on line_floors.statement_period_date = open_lines.statement_period_date
            and line_floors.cost_center_id = open_lines.cost_center_id
        where open_lines.amount_usd is not null
    ),

    cents as (
        select open_lines.*, {{ dollars_of_cents("line_cents.cents") }} as statement_amount_usd
        from open_lines
        left join line_cents on line_cents.chargeback_line_key = open_lines.chargeback_line_key
    ),

    lines as (
        select
            statement_period_date,
            'closed' as period_status,
            charge_period_date,
            cost_center_id,
            coalesce(team_id, '') as team_id,
            coalesce(provider_id, '') as provider_id,
            category,
            coalesce(cost_kind, '') as cost_kind,
            allocation_type,
            line_type,
            amount_usd,
            statement_amount_usd,
            request_count,
            unknown_cost_item_count,
            line_number
        from {{ ref("stg_ledger__closed_lines") }}
        union all
        select
            statement_period_date,
            period_status,
            charge_period_date,
            cost_center_id,
            team_id,
            provider_id,
            category,
            cost_kind,
            allocation_type,
            line_type,
            amount_usd,
            statement_amount_usd,
            request_count,
            unknown_cost_item_count,
            cast(
                row_number() over (
                    partition by statement_period_date
                    order by
                        cost_center_id,
                        line_type,
                        charge_period_date,
                        team_id,
                        provider_id,
                        category,
                        cost_kind,
                        allocation_type
                ) as bigint
            )
        from cents
    )

select
    {{ statement_line_key() }} as chargeback_line_key,
    statement_period_date,
    period_status,
    line_number,
    cost_center_id,
    nullif(team_id, '') as team_id,
    nullif(provider_id, '') as provider_id,
    category,
    nullif(cost_kind, '') as cost_kind,
    line_type,
    allocation_type,
    charge_period_date,
    line_type = 'correction' as is_correction,
    amount_usd,
    statement_amount_usd,
    request_count,
    unknown_cost_item_count
from lines
