{% set source_types = ["events", "billing", "gpu", "org"] %}
with
    files as (
        {%- for source_type in source_types %}
            {{ 'union all' if not loop.first }}
            select
                '{{ source_type }}' as source_type,
                file_id,
                '{{ source_type }}/' || source_format as source,
                is_superseded,
                case when is_superseded then 0 else row_count end as row_count,
                quarantined_row_count,
                landed_at_utc
            from {{ ref("stg_" ~ source_type ~ "__files") }}
        {%- endfor %}
        union all
        select
            'api',
            file_id,
            source,
            is_superseded,
            case when is_superseded then 0 else row_count end,
            quarantined_row_count,
            landed_at_utc
        from {{ ref("stg_landing__report_files") }}
    ),

    landed as (
        select
            source_type,
            source,
            cast(count(*) as bigint) as file_count,
            cast(sum(case when is_superseded then 1 else 0 end) as bigint) as superseded_file_count,
            cast(sum(row_count) as bigint) as row_count,
            cast(sum(quarantined_row_count) as bigint) as quarantined_row_count,
            max(landed_at_utc) as newest_loaded_at_utc
        from files
        group by 1, 2
    ),

    data_dates as (
        select
            {{ usage_origin("event_source") }} as source,
            min(usage_date) as earliest_data_date,
            max(usage_date) as latest_data_date
        from {{ ref("rpt_usage_daily") }}
        group by 1
        union all
        select {{ charge_origin("charge_source") }}, min(charge_date), max(charge_date)
        from {{ ref("fct_charges") }}
        group by 1
        union all
        select files.source, min(charges.charge_date), max(charges.charge_date)
        from {{ ref("fct_charges") }} as charges
        inner join
            files
            on files.source_type = 'billing'
            and files.file_id = charges._source_file_id
            and charges.charge_source in ('focus', 'aws_cur', 'azure', 'oci', 'openai_dashboard')
        group by 1
        union all
        select files.source, min(cast(samples.sampled_at_utc as date)), max(cast(samples.sampled_at_utc as date))
        from {{ ref("stg_gpu__gpu_samples") }} as samples
        inner join files on files.source_type = 'gpu' and files.file_id = samples._source_file_id
        group by 1
        union all
        select files.source, min(cast(hours.hour_start_utc as date)), max(cast(hours.hour_start_utc as date))
        from {{ ref("stg_gpu__gpu_sample_hours") }} as hours
        inner join files on files.source_type = 'gpu' and files.file_id = hours._source_file_id
        where hours.sample_count > 0
        group by 1
    ),

    dated as (
        select source, min(earliest_data_date) as earliest_data_date, max(latest_data_date) as latest_data_date
        from data_dates
        group by 1
    ),

    priced_tokens as (
        select
            {{ usage_origin("event_source") }} as source,
            sum(total_tokens) as total_tokens,
            sum(unpriced_tokens) as unpriced_tokens
        from {{ ref("rpt_usage_daily") }}
        group by 1
    ),

    priced_requests as (
        select
            'events/' || event_source as source,
            sum(billable_request_count) as billable_request_count,
            sum(priced_request_count) as priced_request_count
        from {{ ref("rpt_request_coverage_daily") }}
        group by 1
    )

select
    landed.source,
    landed.source_type,
    landed.file_count,
    landed.superseded_file_count,
    landed.row_count,
    landed.quarantined_row_count,
    dated.earliest_data_date,
    dated.latest_data_date,
    landed.newest_loaded_at_utc,
    cast(priced_requests.billable_request_count as bigint) as billable_request_count,
    {{ percent("priced_requests.priced_request_count", "priced_requests.billable_request_count") }} as coverage_pct,
    cast(priced_tokens.total_tokens as bigint) as total_tokens,
    {{ percent("priced_tokens.total_tokens - priced_tokens.unpriced_tokens", "priced_tokens.total_tokens") }}
    as token_coverage_pct
from landed
left join dated on dated.source = landed.source
left join priced_tokens on priced_tokens.source = landed.source
left join priced_requests on priced_requests.source = landed.source
