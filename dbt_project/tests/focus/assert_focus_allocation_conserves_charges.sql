{{ config(meta={"dagster": {"ref": {"name": "focus_allocated_cost_and_usage"}}}) }}
{%- set columns = [
    "BilledCost",
    "EffectiveCost",
    "ContractedCost",
    "ListCost",
    "PricingCurrencyEffectiveCost",
    "ConsumedQuantity",
    "PricingQuantity",
    "CommitmentDiscountQuantity",
    "x_BilledCostUsd",
] %}

with
    charged as (
        select "x_ChargeKey", {{ columns | join(", ") }}, cast(1 as decimal(38, 12)) as ratio
        from {{ ref("focus_cost_and_usage") }}
    ),

    allocated as (
        select
            "x_ChargeKey",
            {%- for column in columns %} {{ money_sum(column) }} as {{ column }}, {%- endfor %}
            {{ money_sum("x_AllocatedRatio") }} as ratio
        from {{ ref("focus_allocated_cost_and_usage") }}
        group by 1
    )

    (
        select *
        from charged
        except
        select *
        from allocated
    )
union all
(
    select *
    from allocated
    except
    select *
    from charged
)
