{#- Each spend item with the one owner that ownership gives it: what allocation begins with. Items that differ in
    nothing a rule or a reader can see are one line. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(ref('int_allocation_day_fingerprints')) }}",
    )
}}

{%- set described = ["usage_date"] + spend_item_dimensions() %}
{%- set dimensions = described + ["team_id", "owner_project_id", "cost_center_id", "ownership_method"] %}

with
    owned as (
        select
            {% for column in described + spend_item_amounts() + spend_item_counts() %} items.{{ column }}, {% endfor %}
            owners.team_id,
            owners.owner_project_id,
            owners.cost_center_id,
            owners.allocation_method as ownership_method
        from {{ ref("int_spend_items") }} as items
        inner join {{ ref("int_spend_owners") }} as owners on owners.owner_lookup_key = items.owner_lookup_key
        {%- if is_incremental() %}
            where
                items.usage_date
                in ({{ days_to_rebuild(ref("int_allocation_day_fingerprints"), this, lookback_days=0) }})
        {%- endif %}
    ),

    grouped as (
        select
            {{ dimensions | join(", ") }},
            {%- for column in spend_item_amounts() %} {{ money_sum(column) }} as {{ column }}, {%- endfor %}
            {%- for column in spend_item_counts() %}
                cast(sum({{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from owned
        group by {% for _ in dimensions %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    keyed as (
        select
            {{ surrogate_key(dimensions) }} as spend_item_key, {{ surrogate_number(scope_columns()) }} as scope_key, *
        from grouped
    )

select keyed.*, fingerprints.inputs_fingerprint as _inputs_fingerprint
from keyed
inner join {{ ref("int_allocation_day_fingerprints") }} as fingerprints on fingerprints.usage_date = keyed.usage_date
