with
    source as (select * from {{ source("adjustments", "price_adjustments") }}),

    renamed as (
        select
            cast(adjustment_id as string) as adjustment_id,
            cast(repricing_id as string) as repricing_id,
            cast(repriced_at_utc as timestamp) as repriced_at_utc,
            cast(as_known_at_utc as timestamp) as as_known_at_utc,
            cast(from_date as date) as from_date,
            cast(to_date as date) as to_date,
            cast(reason as string) as reason,
            cast(usage_date as date) as usage_date,
            cast(provider_id as string) as provider_id,
            cast(account_id as string) as account_id,
            cast(project_id as string) as project_id,
            cast(workspace_id as string) as workspace_id,
            cast(api_key_id as string) as api_key_id,
            cast({{ person_again("user_id") }} as string) as user_id,
            cast(team_id as string) as team_id,
            cast({{ without_people_again("customer_id") }} as string) as customer_id,
            cast(feature as string) as feature,
            cast(environment as string) as environment,
            cast(model_id as string) as model_id,
            cast(meter as string) as meter,
            cast(list_difference_usd as decimal(38, 12)) as list_difference_usd,
            cast(contracted_difference_usd as decimal(38, 12)) as contracted_difference_usd
        from source
    )

select *
from renamed
