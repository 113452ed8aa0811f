{#- Charges per UTC day and line item as billed, in the unit of the currency (the report prints cents). Priority Tier is
    bought apart and is not in them; code execution is in them and not in usage. -#}
with
    source as (select * from {{ source("raw_anthropic", "cost_report") }}),

    renamed as (
        select
            'anthropic' as charge_source,
            cast(bucket_start_utc as timestamp) as charge_period_start_utc,
            cast(bucket_end_utc as timestamp) as charge_period_end_utc,
            cast(bucket_start_utc as date) as charge_date,
            {{ month_start("bucket_start_utc") }} as billing_period_start_utc,
            {{ month_end("bucket_start_utc") }} as billing_period_end_utc,
            'Anthropic' as provider_name,
            cast(workspace_id as string) as sub_account_id,
            cast(is_default_workspace as boolean) as is_default_workspace,
            cast(inference_geo as string) as region_id,
            case when amount < 0 then 'Credit' else 'Usage' end as charge_category,
            cast(description as string) as line_item,
            cast(cost_type as string) as cost_type,
            cast(token_type as string) as token_type,
            cast(
                case
                    when token_type = 'uncached_input_tokens'
                    then 'uncached_input'
                    when token_type = 'cache_read_input_tokens'
                    then 'cache_read'
                    when token_type = 'cache_creation.ephemeral_5m_input_tokens'
                    then 'cache_write_5m'
                    when token_type = 'cache_creation.ephemeral_1h_input_tokens'
                    then 'cache_write_1h'
                    when token_type = 'output_tokens'
                    then 'output'
                    when token_type is null and cost_type in ('web_search', 'code_execution')
                    then cost_type
                end as string
            ) as meter,
            cast(model as string) as model,
            cast(service_tier as string) as service_tier,
            cast(context_window as string) as context_window,
            cast(amount as decimal(38, 12)) as billed_cost,
            cast(amount_text as string) as billed_cost_text,
            cast(amount_cents_text as string) as amount_cents_text,
            upper(cast(currency as string)) as billing_currency,
            case when upper(currency) = 'USD' then cast(amount as decimal(38, 12)) end as billed_cost_usd,
            cast(group_by as string) as group_by,
            cast(extra_columns as string) as extra_columns,
            cast(request_window_start_utc as timestamp) as request_window_start_utc,
            cast(request_window_end_utc as timestamp) as request_window_end_utc,
            cast(page_cursor as string) as page_cursor,
            cast(received_at_utc as timestamp) as received_at_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
