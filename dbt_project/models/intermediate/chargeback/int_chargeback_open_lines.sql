{#- Lines of statements that are not closed. Charges of an open month are lines of that month. Of a closed month, what
    the allocation of today says beyond all statements so far is a correction in the next open month, with its original
    month: once that statement is closed too, nothing is left to correct, so each correction is charged once. -#}
{%- set grain = statement_grain() %}
with
    costs as (select * from {{ ref("int_chargeback_costs") }}),

    closed_lines as (select * from {{ ref("stg_ledger__closed_lines") }}),

    closed as (select distinct statement_period_date as period_date from closed_lines),

    bounds as (
        select
            min(period_date) as first_closed_date,
            max(period_date) as last_closed_date,
            cast(max(period_date) + interval '1' month as date) as next_open_date
        from closed
    ),

    months as (
        select charge_period_date as period_date
        from costs
        union
        select charge_period_date
        from closed_lines
        union
        select period_date
        from closed
        union
        select next_open_date
        from bounds
        where next_open_date is not null
    ),

    -- Each month with charges or a statement, and the month that charges of it are billed in: its own while it is open,
    -- the month after the last closed one when it is closed. Months before the first closed one are outside the ledger.
    periods as (
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
    ),

    charged as (
        select
            charge_period_date,
            {{ grain | join(", ") }},
            {{ money_sum("amount_usd") }} as amount_usd,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
        from
            (
                select
                    charge_period_date,
                    cost_center_id,
                    coalesce(team_id, '') as team_id,
                    coalesce(provider_id, '') as provider_id,
                    category,
                    coalesce(cost_kind, '') as cost_kind,
                    allocation_type,
                    amount_usd,
                    request_count,
                    unknown_cost_item_count
                from closed_lines
            ) as lines
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    regular as (
        select
            costs.charge_period_date as statement_period_date,
            periods.period_status,
            costs.charge_period_date,
            {% for column in grain %} costs.{{ column }}, {% endfor %}
            costs.allocation_type as line_type,
            costs.amount_usd,
            costs.request_count,
            costs.unknown_cost_item_count
        from costs
        inner join periods on periods.period_date = costs.charge_period_date
        where periods.period_status <> 'closed'
    ),

    known as (
        select charge_period_date, {{ grain | join(", ") }}
        from costs
        union
        select charge_period_date, {{ grain | join(", ") }}
        from charged
    ),

    differences as (
        select
            periods.open_statement_period_date as statement_period_date,
            'open' as period_status,
            known.charge_period_date,
            {% for column in grain %} known.{{ column }}, {% endfor %}
            'correction' as line_type,
            cast(coalesce(costs.amount_usd, 0) - coalesce(charged.amount_usd, 0) as decimal(38, 12)) as amount_usd,
            case
                when costs.request_count is not null or charged.request_count is not null
                then coalesce(costs.request_count, 0) - coalesce(charged.request_count, 0)
            end as request_count,
            coalesce(costs.unknown_cost_item_count, 0)
            - coalesce(charged.unknown_cost_item_count, 0) as unknown_cost_item_count
        from known
        inner join periods on periods.period_date = known.charge_period_date and periods.period_status = 'closed'
        {%- for side in ["costs", "charged"] %}
            left join
                {{ side }} on {{ side }}.charge_period_date = known.charge_period_date
                {%- for column in grain %} and {{ side }}.{{ column }} = known.{{ column }} {%- endfor %}
        {%- endfor %}
    )

select *
from regular
union all
select *
from differences
where amount_usd <> 0 or coalesce(request_count, 0) <> 0 or unknown_cost_item_count <> 0
