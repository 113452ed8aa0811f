{#- Where Google's standard and detailed export both have a SKU of a project in an hour and the sums differ: the
    detailed one counts (int_charges_gcp), so what only the standard one has, such as a late row, is in no total. -#}
{{ config(materialized="view") }}
{%- set hour = ["billing_account_id", "project_id", "sku_id", "usage_start_time_utc", "invoice_month", "cost_type"] %}

with
    hours as (
        select
            {% for column in hour %} {{ column }}, {% endfor %}
            currency,
            {{ money_sum("case when export_kind = 'standard' then cost + coalesce(credits_amount, 0) else 0 end") }}
            as standard_cost,
            {{ money_sum("case when export_kind = 'detailed' then cost + coalesce(credits_amount, 0) else 0 end") }}
            as detailed_cost
        from {{ ref("stg_gcp__billing_export") }}
        group by {% for column in hour %} {{ column }}, {% endfor %} currency
        having count(distinct export_kind) = 2
    )

select
    billing_account_id,
    invoice_month,
    currency,
    cast(count(*) as bigint) as hour_count,
    min(usage_start_time_utc) as first_hour_utc,
    {{ money_sum("standard_cost") }} as standard_cost,
    {{ money_sum("detailed_cost") }} as detailed_cost
from hours
-- Exports round each of their rows by itself.
where abs(standard_cost - detailed_cost) > 0.000001
group by billing_account_id, invoice_month, currency
