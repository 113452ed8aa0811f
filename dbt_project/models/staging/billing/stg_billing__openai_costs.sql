{#- Costs as OpenAI's dashboard exports them: what the costs report says, as a file. A line item reads "<model>, <kind>"
    where it belongs to a model. -#}
with source as (select * from {{ source("raw_billing", "openai_costs") }})

select
    cast('OpenAI' as string) as provider_name,
    cast(bucket_start_utc as timestamp) as charge_period_start_utc,
    cast(coalesce(bucket_end_utc, bucket_start_utc + interval '1' day) as timestamp) as charge_period_end_utc,
    cast(bucket_start_utc as date) as charge_date,
    {{ month_start("bucket_start_utc") }} as billing_period_start_utc,
    {{ month_end("bucket_start_utc") }} as billing_period_end_utc,
    cast(organization_id as string) as organization_id,
    cast(organization_name as string) as organization_name,
    cast(project_id as string) as project_id,
    cast(project_name as string) as project_name,
    cast(api_key_id as string) as api_key_id,
    cast({{ person("user_id") }} as string) as user_id,
    cast({{ person("user_email") }} as string) as user_email,
    cast(api_source as string) as api_source,
    cast(case when amount < 0 then 'Credit' else 'Usage' end as string) as charge_category,
    cast(line_item as string) as line_item,
    cast({{ line_item_kind("line_item") }} as string) as line_item_kind,
    cast(amount as decimal(38, 12)) as billed_cost,
    cast(amount_text as string) as billed_cost_text,
    cast(upper(currency) as string) as billing_currency,
    cast(quantity as decimal(38, 12)) as consumed_quantity,
    cast(quantity_text as string) as consumed_quantity_text,
    cast(quantity_unit as string) as consumed_unit,
    cast(extra_columns as string) as extra_columns,
    cast(_source_file_id as bigint) as _source_file_id,
    cast(_source_row as bigint) as _source_row,
    cast(_loaded_at_utc as timestamp) as _loaded_at_utc
from source
