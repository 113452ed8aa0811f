{#- Every statement, closed and open. Closed lines are those of the ledger and change no more; all lines of a charge
    month together equal its allocation of today, to the last decimal (assert_chargeback_equals_allocation). -#}
with
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
        from {{ ref("int_chargeback_cents") }}
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
