{#- Metered usage as it is compared with bills: by cell and price. A known cost without one price (a volume step passed
    within the hour) has rate NULL and is not unpriced. A model that no price and no bill knows counts under the model
    '' with everything else unresolved, because bills name such models in words of their own. -#}
with
    usage as (
        select
            coalesce(usage.provider_id, 'unknown') as provider_id,
            accounts.account_id,
            usage.usage_date,
            {{ month_of("usage.usage_date") }} as cell_month,
            usage.model_id,
            usage.meter,
            usage.contracted_price_usd_per_unit as rate,
            usage.contracted_cost_usd is null as is_unpriced,
            sum(usage.billable_quantity) as quantity,
            {{ money_sum("usage.contracted_cost_usd") }} as metered_cost_usd,
            {{ money_sum("usage.list_cost_usd") }} as list_cost_usd
        from
            {{ ref("int_usage_priced_hourly") }} as usage
            {{ join_accounts("coalesce(usage.provider_id, 'unknown')", "usage.account_id") }}
        where usage.billable_quantity <> 0 and (usage.meter <> 'request' or usage.contracted_cost_usd <> 0)
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ),

    graded as (
        select
            usage.*,
            coalesce(months.is_monthly, 0) as is_monthly,
            coalesce(months.is_by_service, 0) as is_by_service,
            coalesce(models.is_by_model, 0) as is_by_model,
            case
                -- A bill that does not name a time to live means it by plain cache writes.
                when usage.meter = 'cache_write_5m' and months.names_cache_write_5m = 0
                then 'cache_write'
                when usage.meter = 'cache_write_1h' and months.names_cache_write_1h = 0
                then 'cache_write'
                else usage.meter
            end as bill_meter,
            case when not usage.is_unpriced or models.model_id is not null then usage.model_id else '' end as bill_model
        from usage {{ join_grains("usage") }}
    )

select
    provider_id,
    account_id,
    case when is_monthly = 1 then cell_month else usage_date end as cell_date,
    coalesce(case when is_by_service = 1 then '*' else bill_model end, '') as model_key,
    case when is_by_service = 1 or is_by_model = 1 then '' else bill_meter end as meter_key,
    case when is_by_service = 1 then 'service' when is_by_model = 1 then 'model' else 'sku' end
    || case when is_monthly = 1 then '_month' else '_day' end as grain,
    cell_month,
    rate,
    is_unpriced,
    cast(sum(quantity) as decimal(18, 0)) as quantity,
    {{ money_sum("coalesce(metered_cost_usd, 0)") }} as metered_cost_usd,
    {{ money_sum("coalesce(list_cost_usd, 0)") }} as list_cost_usd
from graded
group by 1, 2, 3, 4, 5, 6, 7, 8, 9
