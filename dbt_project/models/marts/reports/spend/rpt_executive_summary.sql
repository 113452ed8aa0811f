with
    months as (
        select month_start_date, {{ sum_cost_measures() }}, {{- kind_columns("spend_usd") }}
        from {{ ref("rpt_cost_monthly") }}
        group by 1
    ),

    leaders as (select * from {{ ref("rpt_spend_leaders_monthly") }}),

    coverage as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            sum(priced_request_count) as priced_request_count,
            sum(billable_request_count) as billable_request_count
        from {{ ref("rpt_request_coverage_daily") }}
        group by 1
    ),

    forecasts as (
        select month_start_date, forecast_spend_usd from {{ ref("rpt_month_end_forecast") }} where scope_type = 'total'
    ),

    newest_month as (select max(month_start_date) as month_start_date from months),

    open_alerts as (
        select
            least({{ month_of("alerts.first_seen_at_utc") }}, newest_month.month_start_date) as month_start_date,
            cast(count(*) as bigint) as open_alert_count
        from {{ ref("rpt_alerts") }} as alerts
        cross join newest_month
        where alerts.is_open
        group by 1
    ),

    savings as (
        select
            {{ month_of("period_end_date") }} as month_start_date,
            cast(sum(incremental_saving_usd) as decimal(38, 12)) as identified_saving_usd
        from {{ ref("rpt_recommendations") }}
        where is_open
        group by 1
    ),

    joined as (
        select
            months.*,
            previous_months.spend_usd as previous_month_spend_usd,
            cast(months.spend_usd - previous_months.spend_usd as decimal(38, 12)) as spend_change_usd,
            leaders.top_provider_id,
            leaders.top_provider_spend_usd,
            leaders.top_provider_share_ratio,
            leaders.top_team_id,
            leaders.top_team_spend_usd,
            leaders.top_team_share_ratio,
            leaders.top_model_id,
            leaders.top_model_contracted_cost_usd,
            leaders.top_model_share_ratio,
            leaders.unallocated_spend_usd,
            leaders.unallocated_share_ratio,
            {{ percent("coverage.priced_request_count", "coverage.billable_request_count") }} as coverage_pct,
            forecasts.forecast_spend_usd,
            coalesce(open_alerts.open_alert_count, 0) as open_alert_count,
            savings.identified_saving_usd
        from months
        left join
            months as previous_months
            on previous_months.month_start_date
            = cast({{ dbt.dateadd("month", -1, "months.month_start_date") }} as date)
        left join leaders on leaders.month_start_date = months.month_start_date
        left join coverage on coverage.month_start_date = months.month_start_date
        left join forecasts on forecasts.month_start_date = months.month_start_date
        left join open_alerts on open_alerts.month_start_date = months.month_start_date
        left join savings on savings.month_start_date = months.month_start_date
    )

select
    *,
    {{ percent("spend_change_usd", "case when previous_month_spend_usd > 0 then previous_month_spend_usd end") }}
    as spend_change_pct,
    {{ percent("total_tokens - coalesce(unpriced_tokens, 0)", "total_tokens") }} as token_coverage_pct
from joined
