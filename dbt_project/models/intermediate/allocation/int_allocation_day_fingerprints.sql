{#- One fingerprint per day of spend over everything that its allocation comes from: what int_spend_items is made of,
    what the organisation says on it, the usage and the bills of every day that its charges cover, and the SQL. Where a
    rule counts by the month, all days of the month. What is built stores it and rebuilds the days that differ. -#}
{%- set charge_columns = [
    "provider_id",
    "billing_account_id",
    "sub_account_id",
    "model_id",
    "charge_category",
    "service_name",
    "tags",
    "is_llm_charge",
    "cost_kind",
    "charge_period_end_utc",
    "billing_currency",
    "billed_cost_usd",
    "spend_usd",
    "list_cost",
] %}
{%- set named = [
    "provider_id",
    "account_id",
    "project_id",
    "workspace_id",
    "api_key_id",
    "user_id",
    "team_id",
    "customer_id",
    "feature",
    "environment",
    "model_id",
] %}
{%- set usage_columns = named + [
    "cost_basis",
    "list_cost_usd",
    "contracted_cost_usd",
    "spend_usd",
    "usage_row_count",
    "unknown_spend_row_count",
    "request_count",
    "input_tokens",
    "output_tokens",
] %}
{%- set adjustment_columns = named + ["list_difference_usd", "contracted_difference_usd"] %}
{%- set gpu_columns = ["host", "workload", "gpu_name", "cost_basis", "cost_usd", "telemetry_cost_usd"] + [
    "gpu_hour_count",
    "unknown_cost_item_count",
] %}

with
    charges as (
        select
            *,
            case
                when is_llm_charge then {{ last_day_of_charge("charge_date", "charge_period_end_utc") }}
            end as charge_last_date
        from {{ ref("int_charges_to_allocate") }}
    ),

    -- The charge's own day, the days of usage and the days of whatever else is spent, each with a sum of its rows.
    parts as (
        {%- for relation, day, columns in [
            ("charges", "charge_date", charge_columns),
            (ref("int_llm_usage_daily"), "usage_date", usage_columns),
            (ref("stg_adjustments__price_adjustments"), "usage_date", adjustment_columns),
            (ref("int_tco_costs_daily"), "usage_date", ["item_id", "item_name", "category", "cost_usd"]),
            (ref("int_gpu_costs_daily"), "usage_date", gpu_columns),
            (ref("int_bill_coverage"), "usage_date", ["provider_id", "account_id"]),
        ] %}
            select
                {{ day }} as usage_date,
                {{ "false" if loop.last else "true" }} as is_spend,
                sum({{ row_fingerprint(["'" ~ loop.index ~ "'"] + columns) }}) as fingerprint
            from {{ relation }}
            where {{ day }} is not null
            group by 1 {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    last_days as (select charge_date as usage_date, max(charge_last_date) as last_covered_date from charges group by 1),

    items as (
        select
            parts.usage_date,
            sum(parts.fingerprint) as fingerprint,
            max(last_days.last_covered_date) as last_covered_date
        from parts
        left join last_days on last_days.usage_date = parts.usage_date
        group by 1
        having max(case when parts.is_spend then 1 else 0 end) = 1
    ),

    -- Sub-accounts that bills name, on every day that they cover: what is named in one charge is left out of others.
    naming as (
        select distinct
            provider_id, {{ account_of("sub_account_id") }} as project_id, charge_date as usage_date, charge_last_date
        from charges
        where is_llm_charge and {{ account_of("sub_account_id") }} is not null and charge_last_date > charge_date
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
