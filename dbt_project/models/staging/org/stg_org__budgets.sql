with
    source as (select * from {{ source("raw_org", "budgets") }}),

    renamed as (
        select
            cast(budget_id as string) as budget_id,
            cast({{ without_people("budget_name") }} as string) as budget_name,
            cast(scope_type as string) as scope_type,
            cast(
                case
                    when scope_type = 'user' then {{ person_again("scope_id") }} else {{ without_people("scope_id") }}
                end as string
            ) as scope_id,
            cast(period as string) as period,
            cast(amount as decimal(38, 12)) as amount,
            cast(currency as string) as currency,
            cast(amount_usd as decimal(38, 12)) as amount_usd,
            cast(counts as string) as counts,
            cast(thresholds_pct as string) as thresholds_pct,
            cast(alert_thresholds_pct as string) as alert_thresholds_pct,
            cast(alert_projected_pct as decimal(38, 12)) as alert_projected_pct,
            cast({{ without_people("owner") }} as string) as owner,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
