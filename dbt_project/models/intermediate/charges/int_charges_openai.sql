{#- OpenAI's cost report: a project is the sub account, a line item is the SKU, in its own words. -#}
{{ config(materialized="view") }}

with
    costs as (
        select costs.*, projects.name as project_name
        from {{ ref("stg_openai__costs") }} as costs
        left join
            (select id, max(name) as name from {{ ref("stg_openai__projects") }} group by id) as projects
            on projects.id = costs.sub_account_id
    )

select
    {{-
        charge_columns(
            [
                "charge_period_start_utc",
                "charge_period_end_utc",
                "billing_period_start_utc",
                "billing_period_end_utc",
                "provider_name",
                "sub_account_id",
                "charge_category",
                "billed_cost",
                "billed_cost_text",
                "billing_currency",
                "_source_file_id",
                "_source_row",
                "consumed_quantity",
                "consumed_unit",
            ],
            openai_charge_values(
                {
                    "charge_source": "'openai_api'",
                    "sub_account_type": "case when sub_account_id is not null then 'Project' end",
                }
            ),
        )
    }}
from costs
