{#- Spend that is neither a line of a bill nor usage of models: own costs and GPU time, which are never in fct_charges,
    bill coverage or reconciliation; and by effective cost, what was paid ahead and is not consumed yet. -#}
{{ config(materialized="view") }}

with
    tco as (
        select
            usage_date,
            'tco' as spend_item_type,
            cast(null as varchar) as provider_id,
            'tco:' || item_id as account_id,
            {%- for column in [
                "billing_account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "user_id",
                "team_id",
                "customer_id",
                "feature",
                "environment",
                "model_id",
            ] %}
                cast(null as varchar) as {{ column }},
            {%- endfor %}
            'Purchase' as charge_category,
            item_name as service_name,
            cast(null as varchar) as tags,
            false as is_llm_charge,
            {{ own_cost_kind("category") }} as cost_kind,
            cast(null as date) as charge_last_date,
            'declared' as cost_basis,
            cost_usd as spend_usd,
            cast(null as decimal(38, 12)) as list_cost_usd,
            cast(1 as bigint) as spend_item_count,
            case when cost_usd is null then cast(1 as bigint) else cast(0 as bigint) end as unknown_cost_item_count,
            cast(null as bigint) as request_count,
            cast(null as bigint) as input_tokens,
            cast(null as bigint) as output_tokens,
            cast(null as decimal(38, 12)) as metered_cost_usd
        from {{ ref("int_tco_costs_daily") }}
    ),

    -- The workload stands in for the project: who owns a project of that name owns its GPU time.
    gpus as (
        select
            usage_date,
            'gpu' as spend_item_type,
            cast(null as varchar) as provider_id,
            'gpu:' || host as account_id,
            cast(null as varchar) as billing_account_id,
            workload as project_id,
            {%- for column in [
                "workspace_id",
                "api_key_id",
                "user_id",
                "team_id",
                "customer_id",
                "feature",
                "environment",
                "model_id",
            ] %}
                cast(null as varchar) as {{ column }},
            {%- endfor %}
            'Usage' as charge_category,
            coalesce(gpu_name, 'GPU') as service_name,
            cast(null as varchar) as tags,
            false as is_llm_charge,
            'infrastructure' as cost_kind,
            cast(null as date) as charge_last_date,
            cost_basis,
            cost_usd as spend_usd,
            telemetry_cost_usd as list_cost_usd,
            gpu_hour_count as spend_item_count,
            unknown_cost_item_count,
            cast(null as bigint) as request_count,
            cast(null as bigint) as input_tokens,
            cast(null as bigint) as output_tokens,
            cast(null as decimal(38, 12)) as metered_cost_usd
        from {{ ref("int_gpu_costs_daily") }}
    ),

    -- Negative where more was drawn than paid that day: with it, a day of an account sums to its bill. Its account
    -- is one of its own, which can be given an owner.
    prepaid as (
        select
            charge_date as usage_date,
            'prepaid_balance' as spend_item_type,
            provider_id,
            'prepaid:' || coalesce(billing_account_id, '') as account_id,
            {%- for column in [
                "billing_account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "user_id",
                "team_id",
                "customer_id",
                "feature",
                "environment",
                "model_id",
            ] %}
                cast(null as varchar) as {{ column }},
            {%- endfor %}
            'Prepaid balance' as charge_category,
            'Prepaid, not yet consumed' as service_name,
            cast(null as varchar) as tags,
            false as is_llm_charge,
            cost_kind,
            cast(null as date) as charge_last_date,
            'billed' as cost_basis,
            cast(sum(billed_cost_usd) - sum(spend_usd) as decimal(38, 12)) as spend_usd,
            cast(null as decimal(38, 12)) as list_cost_usd,
            cast(0 as bigint) as spend_item_count,
            cast(0 as bigint) as unknown_cost_item_count,
            cast(null as bigint) as request_count,
            cast(null as bigint) as input_tokens,
            cast(null as bigint) as output_tokens,
            cast(null as decimal(38, 12)) as metered_cost_usd
        from {{ ref("int_charges_to_allocate") }}
        group by 1, 2, 3, 4, cost_kind
        having sum(billed_cost_usd) <> sum(spend_usd)
    )

select *
from tco
union all
select *
from gpus
union all
select *
from prepaid
