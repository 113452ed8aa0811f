{{ config(meta={"dagster": {"ref": {"name": "focus_allocated_cost_and_usage"}}}) }}
-- Allocated columns are there where the standard wants them and nowhere else, ratios lie between 0 and 1, and what
-- cannot be added up is as on the charge.
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

select allocated.x_allocatedchargekey
from {{ ref("focus_allocated_cost_and_usage") }} as allocated
inner join {{ ref("focus_cost_and_usage") }} as charges on charges.x_chargekey = allocated.x_chargekey
where
    allocated.x_allocatedratio not between 0
    and 1
    or (
        allocated.x_issplit
        and (
            allocated.allocatedmethodid is null
            or allocated.allocatedmethoddetails is null
            or (allocated.allocatedresourceid is null) <> (allocated.allocatedresourcename is null)
            or (allocated.allocatedresourceid is null) <> (
                allocated.x_costcenterid = 'unallocated'
                and coalesce(allocated.x_teamid, allocated.x_projectid, allocated.x_feature, allocated.x_customerid)
                is null
            )
            or (allocated.allocatedresourceid is null and allocated.allocatedtags is not null)
        )
    )
    or (
        not allocated.x_issplit
        and (
            allocated.x_allocatedratio <> 1
            {%- for column in ["MethodDetails", "MethodId", "ResourceId", "ResourceName", "Tags"] %}
                or allocated.allocated{{ column }} is distinct from charges.allocated{{ column }}
            {%- endfor %}
        )
    )
    {%- for column in focus_names('1.4') if column not in summed and not column.startswith('Allocated') %}
        or allocated.{{ column }} is distinct from charges.{{ column }}
    {%- endfor %}
