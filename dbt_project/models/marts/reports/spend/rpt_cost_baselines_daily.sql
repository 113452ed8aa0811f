{#
  Every day against the 30 before it, days that nobody would call unusual included: the plain statistics beside what
  `rpt_cost_anomalies` judges by more. The day itself is not in its baseline, so one spike does not hide itself.
#}
{% set baseline_days = 30 %}
{% set shown_days = 90 %}
{% set fewest_known_days = 14 %}
{% set threshold = 3 %}
with
    series as (select * from {{ ref("rpt_spend_series_daily") }}),

    newest as (select max(usage_date) as usage_date from series),

    days as (
        select
            series.series_id, series.scope_type, series.scope_id, series.cost_kind, series.usage_date, series.spend_usd
        from series
        cross join newest
        where series.usage_date > cast({{ dbt.dateadd("day", -shown_days, "newest.usage_date") }} as date)
    ),

    baselines as (
        select
            days.scope_type,
            days.scope_id,
            days.usage_date,
            cast(count(*) as bigint) as known_day_count,
            cast(sum(before.spend_usd) as decimal(38, 12)) as known_spend_usd,
            stddev_samp(cast(before.spend_usd as double)) as deviation,
            {{ percentiles("before.spend_usd", [0.95, 0.99]) }} as percentile_list
        from days
        inner join
            series as before
            on before.scope_type = days.scope_type
            and before.scope_id = days.scope_id
            and before.usage_date >= cast({{ dbt.dateadd("day", -baseline_days, "days.usage_date") }} as date)
            and before.usage_date < days.usage_date
        where before.spend_usd is not null
        group by 1, 2, 3
    ),

    compared as (
        select
            days.*,
            coalesce(baselines.known_day_count, 0) as baseline_day_count,
            {{ ratio("baselines.known_spend_usd", "baselines.known_day_count", 12) }} as baseline_mean_usd,
            baselines.deviation,
            -- Sums of doubles differ in their last digits with the order of rows: so many digits do not.
            case
                when baselines.deviation < 1
                then {{ rounded("baselines.deviation", 9) }}
                when baselines.deviation < 1000
                then {{ rounded("baselines.deviation", 6) }}
                else {{ rounded("baselines.deviation", 3) }}
            end as baseline_deviation_usd,
            cast({{ percentile_at("baselines.percentile_list", 1) }} as decimal(38, 12)) as baseline_p95_usd,
            cast({{ percentile_at("baselines.percentile_list", 2) }} as decimal(38, 12)) as baseline_p99_usd
        from days
        left join
            baselines
            on baselines.scope_type = days.scope_type
            and baselines.scope_id = days.scope_id
            and baselines.usage_date = days.usage_date
    ),

    scored as (
        select
            *,
            case
                when baseline_day_count >= {{ fewest_known_days }} and baseline_deviation_usd <> 0
                then {{ ratio("spend_usd - baseline_mean_usd", "deviation", 6) }}
            end as z_score
        from compared
    )

select
    series_id,
    scope_type,
    scope_id,
    cost_kind,
    usage_date,
    spend_usd,
    baseline_day_count,
    baseline_mean_usd,
    baseline_deviation_usd,
    baseline_p95_usd,
    baseline_p99_usd,
    z_score,
    case when abs(z_score) > {{ threshold }} then 'anomaly' else 'normal' end as status,
    case
        when spend_usd is null
        then 'the spend of the day is not known'
        when baseline_day_count < {{ fewest_known_days }}
        then 'fewer than {{ fewest_known_days }} of the {{ baseline_days }} days before are known'
        when z_score is null
        then 'all days before are alike'
    end as reason
from scored
