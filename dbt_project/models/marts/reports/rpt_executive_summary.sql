{% set subjects = ['provider', 'model', 'team'] %}
with months as (
    select month_start_date, {{ sum_cost_measures() }}
    from {{ ref('rpt_cost_monthly') }}
    group by 1
),

leaders as (
    select
        month_start_date,
        {%- for subject in subjects %}
        max(case when scope_type = '{{ subject }}' and spend_rank = 1 and is_named then scope_id end)
            as top_{{ subject }}_id,
        max(case when scope_type = '{{ subject }}' and spend_rank = 1 and is_named then spend_usd end)
            as top_{{ subject }}_spend_usd,
        max(case when scope_type = '{{ subject }}' and spend_rank = 1 and is_named then spend_share_ratio end)
            as top_{{ subject }}_share_ratio,
        {%- endfor %}
        max(case when scope_type = 'cost_center' and scope_id = 'unallocated' then spend_usd end)
            as unallocated_spend_usd,
        max(case when scope_type = 'cost_center' and scope_id = 'unallocated' then spend_share_ratio end)
            as unallocated_share_ratio
    from {{ ref('rpt_spend_ranking_monthly') }}
    group by 1
),

coverage as (
    select
        cast({{ dbt.date_trunc('month', 'usage_date') }} as date) as month_start_date,
        sum(priced_request_count) as priced_request_count,
        sum(billable_request_count) as billable_request_count
    from {{ ref('rpt_request_coverage_daily') }}
    group by 1
),

forecasts as (
    select month_start_date, forecast_spend_usd
    from {{ ref('rpt_month_end_forecast') }}
    where scope_type = 'total'
),

open_alerts as (
    select
        cast({{ dbt.date_trunc('month', 'first_seen_at_utc') }} as date) as month_start_date,
        cast(count(*) as bigint) as open_alert_count
    from {{ ref('rpt_alerts') }}
    where is_open
    group by 1
),

savings as (
    select
        cast({{ dbt.date_trunc('month', 'period_end_date') }} as date) as month_start_date,
        cast(sum(saving_usd) as decimal(38, 12)) as identified_saving_usd
    from {{ ref('rpt_recommendations') }}
    where is_open
    group by 1
),

joined as (
    select
        months.*,
        previous_months.spend_usd as previous_month_spend_usd,
        cast(months.spend_usd - previous_months.spend_usd as decimal(38, 12)) as spend_change_usd,
        {%- for subject in subjects %}
        leaders.top_{{ subject }}_id,
        leaders.top_{{ subject }}_spend_usd,
        leaders.top_{{ subject }}_share_ratio,
        {%- endfor %}
        coalesce(leaders.unallocated_spend_usd, cast(0 as decimal(38, 12))) as unallocated_spend_usd,
        coalesce(leaders.unallocated_share_ratio, cast(0 as double)) as unallocated_share_ratio,
        {{ percent('coverage.priced_request_count', 'coverage.billable_request_count') }} as priced_requests_coverage_pct,
        forecasts.forecast_spend_usd,
        coalesce(open_alerts.open_alert_count, 0) as open_alert_count,
        savings.identified_saving_usd
    from months
    left join months as previous_months
        on previous_months.month_start_date = cast({{ dbt.dateadd('month', -1, 'months.month_start_date') }} as date)
    left join leaders on leaders.month_start_date = months.month_start_date
    left join coverage on coverage.month_start_date = months.month_start_date
    left join forecasts on forecasts.month_start_date = months.month_start_date
    left join open_alerts on open_alerts.month_start_date = months.month_start_date
    left join savings on savings.month_start_date = months.month_start_date
)

select
    *,
    {{ percent('spend_change_usd', 'case when previous_month_spend_usd > 0 then previous_month_spend_usd end') }}
        as spend_change_pct,
    {{ percent('total_tokens - coalesce(unpriced_tokens, 0)', 'total_tokens') }} as priced_tokens_coverage_pct
from joined
