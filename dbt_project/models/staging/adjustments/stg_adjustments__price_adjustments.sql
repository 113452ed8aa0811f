with
    source as (select * from {{ source("adjustments", "price_adjustments") }}),

    renamed as (
        select
            cast(adjustment_id as varchar) as adjustment_id,
            cast(repricing_id as varchar) as repricing_id,
            cast(repriced_at_utc as timestamp) as repriced_at_utc,
            cast(as_known_at_utc as timestamp) as as_known_at_utc,
            cast(from_date as date) as from_date,
            cast(to_date as date) as to_date,
            cast(reason as varchar) as reason,
            cast(usage_date as date) as usage_date,
            cast(provider_id as varchar) as provider_id,
            cast(account_id as varchar) as account_id,
            cast(project_id as varchar) as project_id,
            cast(workspace_id as varchar) as workspace_id,
            cast(api_key_id as varchar) as api_key_id,
            cast({{ person_again("user_id") }} as varchar) as user_id,
            cast(team_id as varchar) as team_id,
            cast({{ without_people_again("customer_id") }} as varchar) as customer_id,
            cast(feature as varchar) as feature,
            cast(environment as varchar) as environment,
            cast(model_id as varchar) as model_id,
            cast(meter as varchar) as meter,
            cast(list_difference_usd as decimal(38, 12)) as list_difference_usd,
            cast(contracted_difference_usd as decimal(38, 12)) as contracted_difference_usd
        from source
    )

select *
from renamed
