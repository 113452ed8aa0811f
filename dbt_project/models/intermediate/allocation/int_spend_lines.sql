{#- Each spend item with the one owner that ownership gives it: what allocation begins with. Items that differ in nothing
    a rule or a reader can see are one line. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='usage_date',
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_vanished_days(ref('int_allocation_day_fingerprints')) }}"
) }}

{%- set described = [
    'usage_date', 'spend_item_type', 'provider_id', 'account_id', 'billing_account_id', 'project_id', 'workspace_id', 'api_key_id',
    'user_id', 'customer_id', 'feature', 'environment', 'model_id', 'charge_category', 'service_name', 'tags',
    'is_llm_charge', 'charge_last_date', 'cost_basis'
] %}
{%- set dimensions = described + ['team_id', 'owner_project_id', 'cost_center_id', 'ownership_method'] %}

with owned as (
    select
        {% for column in described %}items.{{ column }}, {% endfor %}
        owners.team_id, owners.owner_project_id, owners.cost_center_id, owners.allocation_method as ownership_method,
        items.spend_usd, items.metered_cost_usd, items.list_cost_usd, items.spend_item_count, items.unknown_cost_item_count,
        items.request_count, items.input_tokens, items.output_tokens
    from {{ ref('int_spend_items') }} as items
    inner join {{ ref('int_spend_owners') }} as owners
        on owners.owner_lookup_key = items.owner_lookup_key
    {%- if is_incremental() %}
    where items.usage_date in ({{ days_to_rebuild(ref('int_allocation_day_fingerprints'), this, lookback_days=0) }})
    {%- endif %}
),

grouped as (
    select
        {{ dimensions | join(', ') }},
        {{ money_sum('spend_usd') }} as spend_usd,
        {{ money_sum('metered_cost_usd') }} as metered_cost_usd,
        {{ money_sum('list_cost_usd') }} as list_cost_usd,
        {%- for column in ['spend_item_count', 'unknown_cost_item_count', 'request_count', 'input_tokens', 'output_tokens'] %}
        cast(sum({{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from owned
    group by {% for _ in dimensions %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
),

keyed as (
    select {{ surrogate_key(dimensions) }} as spend_item_key, {{ surrogate_number(scope_columns()) }} as scope_key, *
    from grouped
)

select keyed.*, fingerprints.inputs_fingerprint as _inputs_fingerprint
from keyed
inner join {{ ref('int_allocation_day_fingerprints') }} as fingerprints
    on fingerprints.usage_date = keyed.usage_date
