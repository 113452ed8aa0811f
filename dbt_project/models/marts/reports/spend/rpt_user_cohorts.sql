{# A user belongs to the month of the first request seen. Months without any activity are rows with zero users. #}
with
    active_users as (
        select
            user_key,
            month_start_date,
            sum(contracted_cost_usd) as contracted_cost_usd,
            sum(request_count) as request_count
        from {{ ref("rpt_cost_by_user_monthly") }}
        where user_key is not null
        group by 1, 2
        having sum(request_count) > 0
    ),

    first_use as (select user_key, min(month_start_date) as cohort_month_start_date from active_users group by 1),

    cohorts as (
        select cohort_month_start_date, cast(count(*) as bigint) as cohort_user_count from first_use group by 1
    ),

    last_month as (select max(month_start_date) as month_start_date from active_users),

    months as (
        select date_day as month_start_date from {{ ref("dim_dates") }} where date_day = {{ month_of("date_day") }}
    ),

    grid as (
        select cohorts.cohort_month_start_date, cohorts.cohort_user_count, months.month_start_date
        from cohorts
        cross join last_month
        inner join
            months on months.month_start_date between cohorts.cohort_month_start_date and last_month.month_start_date
    ),

    activity as (
        select
            first_use.cohort_month_start_date,
            active_users.month_start_date,
            cast(count(*) as bigint) as active_user_count,
            cast(sum(active_users.contracted_cost_usd) as decimal(38, 12)) as contracted_cost_usd,
            cast(sum(active_users.request_count) as bigint) as request_count
        from active_users
        inner join first_use on first_use.user_key = active_users.user_key
        group by 1, 2
    )

select
    grid.cohort_month_start_date,
    cast(
        {{ dbt.datediff("grid.cohort_month_start_date", "grid.month_start_date", "month") }} as bigint
    ) as months_since_first_use,
    grid.month_start_date,
    grid.cohort_user_count,
    coalesce(activity.active_user_count, 0) as active_user_count,
    {{ ratio("coalesce(activity.active_user_count, 0)", "grid.cohort_user_count", 12) }} as retained_ratio,
    case
        when activity.month_start_date is null then cast(0 as decimal(38, 12)) else activity.contracted_cost_usd
    end as contracted_cost_usd,
    coalesce(activity.request_count, 0) as request_count,
    {{ ratio("activity.contracted_cost_usd", "activity.active_user_count", 12) }} as contracted_cost_usd_per_active_user
from grid
left join
    activity
    on activity.cohort_month_start_date = grid.cohort_month_start_date
    and activity.month_start_date = grid.month_start_date
