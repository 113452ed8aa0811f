{#- Which days of each provider report are there. A day is missing when it lies between the first and the last pulled
    day and was never pulled, when it was pulled with rows and its file or its rows are gone, or when the provider no
    longer reports it. Reports by month have no gaps of days. -#}
{%- set is_lost -%}
    pulls.status in ('complete', 'partial') and pulls.row_count > 0 and coalesce(landed.has_its_rows, false) = false
{%- endset %}

with
    pulls as (select * from {{ ref("stg_landing__pulls") }} where usage_date is not null or status <> 'complete'),

    spans as (
        select source, endpoint, min(usage_date) as first_date, max(usage_date) as last_date
        from pulls
        where usage_date is not null and endpoint not like '%monthly%' and endpoint not like '%forecast%'
        group by 1, 2
    ),

    spine as ({{ date_spine("(select min(first_date) from spans)", "(select max(last_date) from spans)") }}),

    days as (
        select spans.source, spans.endpoint, spine.date_day as usage_date
        from spans
        inner join spine on spine.date_day >= spans.first_date and spine.date_day <= spans.last_date
        union
        select source, endpoint, usage_date
        from pulls
    ),

    judged as (
        select
            days.source,
            days.endpoint,
            days.usage_date,
            case
                when pulls.status is null
                then 'missing'
                when {{ is_lost }}
                then 'missing'
                when pulls.status = 'complete' and pulls.restatement_count > 0
                then 'restated'
                else pulls.status
            end as status,
            pulls.row_count,
            pulls.bucket_count,
            pulls.first_pulled_at_utc,
            pulls.last_pulled_at_utc,
            coalesce(pulls.restatement_count, 0) as restatement_count,
            pulls.restated_amount_change,
            pulls.restated_quantity_change,
            case
                when pulls.status is null
                then 'never pulled: backfill this day'
                when {{ is_lost }}
                then 'pulled, but its file or its rows are gone: backfill this day'
                else pulls.reason
            end as reason
        from days
        left join
            pulls
            on pulls.source = days.source
            and pulls.endpoint = days.endpoint
            and coalesce(pulls.usage_date, cast('1900-01-01' as date))
            = coalesce(days.usage_date, cast('1900-01-01' as date))
        left join
            {{ ref("int_report_files_landed") }} as landed
            on landed.source = days.source
            and landed.path = days.endpoint || '/' || cast(days.usage_date as string) || '.jsonl.gz'
    )

select
    {{ surrogate_key(["source", "endpoint", "usage_date"]) }} as source_completeness_key,
    source,
    endpoint,
    usage_date,
    status,
    row_count,
    bucket_count,
    first_pulled_at_utc,
    last_pulled_at_utc,
    cast(restatement_count as bigint) as restatement_count,
    restated_amount_change,
    restated_quantity_change,
    reason
from judged
