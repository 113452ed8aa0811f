{{ config(meta={"dagster": {"ref": {"name": "focus_cost_and_usage"}}}) }}
select "x_ChargeKey"
from {{ ref("focus_cost_and_usage") }}
where
    "BilledCost" is null
    or "ContractedCost" is null
    or "EffectiveCost" is null
    or "ListCost" is null
    or "BillingAccountId" is null
    or "BillingAccountType" is null
    or "BillingCurrency" is null
    or "ChargeCategory" is null
    or "ChargeFrequency" is null
    or "HostProviderName" is null
    or "InvoiceIssuerName" is null
    or "ServiceCategory" is null
    or "ServiceName" is null
    or "ServiceProviderName" is null
    or "ServiceSubcategory" is null
    or "BillingPeriodStart" is null
    or "BillingPeriodEnd" is null
    or "ChargePeriodStart" is null
    or "ChargePeriodEnd" is null
    or "PricingCurrency" is null
    or "ChargeClass" <> 'Correction'
union all
select "x_ChargeKey"
from {{ ref("focus_cost_and_usage_1_2") }}
where "ProviderName" is null or "PublisherName" is null
