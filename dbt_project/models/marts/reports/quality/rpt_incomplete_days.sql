{#- Days on which usage of a source is missing although it had some on that weekday in three of the four weeks before,
    and days that a provider's report lacks or has in part. The newest day of all is still growing and not judged. A
    source that ended counts as missing for two weeks, by its own past. What is missing is estimated by those weeks. -#}
with
    daily as (
        select
            {{ usage_origin("event_source") }} as source,
            usage_date,
            sum(contracted_cost_usd) as cost_usd,
            sum(request_count) as request_count
        from {{ ref("rpt_usage_daily") }}
        group by 1, 2
    ),

    spans as (select source, min(usage_date) as first_date from daily group by 1),

    spine as ({{ date_spine("(select min(usage_date) from daily)", "(select max(usage_date) from daily)") }}),

    days as (
        select
            spans.source,
            spine.date_day as usage_date,
            case when daily.source is not null then 1 else 0 end as has_rows,
            daily.cost_usd,
            daily.request_count
        from spans
        inner join spine on spine.date_day >= spans.first_date
        left join daily on daily.source = spans.source and daily.usage_date = spine.date_day
    ),

    compared as (
        select
            days.*,
            sum(has_rows) over same_weekday as weeks_seen,
            {{ rounded("avg(cast(cost_usd as double)) over same_weekday", 6) }} as usual_cost_usd,
            avg(request_count) over same_weekday as usual_request_count
        from days
        window
            same_weekday as (
                partition by source, dayofweek(usage_date) order by usage_date rows between 4 preceding and 1 preceding
            )
    ),

    usual as (select usage_date, sum(usual_cost_usd) as usual_cost_usd from compared group by 1),

    reported as (
        select source, usage_date, min(endpoint) as endpoint, min(reason) as reason
        from {{ ref("rpt_source_completeness") }}
        where status in ('missing', 'partial')
        group by 1, 2
    ),

    found as (
        select
            coalesce(compared.source, reported.source) as source,
            coalesce(compared.usage_date, reported.usage_date) as usage_date,
            compared.usual_cost_usd,
            compared.usual_request_count,
            case
                when reported.source is not null
                then reported.endpoint || ': ' || coalesce(reported.reason, 'cut short')
                else 'no usage, though this weekday had some in ' || weeks_seen || ' of the 4 weeks before'
            end as reason
        from compared
        full join reported on reported.source = compared.source and reported.usage_date = compared.usage_date
        where
            reported.source is not null
            or (compared.has_rows = 0 and compared.weeks_seen >= 3 and compared.usual_request_count >= 5)
    )

select
    {{ surrogate_key(["found.source", "found.usage_date"]) }} as incomplete_day_key,
    found.source,
    found.usage_date,
    found.reason,
    cast(round(found.usual_request_count) as bigint) as usual_request_count,
    cast(found.usual_cost_usd as decimal(38, 12)) as usual_cost_usd,
    {{ percent("found.usual_cost_usd", "usual.usual_cost_usd") }} as usual_share_pct
from found
left join usual on usual.usage_date = found.usage_date
where found.usage_date < (select max(usage_date) from daily)
