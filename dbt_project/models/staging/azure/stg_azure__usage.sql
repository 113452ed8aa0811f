{#- Azure OpenAI per UTC hour and deployment. Only counts are summed; a share or a utilisation is an average and stays
    out. TokenTransaction is prompt and generated tokens together, so it is never added. No metric counts cached tokens:
    all input stands as uncached and `is_cache_share_unknown` says so (its list cost is an upper bound; events split
    it). An hour without a point is no row: Azure does not tell zero from no data. -#}
with
    source as (select * from {{ source("raw_azure", "metrics") }}),

    renamed as (
        select
            cast(hour_start_utc as timestamp) as usage_hour_utc,
            cast(resource_id as string) as resource_id,
            cast(metric as string) as metric,
            cast(model_deployment_name as string) as model_deployment_name,
            cast(model_name as string) as model_name,
            cast(model_version as string) as model_version,
            cast(status_code as string) as status_code,
            cast(quantity as decimal(38, 12)) as quantity
        from source
        where metric in ('ProcessedPromptTokens', 'GeneratedTokens', 'AzureOpenAIRequests') and aggregation = 'total'
    ),

    hourly as (
        select
            usage_hour_utc,
            resource_id,
            model_deployment_name,
            model_name,
            model_version,
            sum(case when metric = 'ProcessedPromptTokens' then quantity end) as prompt_tokens,
            sum(case when metric = 'GeneratedTokens' then quantity end) as generated_tokens,
            sum(case when metric = 'AzureOpenAIRequests' then quantity end) as requests,
            sum(
                case
                    when metric = 'AzureOpenAIRequests' and status_code not like '2%'
                    then quantity
                    when metric = 'AzureOpenAIRequests' and status_code is not null
                    then 0
                end
            ) as errors
        from renamed
        group by usage_hour_utc, resource_id, model_deployment_name, model_name, model_version
    ),

    usage_rows as (
        select
            usage_hour_utc,
            cast(usage_hour_utc as date) as usage_date,
            'api/azure' as event_source,
            'azure' as provider_name,
            split_part(resource_id, '/', 3) as account_id,
            resource_id as project_id,
            model_deployment_name as deployment_name,
            case
                when model_version like '____-__-__'
                then model_name || '-' || model_version
                else coalesce(model_name, model_deployment_name)
            end as model,
            cast(prompt_tokens as bigint) as uncached_input_tokens,
            cast(null as bigint) as cache_read_tokens,
            cast(null as bigint) as cache_write_tokens,
            cast(null as bigint) as cache_write_5m_tokens,
            cast(null as bigint) as cache_write_1h_tokens,
            cast(generated_tokens as bigint) as output_tokens,
            cast(requests as bigint) as request_count,
            cast(errors as bigint) as error_count,
            cast(prompt_tokens is not null as boolean) as is_cache_share_unknown
        from hourly
    )

select *
from usage_rows
