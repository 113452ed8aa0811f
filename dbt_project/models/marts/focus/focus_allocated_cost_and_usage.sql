{#- focus_cost_and_usage split over who carries it: parts of a charge sum to it in every cost and quantity, and parts of
    an owner to what fct_allocated_costs_daily gives it of charges, overhead aside. All else is as on the charge. -#}
{{ config(materialized="view") }}
{%- set given = {} %}
{%- for column in focus_split_costs() + focus_split_quantities() %}
    {%- do given.update(
        {column: "case when shares.is_split then amounts." ~ column ~ " else charges." ~ column ~ " end"}
    ) %}
{%- endfor %}
{%- for column in ["method_details", "method_id", "resource_id", "resource_name", "tags"] %}
    {%- set column = "allocated_" ~ column %}
    {%- do given.update(
        {column: "case when shares.is_split then shares." ~ column ~ " else charges." ~ column ~ " end"}
    ) %}
{%- endfor %}

select
    {{- select_focus_names("1.4", given, "charges.") }}
    charges.charge_key || '>' || shares.allocated_cost_key as "x_AllocatedChargeKey",
    charges.charge_key as "x_ChargeKey",
    shares.allocated_cost_key as "x_AllocatedCostKey",
    charges.charge_source as "x_ChargeSource",
    charges.provider_id as "x_ProviderId",
    charges.model_id as "x_ModelId",
    charges.meter as "x_Meter",
    charges.is_llm_charge as "x_IsLlmCharge",
    case when shares.is_split then amounts.billed_cost_usd else charges.billed_cost_usd end as "x_BilledCostUsd",
    charges.derived_columns as "x_DerivedColumns",
    shares.is_split as "x_IsSplit",
    shares.allocated_ratio as "x_AllocatedRatio",
    shares.cost_center_id as "x_CostCenterId",
    shares.team_id as "x_TeamId",
    shares.owner_project_id as "x_ProjectId",
    shares.feature as "x_Feature",
    shares.customer_id as "x_CustomerId",
    shares.allocation_stage as "x_AllocationStage",
    shares.allocation_method as "x_AllocationMethod"
from {{ ref("int_focus_charges") }} as charges
inner join {{ ref("int_focus_charge_lines") }} as lines on lines.charge_key = charges.charge_key
inner join {{ ref("int_focus_allocated_shares") }} as shares on shares.spend_item_key = lines.spend_item_key
left join
    {{ ref("int_focus_allocated_amounts") }} as amounts
    on amounts.charge_key = charges.charge_key
    and amounts.allocated_cost_key = shares.allocated_cost_key
