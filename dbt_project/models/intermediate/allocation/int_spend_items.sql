{#- Everything that is spend, once: each charge of a bill, usage, what repricing adjusted, own costs, GPU time, and by
    effective cost what was paid ahead and is not consumed yet. Usage that a bill covers (same provider, account and
    day; usage without an account: any of the provider) keeps its counts here and costs 0, as its cost is in the
    charges, a recorded one too; so does its adjustment. Own costs and GPU time are never in charges, bill coverage or
    reconciliation. -#}
{%- set of_usage = [
    "account_id",
    "project_id",
    "workspace_id",
    "api_key_id",
    "user_id",
    "team_id",
    "customer_id",
] + [
    "feature",
    "environment",
    "model_id",
] %}

with
    charges as (
        {{
            spend_item(
                "charge",
                {
                    "usage_date": "charge_date",
                    "account_id": account_of("coalesce(sub_account_id, billing_account_id)"),
                    "billing_account_id": account_of("billing_account_id"),
                    "project_id": account_of("sub_account_id"),
                    "workspace_id": account_of("sub_account_id"),
                    "charge_last_date": (
                        "case when is_llm_charge then "
                        ~ last_day_of_charge("charge_date", "charge_period_end_utc")
                        ~ " end"
                    ),
                    "cost_basis": "'billed'",
                    "spend_usd": money_sum("spend_usd"),
                    "list_cost_usd": money_sum("case when billing_currency = 'USD' then list_cost end"),
                    "spend_item_count": "count(*)",
                    "unknown_cost_item_count": "count(*) - count(spend_usd)",
                },
                has=[
                    "provider_id",
                    "model_id",
                    "charge_category",
                    "service_name",
                    "tags",
                    "is_llm_charge",
                    "cost_kind",
                ],
            )
        }}
        from {{ ref("int_charges_to_allocate") }}
        group by {% for _ in range(21) %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    covered_usage as (
        select daily.*, coverage.usage_date is not null as is_covered
        from {{ ref("int_llm_usage_daily") }} as daily {{ join_bill_coverage("daily") }}
    ),

    usage as (
        {{
            spend_item(
                "usage",
                {
                    "charge_category": "'Usage'",
                    "is_llm_charge": "true",
                    "cost_kind": "'llm'",
                    "cost_basis": "case when is_covered then 'billed' else cost_basis end",
                    "spend_usd": "case when is_covered then 0 else spend_usd end",
                    "spend_item_count": "usage_row_count",
                    "unknown_cost_item_count": "case when is_covered then 0 else unknown_spend_row_count end",
                    "metered_cost_usd": "contracted_cost_usd",
                },
                has=of_usage + ["list_cost_usd", "request_count", "input_tokens", "output_tokens"],
            )
        }}
        from covered_usage
    ),

    covered_adjustments as (
        select adjusted.*, coverage.usage_date is not null as is_covered
        from {{ ref("stg_adjustments__price_adjustments") }} as adjusted {{ join_bill_coverage("adjusted") }}
    ),

    adjustments as (
        {{
            spend_item(
                "adjustment",
                {
                    "charge_category": "'Adjustment'",
                    "is_llm_charge": "true",
                    "cost_kind": "'llm'",
                    "cost_basis": "case when is_covered then 'billed' else 'contracted' end",
                    "spend_usd": "case when is_covered then 0 else contracted_difference_usd end",
                    "list_cost_usd": "list_difference_usd",
                    "spend_item_count": "1",
                    "unknown_cost_item_count": "0",
                },
                has=of_usage,
            )
        }}
        from covered_adjustments
    ),

    own_costs as (
        {{
            spend_item(
                "tco",
                {
                    "provider_id": "null",
                    "account_id": "'tco:' || item_id",
                    "charge_category": "'Purchase'",
                    "service_name": "item_name",
                    "is_llm_charge": "false",
                    "cost_kind": own_cost_kind("category"),
                    "cost_basis": "'declared'",
                    "spend_usd": "cost_usd",
                    "spend_item_count": "1",
                    "unknown_cost_item_count": "case when cost_usd is null then 1 else 0 end",
                },
            )
        }}
        from {{ ref("int_tco_costs_daily") }}
    ),

    -- The workload stands in for the project: who owns a project of that name owns its GPU time.
    gpus as (
        {{
            spend_item(
                "gpu",
                {
                    "provider_id": "null",
                    "account_id": "'gpu:' || host",
                    "project_id": "workload",
                    "tags": "case when namespace <> '' then '{\"namespace\":' || "
                    ~ json_string("namespace")
                    ~ " || '}' end",
                    "charge_category": "'Usage'",
                    "service_name": "coalesce(gpu_name, 'GPU')",
                    "is_llm_charge": "false",
                    "cost_kind": "'infrastructure'",
                    "spend_usd": "cost_usd",
                    "list_cost_usd": "telemetry_cost_usd",
                    "spend_item_count": "gpu_hour_count",
                },
                has=["team_id", "cost_basis", "unknown_cost_item_count"],
            )
        }}
        from {{ ref("int_gpu_costs_daily") }}
    ),

    -- Negative where more was drawn than paid that day: with it, a day of an account sums to its bill. Its account
    -- is one of its own, which can be given an owner.
    balances as (
        select
            charge_date as usage_date,
            provider_id,
            billing_account_id,
            cost_kind,
            cast(sum(billed_cost_usd) - sum(spend_usd) as decimal(38, 12)) as spend_usd
        from {{ ref("int_charges_to_allocate") }}
        group by 1, 2, 3, 4
        having sum(billed_cost_usd) <> sum(spend_usd)
    ),

    prepaid as (
        {{
            spend_item(
                "prepaid_balance",
                {
                    "account_id": "'prepaid:' || coalesce(billing_account_id, '')",
                    "charge_category": "'Prepaid balance'",
                    "service_name": "'Prepaid, not yet consumed'",
                    "is_llm_charge": "false",
                    "cost_basis": "'billed'",
                    "spend_item_count": "0",
                    "unknown_cost_item_count": "0",
                },
                has=["cost_kind", "spend_usd"],
            )
        }}
        from balances
    ),

    items as (
        {%- for name in ["charges", "usage", "adjustments", "own_costs", "gpus", "prepaid"] %}
            select * from {{ name }} {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

select
    *,
    {{
        surrogate_key(
            [
                "usage_date",
                "provider_id",
                "account_id",
                "billing_account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "team_id",
                "tags",
            ]
        )
    }} as owner_lookup_key
from items
