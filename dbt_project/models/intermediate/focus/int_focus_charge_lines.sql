{#- The spend line that carries each charge: lines are charges that differ in nothing a rule or a reader of allocation
    sees. -#}
with
    lines as (
        select spend_item_key, {{ charge_line_key("usage_date", "project_id", "charge_last_date") }} as line_key
        from {{ ref("int_spend_lines") }}
        where spend_item_type = 'charge'
    ),

    charges as (
        select
            charge_key,
            {{
                charge_line_key(
                    "charge_date",
                    "sub_account_id",
                    "case when is_llm_charge then "
                    ~ last_day_of_charge("charge_date", "charge_period_end_utc")
                    ~ " end",
                )
            }} as line_key
        from
            (
                select
                    {{ all_but("charges", ["sub_account_id", "billing_account_id"]) }},
                    {{ account_of("sub_account_id") }} as sub_account_id,
                    {{ account_of("billing_account_id") }} as billing_account_id
                from {{ ref("int_charges") }} as charges
            ) as fct_charges
    ),

    focus_charges as (
        select charge_key, replace(charge_key, '-unused', '') as own_charge_key from {{ ref("int_focus_charges") }}
    )

select focus_charges.charge_key, lines.spend_item_key
from focus_charges
inner join charges on charges.charge_key = focus_charges.own_charge_key
inner join lines on lines.line_key = charges.line_key
