{#- Which rules take in which spend, without dates: compared once per distinct combination of what rules can name. -#}
with scopes as (
    select distinct scope_key, {{ scope_columns() | join(', ') }}
    from {{ lines_to_allocate() }} as lines
),

versions as (
    select distinct
        rule_version_key, provider_id, account_id, project_id, workspace_id, api_key_id, model_id, service_name,
        charge_category, tag, environment
    from {{ ref('int_allocation_rules') }}
    where method not in ('waterfall', 'reciprocal', 'overhead')
),

pairs as (
    {{ json_pairs('(select distinct tags from scopes) as tag_texts', 'tags', 'tags') }}
),

tagged as (
    select distinct pairs.tags, pairs.pair
    from pairs
    inner join versions
        on versions.tag = pairs.pair
),

matched as (
    {%- for provider in ['versions.provider_id = scopes.provider_id', 'versions.provider_id is null'] %}
    select scopes.scope_key, versions.rule_version_key, versions.tag, scopes.tags
    from scopes
    inner join versions
        on {{ provider }}
        and (versions.account_id is null or versions.account_id = scopes.account_id or versions.account_id = scopes.billing_account_id)
        {%- for column in ['project_id', 'workspace_id', 'api_key_id', 'environment'] %}
        and (versions.{{ column }} is null or versions.{{ column }} = scopes.{{ column }})
        {%- endfor %}
        {%- for column in ['model_id', 'service_name', 'charge_category'] %}
        and (versions.{{ column }} is null or versions.{{ column }} = lower(scopes.{{ column }}))
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select matched.scope_key, matched.rule_version_key
from matched
left join tagged
    on tagged.tags = matched.tags
    and tagged.pair = matched.tag
where matched.tag is null or tagged.pair is not null
