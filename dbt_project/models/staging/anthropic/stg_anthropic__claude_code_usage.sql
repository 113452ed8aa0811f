{#- Tokens of Claude Code per model: another view of usage that the messages report holds as well (except that of
    subscriptions), never to be added to it. The cost is Anthropic's estimate, not a charge. -#}
with
    source as (select * from {{ source("raw_anthropic", "claude_code_models") }}),

    renamed as (
        select
            cast(usage_date as date) as usage_date,
            cast(actor_type as string) as actor_type,
            cast({{ person("actor_email") }} as string) as actor_email,
            cast(actor_api_key_name as string) as actor_api_key_name,
            cast(organization_id as string) as organization_id,
            cast(customer_type as string) as customer_type,
            cast(subscription_type as string) as subscription_type,
            cast(terminal_type as string) as terminal_type,
            cast(is_remote as boolean) as is_remote,
            cast(model as string) as model,
            cast(input_tokens as bigint) as uncached_input_tokens,
            cast(cache_read_tokens as bigint) as cache_read_tokens,
            cast(cache_creation_tokens as bigint) as cache_write_tokens,
            cast(output_tokens as bigint) as output_tokens,
            cast(estimated_cost as decimal(38, 12)) as estimated_cost,
            cast(estimated_cost_text as string) as estimated_cost_text,
            upper(cast(estimated_cost_currency as string)) as estimated_cost_currency,
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
