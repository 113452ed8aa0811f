{{ config(materialized="view") }}

select
    {{- select_focus_names("1.2") }}
    charge_key as "x_ChargeKey",
    charge_source as "x_ChargeSource",
    provider_id as "x_ProviderId",
    model_id as "x_ModelId",
    meter as "x_Meter",
    is_llm_charge as "x_IsLlmCharge",
    billed_cost_usd as "x_BilledCostUsd",
    billed_cost_rounding as "x_BilledCostRounding",
    derived_columns as "x_DerivedColumns"
from {{ ref("int_focus_charges") }}
