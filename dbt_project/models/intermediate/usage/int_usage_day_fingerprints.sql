{#- One fingerprint per day of usage over everything its quantities come from: the versions of the files with requests
    on it, what providers report of it and how far that covers, how models resolve, how accounts are called, the price
    cards that requests fall on, and the SQL; what the cards' prices are comes after (int_usage_cost_fingerprints). An
    end counts on its own day only, so that a price learned later leaves the days before it alone. Usage by day stores
    it and rebuilds what differs. -#}
{% set told = [] %}
{% for meter in told_beside_tokens() %} {% do told.append("only_tells_" ~ meter) %} {% endfor %}
{% set quantities_are_made_by = [
    "stg_events__requests",
    "int_requests_carded",
    "int_llm_usage_hourly",
    "int_usage_reports",
    "int_usage_reported",
    "int_report_coverage",
    "int_events_under_reports",
    "int_reported_shares",
    "meters",
] %}

with
    file_days as (select * from {{ ref("int_usage_file_days") }}),

    day_files as (
        select usage_date, source_file_id, file_version, sum(request_count) as request_count
        from file_days
        group by 1, 2, 3
    ),

    files as (
        select
            usage_date,
            md5(
                {{
                    sorted_text(
                        "cast(source_file_id as string) || '@' || file_version || '#'"
                        " || cast(request_count as string)"
                    )
                }}
            ) as fingerprint
        from day_files
        group by usage_date
    ),

    reports as (
        select
            usage_date,
            md5(
                {{
                    sorted_text(
                        surrogate_key(["reported_usage_key"] + usage_columns() + ["request_count", "error_count"])
                    )
                }}
            ) as fingerprint
        from {{ ref("int_usage_reported") }}
        group by usage_date
    ),

    coverage as (
        select
            usage_date,
            md5(
                {{
                    sorted_text(
                        surrogate_key(
                            ["usage_context_id", "event_source", "account_id", "is_daily", "covered_to_utc"]
                        )
                    )
                }}
            ) as fingerprint
        from {{ ref("int_report_coverage") }}
        group by usage_date
    ),

    days as (
        select usage_date
        from files
        union
        select usage_date
        from reports
    ),

    contexts as (
        select
            *,
            {{ surrogate_key(["usage_context_id", "provider_id", "model_id", "price_variant", "unpriced_reason"]) }}
            as fingerprint
        from {{ ref("int_usage_contexts") }}
    ),

    stretches as (
        select
            usage_context_id,
            valid_from_utc,
            valid_to_utc,
            md5(
                {{
                    sorted_text(
                        surrogate_key(
                            [
                                "price_card_key",
                                "time_of_day_to_second",
                                "context_up_to_tokens",
                                "minimum_audio_milliseconds",
                            ]
                            + told
                        )
                    )
                }}
            ) as fingerprint
        from {{ ref("int_price_cards") }}
        group by 1, 2, 3
    ),

    day_contexts as (
        select usage_date, {{ context_columns() | join(", ") }}
        from file_days
        union
        select usage_date, {{ context_columns() | join(", ") }}
        from {{ ref("int_usage_reported") }}
    ),

    accounts as (
        select
            provider_id,
            md5(
                {{ sorted_text(surrogate_key(["alias", "account_id", "valid_from_utc", "valid_to_utc"])) }}
            ) as fingerprint
        from {{ ref("int_account_aliases") }}
        where alias <> ''
        group by provider_id
    ),

    meanings as (
        select
            day_contexts.usage_date,
            md5(
                {{
                    sorted_text(
                        "contexts.fingerprint || '=' || coalesce(stretches.fingerprint, '')"
                        " || coalesce(accounts.fingerprint, '') || '<'" ~ " || coalesce(cast(case"
                        " when stretches.valid_to_utc < day_contexts.usage_date + interval '1' day then"
                        " stretches.valid_to_utc end as string), '')" ~ " || '<' || coalesce(cast(case"
                        " when contexts.applies_to_utc < day_contexts.usage_date + interval '1' day then"
                        " contexts.applies_to_utc end as string), '')"
                    )
                }}
            ) as fingerprint
        from day_contexts
        inner join
            contexts
            on {{ same_context("contexts", "day_contexts") }}
            and {{ context_on("contexts", "day_contexts.usage_date") }}
        left join accounts on accounts.provider_id = contexts.provider_id
        left join
            stretches
            on stretches.usage_context_id = contexts.usage_context_id
            and stretches.valid_from_utc < day_contexts.usage_date + interval '1' day
            and stretches.valid_to_utc > day_contexts.usage_date
        group by 1
    )

select
    days.usage_date,
    reports.usage_date is not null as is_reported,
    {{ surrogate_key(["files.fingerprint", "reports.fingerprint", "coverage.fingerprint", "meanings.fingerprint"]) }}
    || '-'
    || '{{ logic_checksum(quantities_are_made_by) }}'
    || {{ people_epoch() }} as inputs_fingerprint
from days
inner join meanings on meanings.usage_date = days.usage_date
left join files on files.usage_date = days.usage_date
left join reports on reports.usage_date = days.usage_date
left join coverage on coverage.usage_date = days.usage_date
{%- if var("prices_as_known_at") %} where {{ in_repriced_window("days.usage_date") }} {%- endif %}
