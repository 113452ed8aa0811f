with
    source as (select * from {{ source("raw_org", "allocation_rules") }}),

    renamed as (
        select
            cast(rule_id as varchar) as rule_id,
            cast({{ without_people("rule_name") }} as varchar) as rule_name,
            cast(priority as decimal(38, 12)) as priority,
            cast(method as varchar) as method,
            cast(provider_name as varchar) as provider_name,
            cast(account_id as varchar) as account_id,
            cast(project_id as varchar) as project_id,
            cast(workspace_id as varchar) as workspace_id,
            cast(api_key_id as varchar) as api_key_id,
            cast(model as varchar) as model,
            cast(service as varchar) as service,
            cast(charge_category as varchar) as charge_category,
            cast({{ without_people("tag") }} as varchar) as tag,
            cast(environment as varchar) as environment,
            cast(source_type as varchar) as source_type,
            cast(source_id as varchar) as source_id,
            cast(basis as varchar) as basis,
            cast(basis_source as varchar) as basis_source,
            cast(basis_period as varchar) as basis_period,
            cast(target_type as varchar) as target_type,
            cast(target_id as varchar) as target_id,
            cast(weight as decimal(38, 12)) as weight,
            cast(percent as decimal(38, 12)) as percent,
            cast(amount_usd as decimal(38, 12)) as amount_usd,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
