{#- Anthropic's cost report: a workspace is the sub account (the default one has no id), a description is the SKU. -#}
{{ config(materialized="view") }}

with
    costs as (
        select costs.*, workspaces.workspace_name
        from {{ ref("stg_anthropic__costs") }} as costs
        left join
            (
                select workspace_id, max(workspace_name) as workspace_name
                from {{ ref("stg_anthropic__workspaces") }}
                group by workspace_id
            ) as workspaces
            on workspaces.workspace_id = costs.sub_account_id
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
                "region_id",
                "billed_cost_usd",
            ],
            {
                "charge_source": "'anthropic_api'",
                "sub_account_type": "case when sub_account_id is not null then 'Workspace' end",
                "sub_account_name": "workspace_name",
                "charge_description": "line_item",
                "sku_id": "line_item",
                "sku_meter": "coalesce(token_type, cost_type)",
                "sku_text": "coalesce(model, '') || ' ' || coalesce(line_item, '') || ' ' || coalesce(token_type, '')",
                "service_category": "'AI and Machine Learning'",
                "effective_cost": "billed_cost",
                "contracted_cost": "billed_cost",
            },
        )
    }}
from costs
