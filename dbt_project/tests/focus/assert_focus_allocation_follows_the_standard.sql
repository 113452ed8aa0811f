{{ config(meta={"dagster": {"ref": {"name": "focus_allocated_cost_and_usage"}}}) }}
{%- set summed = [
    "BilledCost",
    "EffectiveCost",
    "ContractedCost",
    "ListCost",
    "PricingCurrencyEffectiveCost",
    "ConsumedQuantity",
    "PricingQuantity",
    "CommitmentDiscountQuantity",
] %}

select allocated."x_AllocatedChargeKey"
from {{ ref("focus_allocated_cost_and_usage") }} as allocated
inner join {{ ref("focus_cost_and_usage") }} as charges on charges."x_ChargeKey" = allocated."x_ChargeKey"
where
    allocated."x_AllocatedRatio" not between 0
    and 1
    or (
        allocated."x_IsSplit"
        and (
            allocated."AllocatedMethodId" is null
            or allocated."AllocatedMethodDetails" is null
            or (allocated."AllocatedResourceId" is null) <> (allocated."AllocatedResourceName" is null)
            or (allocated."AllocatedResourceId" is null) <> (
                allocated."x_CostCenterId" = 'unallocated'
                and coalesce(
                    allocated."x_TeamId", allocated."x_ProjectId", allocated."x_Feature", allocated."x_CustomerId"
                )
                is null
            )
            or (allocated."AllocatedResourceId" is null and allocated."AllocatedTags" is not null)
        )
    )
    or (
        not allocated."x_IsSplit"
        and (
            allocated."x_AllocatedRatio" <> 1
            {%- for column in ["MethodDetails", "MethodId", "ResourceId", "ResourceName", "Tags"] %}
                or allocated."Allocated{{ column }}" is distinct from charges."Allocated{{ column }}"
            {%- endfor %}
        )
    )
    {%- for column in focus_names('1.4') if column not in summed and not column.startswith('Allocated') %}
        or allocated.{{ column }} is distinct from charges.{{ column }}
    {%- endfor %}
