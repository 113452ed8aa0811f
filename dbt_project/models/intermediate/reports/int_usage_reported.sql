{#- Usage as providers report it, in disjoint meters, one row per hour (or day, where a report knows no hours) and
    everything a report groups by. An account that a report does not name may be known to int_account_aliases. -#}
{%- set keys = [
    "event_source",
    "provider_name",
    "report",
    "usage_hour_utc",
    "usage_date",
    "is_daily",
    "model",
    "reported_is_batch",
    "service_tier",
    "speed",
    "context_over_tokens",
] + report_dimensions() %}

with
    summed as (
        select
            {%- for key in keys %}
                {{
                    (
                        "coalesce(reported.account_id, own_accounts.account_id) as account_id"
                        if key == "account_id"
                        else "reported." ~ key
                    )
                }},
            {%- endfor %}
            {%- for column in usage_columns() + ["request_count", "error_count"] %}
                cast(sum(reported.{{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref("int_usage_reports") }} as reported
        left join
            {{ ref("int_account_aliases") }} as own_accounts
            on own_accounts.provider_id = reported.provider_name
            and own_accounts.alias = ''
            and {{ valid_on("own_accounts", "reported.usage_date") }}
        where reported.usage_hour_utc is not null
        group by {% for _ in keys %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    )

select
    {{ surrogate_key(keys) }} as reported_usage_key,
    event_source,
    provider_name,
    report,
    usage_hour_utc,
    usage_date,
    is_daily,
    {{ reported_context() }},
    reported_is_batch,
    context_over_tokens,
    {{ (report_dimensions() + usage_columns()) | join(", ") }},
    request_count,
    error_count
from summed
