{#- Key figures over the newest 30 days against their targets, with the trend of their days, and the efficiency
    score: the mean of the scores that are known. Targets of the organisation stand before the shipped ones. -#}
with
    newest as (select max(usage_date) as as_of_date from {{ ref("rpt_kpis_daily") }}),

    recent as (
        select daily.*, newest.as_of_date, {{ days_between("newest.as_of_date", "daily.usage_date") }} as day_number
        from {{ ref("rpt_kpis_daily") }} as daily
        inner join
            newest
            on daily.usage_date <= newest.as_of_date
            and daily.usage_date > cast({{ dbt.dateadd("day", -30, "newest.as_of_date") }} as date)
    ),

    windows as (
        select
            kpi,
            max(as_of_date) as as_of_date,
            cast(count(kpi_value) as bigint) as sample_count,
            -- A figure of 30 days counts as of the newest day, the others as sums. Days without requests have costs all
            -- the same; days without telemetry or stated actions are left out on both sides.
            case
                when kpi = 'cost_per_active_user'
                then
                    {{
                        ratio(
                            "max(case when usage_date = as_of_date then numerator end)",
                            "max(case when usage_date = as_of_date then denominator end)",
                            9,
                        )
                    }}
                else
                    {{
                        ratio(
                            "sum(case when denominator > 0 or kpi in ('cost_per_request', 'cost_per_1k_tokens') "
                            ~ "then numerator end)",
                            "sum(case when numerator is not null then denominator end)",
                            9,
                        )
                    }}
            end as kpi_value,
            min(kpi_value) as least_value,
            max(kpi_value) as greatest_value,
            {{ rounded("avg(cast(kpi_value as double))", 9) }} as average_value,
            -- One day has no slope.
            case
                when count(kpi_value) >= 2
                then {{ rounded("regr_slope(cast(kpi_value as double), cast(day_number as double))", 9) }}
            end as slope_per_day
        from recent
        group by kpi
    ),

    lasts as (
        select kpi, kpi_value as current_value
        from
            (
                select kpi, kpi_value, row_number() over (partition by kpi order by usage_date desc) as newest
                from recent
                where kpi_value is not null
            ) as known
        where newest = 1
    ),

    targets as (
        select
            definitions.*,
            coalesce(own.target, cast(definitions.target as decimal(38, 12))) as own_target,
            coalesce(own.warning, cast(definitions.warning as decimal(38, 12))) as own_warning,
            own.kpi is not null as is_own_target
        from {{ ref("kpi_definitions") }} as definitions
        cross join newest
        left join
            {{ ref("stg_org__kpi_targets") }} as own
            on own.kpi = definitions.kpi
            and {{ valid_on("own", "newest.as_of_date") }}
    ),

    scored as (
        select
            targets.kpi,
            targets.kpi_name,
            targets.unit,
            targets.description as formula,
            windows.as_of_date,
            windows.kpi_value,
            targets.own_target as target_value,
            targets.own_warning as warning_value,
            targets.is_higher_better,
            targets.is_own_target,
            {{
                kpi_status(
                    "windows.kpi_value", "targets.own_target", "targets.own_warning", "targets.is_higher_better"
                )
            }} as status,
            case
                when windows.kpi_value is not null
                then {{ kpi_score("windows.kpi_value", "targets.own_target", "targets.is_higher_better") }}
            end as score,
            lasts.current_value,
            windows.average_value,
            windows.least_value,
            windows.greatest_value,
            windows.slope_per_day,
            coalesce(windows.sample_count, 0) as sample_count
        from targets
        left join windows on windows.kpi = targets.kpi
        left join lasts on lasts.kpi = targets.kpi
    ),

    total as (
        select
            'cost_efficiency_score' as kpi,
            'Cost efficiency score' as kpi_name,
            'points' as unit,
            'mean of the scores of the figures that are known; each is min(100, target ÷ value × 100), of GPU '
            || 'utilisation min(100, value ÷ target × 100)' as formula,
            max(as_of_date) as as_of_date,
            {{ rounded("avg(cast(score as double))", 6) }} as kpi_value,
            cast(count(score) as bigint) as sample_count
        from scored
    )

select
    *,
    case
        when sample_count < 2
        then 'insufficient_data'
        when slope_per_day > 0
        then 'increasing'
        when slope_per_day < 0
        then 'decreasing'
        else 'steady'
    end as trend_direction,
    abs(slope_per_day) as trend_magnitude_per_day,
    {{ ratio("kpi_value", "target_value") }} as value_to_target_ratio
from scored
union all
select
    kpi,
    kpi_name,
    unit,
    formula,
    as_of_date,
    kpi_value,
    cast(null as decimal(38, 12)),
    cast(null as decimal(38, 12)),
    true,
    false,
    cast(null as string),
    kpi_value,
    cast(null as decimal(38, 12)),
    cast(null as decimal(38, 12)),
    cast(null as decimal(38, 12)),
    cast(null as decimal(38, 12)),
    cast(null as decimal(38, 12)),
    sample_count,
    cast(null as string),
    cast(null as decimal(38, 12)),
    cast(null as decimal(38, 12))
from total
