select
    date_day,
    cast(extract(year from date_day) as bigint) as year_number,
    cast(extract(quarter from date_day) as bigint) as quarter_number,
    cast(extract(month from date_day) as bigint) as month_number,
    cast(date_trunc('week', date_day) as date) as week_start_date,
    {{ month_of("date_day") }} as month_start_date,
    cast(date_trunc('quarter', date_day) as date) as quarter_start_date,
    cast(date_trunc('year', date_day) as date) as year_start_date,
    cast({{ iso_weekday("date_day") }} as bigint) as day_of_week,
    {{
        word_of(
            iso_weekday("date_day"),
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        )
    }} as day_name,
    {{
        word_of(
            "extract(month from date_day)",
            [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
        )
    }} as month_name,
    {{ iso_weekday("date_day") }} >= 6 as is_weekend,
    cast(
        extract(day from date_trunc('month', date_day) + interval '1' month - interval '1' day) as bigint
    ) as days_in_month
from {{ ref("int_dates") }}
