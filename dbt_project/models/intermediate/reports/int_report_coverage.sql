{#- Where a report stands in for events: usage context × day, from an instant to an instant. A report covers a day it
    has rows for: all of it when the pull of the day is complete, else to the end of its newest hour. OpenAI's reports
    cover the models they count. account_id NULL: whatever account events name, as the report names none. -#}
with
    reported as (
        select
            event_source,
            provider_name as provider_id,
            report,
            usage_date,
            account_id,
            is_daily,
            max(usage_hour_utc)
            + max(case when is_daily then interval '1' day else interval '1' hour end) as reported_to_utc
        from {{ ref("int_usage_reported") }}
        group by 1, 2, 3, 4, 5, 6
    ),

    pulls as (
        select
            source as event_source,
            case when source = 'api/openai' then replace(endpoint, 'usage_', '') else '' end as report,
            usage_date,
            status
        from {{ ref("stg_landing__pulls") }}
        where usage_date is not null and endpoint not like '%cost%' and endpoint not like 'claude_code%'
    ),

    complete_days as (
        select event_source, report, usage_date
        from pulls
        group by 1, 2, 3
        having min(case when status = 'complete' then 1 else 0 end) = 1
    ),

    event_days as (
        select distinct usage_date, {{ context_columns() | join(", ") }} from {{ ref("int_usage_file_days") }}
    )

select
    contexts.usage_context_id,
    reported.event_source,
    reported.account_id,
    -- Events without an account are under the first of a provider's accounts.
    row_number() over (
        partition by contexts.usage_context_id, reported.usage_date order by reported.account_id
    ) as account_rank,
    reported.is_daily,
    reported.usage_date,
    cast(
        case
            when complete_days.usage_date is not null
            then cast(reported.usage_date as timestamp) + interval '1' day
            else reported.reported_to_utc
        end as timestamp
    ) as covered_to_utc
from event_days
inner join
    {{ ref("int_usage_contexts") }} as contexts
    on {{ same_context("contexts", "event_days") }}
    and {{ context_on("contexts", "event_days.usage_date") }}
inner join
    reported
    on reported.provider_id = contexts.provider_id
    and reported.usage_date = event_days.usage_date
    and reported.report in ('', {{ openai_report("lower(contexts.model)") }})
left join
    complete_days
    on complete_days.event_source = reported.event_source
    and complete_days.report = reported.report
    and complete_days.usage_date = reported.usage_date
