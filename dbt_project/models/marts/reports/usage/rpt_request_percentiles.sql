{#
  Percentiles are of successful requests that reached a provider; failed ones are counted beside them. A percentile
  is a value that occurred (see the macro), and a day's percentiles cannot be averaged into a month's.
#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(report_day_fingerprints(ref('int_usage_cost_fingerprints'), this)) }}",
    )
}}
{% set measures = {"contracted_cost_usd": "decimal(38, 12)", "total_tokens": "bigint", "duration_ms": "bigint"} %}
with
    requests as (
        select *, coalesce(status, 'ok') = 'error' as is_failed
        from {{ ref("fct_llm_requests") }}
        where
            is_billable
            {%- if is_incremental() %}
                and {{ report_days_condition(ref("int_usage_cost_fingerprints"), this) }}
            {%- endif %}
    ),

    daily as (
        select
            usage_date,
            provider_id,
            model_id,
            cast(count(*) as bigint) as request_count,
            cast(sum(case when is_failed then 1 else 0 end) as bigint) as failed_request_count
            {%- for measure in measures %}
                ,
                {{ percentiles("case when not is_failed then " ~ measure ~ " end", [0.5, 0.9, 0.95, 0.99]) }}
                as {{ measure }}_list
            {%- endfor %}
        from requests
        group by 1, 2, 3
    )

select
    {{ surrogate_key(["daily.usage_date", "daily.provider_id", "daily.model_id"]) }} as request_percentiles_key,
    daily.usage_date,
    daily.provider_id,
    daily.model_id,
    daily.request_count,
    daily.failed_request_count,
    {%- for measure, data_type in measures.items() %}
        {%- for percent in [50, 90, 95, 99] %}
            cast(
                {{ percentile_at("daily." ~ measure ~ "_list", loop.index) }} as {{ data_type }}
            ) as {{ measure }}_p{{ percent }},
        {%- endfor %}
    {%- endfor %}
    fingerprints.inputs_fingerprint as _inputs_fingerprint
from daily
inner join
    {{ report_day_fingerprints(ref("int_usage_cost_fingerprints"), this) }} as fingerprints
    on fingerprints.usage_date = daily.usage_date
