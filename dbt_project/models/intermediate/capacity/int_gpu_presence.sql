{#- Every hour in which a GPU was there to be paid for: each hour with a sample of it, and each hour of a row of the
    inventory, whether it told anything or not. A machine's GPUs are those seen that day, then others of it that were
    seen before or after, then nameless ones up to the number that the inventory says. A row that names the GPU goes
    before one that names its machine. -#}
with
    inventory as (
        select *, _source_row as inventory_row, coalesce(host, '') as inventory_host, gpu_id is not null as is_one_gpu
        from {{ ref("stg_org__gpu_inventory") }}
    ),

    seen as (
        select host, gpu_id, cast(usage_hour_utc as date) as usage_date, max(gpu_name) as gpu_name
        from {{ ref("int_gpu_measured_hours") }}
        group by 1, 2, 3
    ),

    spans as (select host, gpu_id, min(usage_date) as first_date, max(usage_date) as last_date from seen group by 1, 2),

    -- A row without a beginning begins with the first day that is known of any GPU.
    bounds as (
        select min(first_date) as first_day, {{ today() }} - 1 as last_day
        from
            (
                select min(first_date) as first_date
                from spans
                union all
                select min(cast(valid_from_utc as date))
                from inventory
                where valid_from_utc > cast('1900-01-01' as timestamp)
            ) as firsts
    ),

    days as ({{ date_spine("bounds.first_day", "bounds.last_day") }} from bounds),

    inventory_days as (
        select inventory.*, dates.date_day as usage_date
        from inventory
        inner join
            days as dates
            on dates.date_day >= cast(inventory.valid_from_utc as date)
            and cast(dates.date_day as timestamp) < inventory.valid_to_utc
    ),

    candidates as (
        select
            days.inventory_row,
            days.usage_date,
            spans.host,
            spans.gpu_id,
            seen.gpu_id is not null as is_seen,
            row_number() over (
                partition by days.inventory_row, days.usage_date
                order by
                    case when seen.gpu_id is not null then 0 else 1 end,
                    case when days.usage_date between spans.first_date and spans.last_date then 0 else 1 end,
                    spans.last_date desc,
                    spans.gpu_id
            ) as gpu_number
        from inventory_days as days
        inner join
            spans
            on (days.inventory_host = '' or spans.host = days.inventory_host)
            and (not days.is_one_gpu or spans.gpu_id = days.gpu_id)
        left join seen on seen.host = spans.host and seen.gpu_id = spans.gpu_id and seen.usage_date = days.usage_date
    ),

    counts as (
        select
            days.inventory_row,
            days.usage_date,
            case
                when days.is_one_gpu
                then 1
                else greatest(days.gpu_count, count(case when candidates.is_seen then 1 end))
            end as gpus_of_row
        from inventory_days as days
        left join
            candidates on candidates.inventory_row = days.inventory_row and candidates.usage_date = days.usage_date
        group by days.inventory_row, days.usage_date, days.is_one_gpu, days.gpu_count
    ),

    numbers as (
        select row_number() over (order by date_day) as gpu_number
        from ({{ date_spine("cast('2000-01-01' as date)", "cast('2000-12-31' as date)") }}) as some_days
    ),

    listed as (
        select
            {{ all_but("days", ["host", "gpu_id"]) }},
            counts.gpus_of_row,
            numbers.gpu_number,
            coalesce(candidates.host, days.inventory_host) as host,
            coalesce(candidates.gpu_id, days.gpu_id, 'silent-' || cast(numbers.gpu_number as string)) as gpu_id
        from inventory_days as days
        inner join counts on counts.inventory_row = days.inventory_row and counts.usage_date = days.usage_date
        inner join numbers on numbers.gpu_number <= counts.gpus_of_row
        left join
            candidates
            on candidates.inventory_row = days.inventory_row
            and candidates.usage_date = days.usage_date
            and candidates.gpu_number = numbers.gpu_number
    ),

    hours_of_day as (select cast(gpu_number as bigint) - 1 as hour_number from numbers where gpu_number <= 24),

    inventory_hours as (
        select
            listed.*,
            cast(listed.usage_date as timestamp) + hours.hour_number * interval '1' hour as usage_hour_utc,
            row_number() over (
                partition by listed.host, listed.gpu_id, listed.usage_date, hours.hour_number
                order by case when listed.is_one_gpu then 0 else 1 end, listed.valid_from_utc desc, listed.inventory_row
            ) as row_rank
        from listed
        inner join
            hours_of_day as hours
            on cast(listed.usage_date as timestamp) + hours.hour_number * interval '1' hour >= listed.valid_from_utc
            and cast(listed.usage_date as timestamp) + hours.hour_number * interval '1' hour < listed.valid_to_utc
    ),

    measured as (
        select
            usage_hour_utc,
            host,
            gpu_id,
            max(gpu_name) as gpu_name,
            dense_rank() over (partition by usage_hour_utc, host order by gpu_id) as number_on_host
        from {{ ref("int_gpu_measured_hours") }}
        group by usage_hour_utc, host, gpu_id
    ),

    owned as (select * from inventory_hours where row_rank = 1)

select
    coalesce(owned.usage_hour_utc, measured.usage_hour_utc) as usage_hour_utc,
    cast(coalesce(owned.usage_hour_utc, measured.usage_hour_utc) as date) as usage_date,
    coalesce(owned.host, measured.host) as host,
    coalesce(owned.gpu_id, measured.gpu_id) as gpu_id,
    measured.gpu_name,
    owned.inventory_row,
    owned.instance_id,
    owned.attached_resources,
    owned.is_one_gpu,
    owned.gpu_type as given_gpu_type,
    owned.gpu_count,
    owned.gpus_of_row,
    coalesce(owned.gpu_number, measured.number_on_host) as gpu_number,
    coalesce(owned.provider, '{{ var("gpu_rate_cloud") }}') as rate_provider,
    owned.region,
    owned.instance_type,
    coalesce(owned.purchase_option, '{{ var("gpu_rate_purchase_option") }}') as purchase_option,
    owned.hourly_rate,
    coalesce(owned.purchase_price, owned.upfront) as paid_at_once,
    owned.term_start_utc,
    owned.term_end_utc,
    coalesce(owned.currency, 'USD') as currency,
    owned.team_id
from owned
full outer join
    measured
    on measured.usage_hour_utc = owned.usage_hour_utc
    and measured.host = owned.host
    and measured.gpu_id = owned.gpu_id
