{# How many requests have a known cost. A request counts as priced only when each of its meters is. #}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(report_day_fingerprints(ref('int_usage_cost_fingerprints'), this)) }}",
    )
}}
with
    requests as (
        select *
        from {{ ref("fct_llm_requests") }}
        {%- if is_incremental() %}
            where {{ report_days_condition(ref("int_usage_cost_fingerprints"), this) }}
        {%- endif %}
    ),

    daily as (
        select
            usage_date,
            event_source,
            provider_id,
            model_id,
            cast(count(*) as bigint) as request_count,
            cast(sum(case when is_billable then 1 else 0 end) as bigint) as billable_request_count,
            cast(
                sum(
                    case
                        when is_billable and (contracted_cost_usd is not null or unpriced_reason = 'priced_by_month')
                        then 1
                        else 0
                    end
                ) as bigint
            ) as priced_request_count,
            cast(sum(case when status = 'error' then 1 else 0 end) as bigint) as failed_request_count
        from requests
        group by 1, 2, 3, 4
    )

select
    {{ surrogate_key(["daily.usage_date", "daily.event_source", "daily.provider_id", "daily.model_id"]) }}
    as request_coverage_key,
    daily.*,
    {{ percent("daily.priced_request_count", "daily.billable_request_count") }} as coverage_pct,
    fingerprints.inputs_fingerprint as _inputs_fingerprint
from daily
inner join
    {{ report_day_fingerprints(ref("int_usage_cost_fingerprints"), this) }} as fingerprints
    on fingerprints.usage_date = daily.usage_date
