{#- One fingerprint per day of spend over everything that its allocation comes from: its items, what the organisation
    says on it, the usage and the bills of every day that its charges cover, and the SQL. Where a rule counts by the
    month, all days of the month. What is built stores it and rebuilds the days that differ. -#}
{%- set read = spend_item_dimensions() + ["team_id"] + spend_item_amounts() + spend_item_counts() %}

with
    items as (
        select
            usage_date,
            sum({{ row_fingerprint(read) }}) as fingerprint,
            max(case when spend_item_type = 'charge' and is_llm_charge then charge_last_date end) as last_covered_date
        from {{ ref("int_spend_items") }}
        group by usage_date
    ),

    -- Sub-accounts that bills name, on every day that they cover: what is named in one charge is left out of others.
    naming as (
        select distinct provider_id, project_id, usage_date, charge_last_date
        from {{ ref("int_spend_items") }}
        where spend_item_type = 'charge' and is_llm_charge and project_id is not null and charge_last_date > usage_date
    ),

    names as (
        select
            dates.date_day as usage_date,
            sum({{ row_fingerprint(["naming.provider_id", "naming.project_id"]) }}) as fingerprint
        from naming
        inner join
            {{ ref("int_dates") }} as dates
            on dates.date_day > naming.usage_date
            and dates.date_day <= naming.charge_last_date
        group by 1
    ),

    gpus as (
        select usage_date, sum({{ row_fingerprint(["workload", "used_seconds"]) }}) as fingerprint
        from {{ ref("int_gpu_usage_hourly") }}
        where workload in (select target_id from {{ ref("int_allocation_rules") }} where basis_metric = 'gpu_seconds')
        group by 1
    ),

    -- Rows of the organisation's files begin and end at instants; the sum of those that hold changes at these only.
    versions as (
        {%- for relation, columns in [
            (
                ref("int_ownership"),
                [
                    "subject_type",
                    "subject_id",
                    "provider_name",
                    "provider_id",
                    "team_id",
                    "project_id",
                    "cost_center_id",
                    "valid_from_utc",
                ],
            ),
            (ref("stg_org__projects"), ["project_id", "team_id", "valid_from_utc"]),
            (ref("stg_org__teams"), ["team_id", "cost_center_id", "valid_from_utc"]),
            (
                ref("int_allocation_rules"),
                ["rule_version_key", "target_type", "target_id", "share_weight", "percent"],
            ),
            (
                ref("stg_org__service_shares"),
                ["source_type", "source_id", "target_type", "target_id", "method", "rule_id", "weight"],
            ),
        ] %}
            select
                valid_from_utc, valid_to_utc, {{ row_fingerprint(["'" ~ loop.index ~ "'"] + columns) }} as fingerprint
            from {{ relation }}
            where valid_from_utc < valid_to_utc
            union all
        {%- endfor %}
        select
            cast('1900-01-01' as timestamp),
            cast('2200-01-01' as timestamp),
            {{ row_fingerprint(["'tag_keys'", "key_rule", "spelling", "canonical_key"]) }}
        from {{ ref("int_tag_key_spellings") }}
    ),

    changes as (
        select at_utc, sum(fingerprint) as fingerprint
        from
            (
                select valid_from_utc as at_utc, fingerprint
                from versions
                union all
                select valid_to_utc, - fingerprint
                from versions
            ) as begun_and_ended
        group by 1
    ),

    stretches as (
        select
            at_utc,
            lead(at_utc) over (order by at_utc) as next_utc,
            sum(fingerprint) over (order by at_utc rows between unbounded preceding and current row) as fingerprint
        from changes
    ),

    days as (
        select
            dates.date_day as usage_date,
            {{ month_of("dates.date_day") }} as month_start_date,
            coalesce(items.last_covered_date, dates.date_day) as last_covered_date,
            items.usage_date is not null as has_items,
            {{
                surrogate_number(
                    ["items.fingerprint", "names.fingerprint", "gpus.fingerprint", "stretches.fingerprint"]
                )
            }} as fingerprint
        from {{ ref("int_dates") }} as dates
        left join items on items.usage_date = dates.date_day
        left join names on names.usage_date = dates.date_day
        left join gpus on gpus.usage_date = dates.date_day
        left join
            stretches
            on stretches.at_utc <= cast(dates.date_day as timestamp)
            and stretches.next_utc > cast(dates.date_day as timestamp)
    ),

    covered as (
        select days.usage_date, sum(cast(later.fingerprint as {{ whole_type() }})) as fingerprint
        from days
        inner join days as later on later.usage_date > days.usage_date and later.usage_date <= days.last_covered_date
        group by 1
    ),

    whole_days as (
        select
            days.usage_date,
            days.month_start_date,
            days.has_items,
            {{ surrogate_number(["days.fingerprint", "covered.fingerprint"]) }} as fingerprint
        from days
        left join covered on covered.usage_date = days.usage_date
    ),

    monthly_rules as (
        select distinct valid_from_utc, valid_to_utc
        from {{ ref("int_allocation_rules") }}
        where method = 'fixed_amount' or (method = 'proportional' and basis_period = 'month')
    ),

    months as (
        select month_start_date, sum(cast(fingerprint as {{ whole_type() }})) as fingerprint
        from whole_days
        where
            month_start_date in (
                select {{ month_of("dates.date_day") }}
                from {{ ref("int_dates") }} as dates
                inner join monthly_rules on {{ valid_on("monthly_rules", "dates.date_day") }}
            )
        group by 1
    )

select
    whole_days.usage_date,
    whole_days.month_start_date,
    months.month_start_date is not null as is_split_by_month,
    {{ surrogate_key(["whole_days.fingerprint", "months.fingerprint"]) }}
    || '-'
    || '{{ logic_checksum(allocation_models()) }}'
    || '{{ "-effective" if is_allocated_by_effective_cost() }}' as inputs_fingerprint
from whole_days
left join months on months.month_start_date = whole_days.month_start_date
where whole_days.has_items
