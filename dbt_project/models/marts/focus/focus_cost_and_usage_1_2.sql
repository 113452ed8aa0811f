{{ config(materialized="view") }}

select
    {{- select_focus_names("1.2") }}
    charge_key as x_chargekey,
    charge_source as x_chargesource,
    provider_id as x_providerid,
    model_id as x_modelid,
    meter as x_meter,
    is_llm_charge as x_isllmcharge,
    billed_cost_usd as x_billedcostusd,
    billed_cost_rounding as x_billedcostrounding,
    derived_columns as x_derivedcolumns
from {{ ref("int_focus_charges") }}
