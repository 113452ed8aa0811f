{#- Groq's rates as disjoint meters per UTC hour, rounded to whole tokens and requests once. An hour whose samples are
    all missing is unknown (NULL), not zero. No cached count is billed, so all input is uncached; there is no api
    key. -#}
with
    source as (select * from {{ source("raw_groq", "rates") }}),

    renamed as (
        select
            cast(hour_start_utc as timestamp) as usage_hour_utc,
            cast(metric as string) as metric,
            cast(model as string) as model,
            cast(project_id as string) as project_id,
            cast(status_code as string) as status_code,
            cast(quantity as decimal(38, 12)) as quantity,
            cast(sample_count as bigint) as sample_count,
            cast(step_seconds as bigint) as step_seconds
        from source
    ),

    hourly as (
        select
            usage_hour_utc,
            project_id,
            model,
            sum(case when metric = 'model_project_id:tokens_in:rate5m' then quantity end) as tokens_in,
            sum(case when metric = 'model_project_id:tokens_out:rate5m' then quantity end) as tokens_out,
            sum(case when metric = 'model_project_id_status_code:requests:rate5m' then quantity end) as requests,
            sum(
                case
                    when metric = 'model_project_id_status_code:requests:rate5m' and status_code not like '2%'
                    then quantity
                    when metric = 'model_project_id_status_code:requests:rate5m'
                    then 0
                end
            ) as errors,
            min(sample_count) as fewest_samples,
            max(3600 / step_seconds) as expected_samples
        from renamed
        where
            metric in (
                'model_project_id:tokens_in:rate5m',
                'model_project_id:tokens_out:rate5m',
                'model_project_id_status_code:requests:rate5m'
            )
        group by 1, 2, 3
    ),

    usage_rows as (
        select
            usage_hour_utc,
            cast(usage_hour_utc as date) as usage_date,
            'api/groq' as event_source,
            'groq' as provider_name,
            project_id,
            model as model,
            cast(round(tokens_in, 0) as bigint) as uncached_input_tokens,
            cast(null as bigint) as cache_read_tokens,
            cast(null as bigint) as cache_write_tokens,
            cast(null as bigint) as cache_write_5m_tokens,
            cast(null as bigint) as cache_write_1h_tokens,
            cast(round(tokens_out, 0) as bigint) as output_tokens,
            cast(round(requests, 0) as bigint) as request_count,
            cast(round(errors, 0) as bigint) as error_count,
            cast(fewest_samples < expected_samples as boolean) as has_gaps
        from hourly
    )

select *
from usage_rows
