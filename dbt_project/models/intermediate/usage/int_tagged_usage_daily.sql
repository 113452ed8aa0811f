{#- Usage by the set of tags its requests carry: what a tag's part of a spend line is
    weighed by. Read from requests by day, as the hourly usage is. -#}
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
        from {{ ref("int_requests_priced") }}
        where
            usage_date is not null
            {%- if is_incremental() %}
                and {{ report_days_condition(ref("int_usage_cost_fingerprints"), this) }}
            {%- endif %}
    ),

    daily as (
        select
            usage_date,
            {{ surrogate_number(tagged_line_columns()) }} as tagged_line_key,
            tags,
            {{ money_sum(priced_meters_contracted_cost()) }} as metered_cost_usd,
            cast(count(*) as bigint) as request_count
        from requests
        group by 1, 2, 3
    )

select daily.*, fingerprints.inputs_fingerprint as _inputs_fingerprint
from daily
inner join
    {{ report_day_fingerprints(ref("int_usage_cost_fingerprints"), this) }} as fingerprints
    on fingerprints.usage_date = daily.usage_date
