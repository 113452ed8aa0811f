with
    source as (select * from {{ source("raw_org", "allocation_rules") }}),

    renamed as (
        select
            cast(rule_id as string) as rule_id,
            cast({{ without_people("rule_name") }} as string) as rule_name,
            cast(priority as decimal(38, 12)) as priority,
            cast(method as string) as method,
            cast(provider_name as string) as provider_name,
            cast(account_id as string) as account_id,
            cast(project_id as string) as project_id,
            cast(workspace_id as string) as workspace_id,
            cast(api_key_id as string) as api_key_id,
            cast(model as string) as model,
            cast(service as string) as service,
            cast(charge_category as string) as charge_category,
            cast({{ without_people("tag") }} as string) as tag,
            cast(environment as string) as environment,
            cast(source_type as string) as source_type,
            cast(source_id as string) as source_id,
            cast(basis as string) as basis,
            cast(basis_source as string) as basis_source,
            cast(basis_period as string) as basis_period,
            cast(target_type as string) as target_type,
            cast(target_id as string) as target_id,
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
