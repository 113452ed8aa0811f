{#- Every charge as it is compared with usage: its cell, its quantity in single units of the meter, and what kind it is.
    Kinds: 'comparable' with metered usage, 'unmetered' (nothing here could meter it), 'purchase', 'credit' and
    'tax'. -#}
with
    charges as (
        select
            charges.charge_key,
            coalesce(charges.provider_id, 'unknown') as provider_id,
            accounts.account_id,
            coalesce(charges.charge_date, cast('1900-01-01' as date)) as charge_date,
            {{ month_of("coalesce(charges.charge_date, cast('1900-01-01' as date))") }} as cell_month,
            {{ billing_month("charges") }} as billing_month,
            charges.model_id,
            charges.meter,
            charges.charge_category,
            charges.charge_description,
            charges.is_llm_charge,
            charges.invoice_id,
            charges.billing_currency,
            charges.billed_cost_usd,
            charges.consumed_quantity,
            case
                when abs(charges.consumed_quantity) < 1000000000000000
                then
                    cast(
                        cast(charges.consumed_quantity as decimal(27, 12))
                        * cast(units.factor as decimal(10, 0)) as decimal(38, 6)
                    )
            end as exact_quantity
        from
            {{ ref("int_charges") }} as charges
            {{ join_accounts("coalesce(charges.provider_id, 'unknown')", "charges.billing_account_id") }}
        left join {{ ref("reconciliation_units") }} as units on units.unit = lower(trim(charges.consumed_unit))
    ),

    graded as (
        select
            charges.*,
            coalesce(months.is_monthly, 0) as is_monthly,
            coalesce(months.is_by_service, 0) as is_by_service,
            coalesce(models.is_by_model, 0) as is_by_model,
            case
                when charges.charge_category = 'Tax'
                then 'tax'
                when charges.charge_category in ('Credit', 'Adjustment')
                then 'credit'
                when charges.charge_category = 'Purchase'
                then 'purchase'
                when charges.billed_cost_usd < 0 and coalesce(charges.consumed_quantity, 0) >= 0
                then 'credit'
                when not charges.is_llm_charge
                then 'unmetered'
                when
                    charges.meter is not null
                    or coalesce(models.is_by_model, 0) = 1
                    or coalesce(months.is_by_service, 0) = 1
                then 'comparable'
                else 'unmetered'
            end as charge_kind
        from charges {{ join_grains("charges") }}
    )

select
    charge_key,
    provider_id,
    account_id,
    case when is_monthly = 1 and charge_kind = 'comparable' then cell_month else charge_date end as cell_date,
    case when charge_kind = 'comparable' and is_by_service = 1 then '*' else coalesce(model_id, '') end as model_key,
    case
        when charge_kind = 'comparable' and (is_by_service = 1 or is_by_model = 1) then '' else coalesce(meter, '')
    end as meter_key,
    case
        when charge_kind <> 'comparable'
        then 'charge'
        else
            case when is_by_service = 1 then 'service' when is_by_model = 1 then 'model' else 'sku' end
            || case when is_monthly = 1 then '_month' else '_day' end
    end as grain,
    cell_month,
    coalesce(billing_month, cell_month) as billing_month,
    charge_date,
    charge_kind,
    charge_category,
    charge_description,
    invoice_id,
    billing_currency,
    billed_cost_usd,
    case
        when
            charge_kind = 'comparable'
            and is_by_service = 0
            and is_by_model = 0
            and exact_quantity = cast(round(exact_quantity, 0) as decimal(38, 6))
            and abs(exact_quantity) < 1000000000000000
        then cast(round(exact_quantity, 0) as decimal(18, 0))
    end as quantity
from graded
