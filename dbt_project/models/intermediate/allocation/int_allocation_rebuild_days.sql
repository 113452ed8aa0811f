{#- The days that this run allocates: those whose allocation is not built as it should be, and all days of their months
    where a rule counts by the month. Found before the stages of allocation, which hold these days only; all of them are
    kept in int_allocated_costs_daily, which is read here as the last run left it. -#}
{%- set built = adapter.get_relation(this.database, this.schema, 'int_allocated_costs_daily') if execute %}

with
    due as (
        {%- if built and not flags.FULL_REFRESH %}
            {{ days_to_rebuild(ref("int_allocation_day_fingerprints"), built, lookback_days=0) }}
        {%- else %}select usage_date from {{ ref("int_allocation_day_fingerprints") }}
        {%- endif %}
    ),

    due_months as (select distinct {{ month_of("usage_date") }} as month_start_date from due)

select days.usage_date
from {{ ref("int_allocation_day_fingerprints") }} as days
left join due_months on due_months.month_start_date = days.month_start_date
where
    days.usage_date in (select usage_date from due)
    or (days.is_split_by_month and due_months.month_start_date is not null)
