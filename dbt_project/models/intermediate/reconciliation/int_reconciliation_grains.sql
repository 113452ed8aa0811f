{#- How finely an account's bill of a month can be compared with usage; the row without a model speaks for the account.
    A bill that names no model at all is compared by day as a whole, a model without meters as a whole, and charges over
    several days by month. -#}
with
    charges as (
        select
            coalesce(charges.provider_id, 'unknown') as provider_id,
            accounts.account_id,
            {{ month_of("charges.charge_date") }} as cell_month,
            charges.model_id,
            charges.meter,
            charges.charge_period_end_utc > charges.charge_period_start_utc + interval '25' hour as is_long
        from
            {{ ref("int_charges") }} as charges
            {{ join_accounts("coalesce(charges.provider_id, 'unknown')", "charges.billing_account_id") }}
        where charges.charge_category = 'Usage' and charges.is_llm_charge and charges.charge_date is not null
    ),

    accounts as (
        select
            provider_id,
            account_id,
            cell_month,
            max(case when is_long and (model_id is not null or meter is not null) then 1 else 0 end) as is_monthly,
            min(case when model_id is not null or meter is not null then 0 else 1 end) as is_by_service,
            max(case when meter = 'cache_write_5m' then 1 else 0 end) as names_cache_write_5m,
            max(case when meter = 'cache_write_1h' then 1 else 0 end) as names_cache_write_1h
        from charges
        group by 1, 2, 3
    ),

    models as (
        select
            provider_id, account_id, cell_month, model_id, min(case when meter is null then 1 else 0 end) as is_by_model
        from charges
        where model_id is not null
        group by 1, 2, 3, 4
    )

select accounts.*, cast('' as string) as model_id, 0 as is_by_model
from accounts
union all
select accounts.*, models.model_id, models.is_by_model
from models
inner join
    accounts
    on accounts.provider_id = models.provider_id
    and accounts.account_id = models.account_id
    and accounts.cell_month = models.cell_month
