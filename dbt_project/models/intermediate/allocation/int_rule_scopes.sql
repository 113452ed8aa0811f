{#- Which rules take in which spend, without dates: compared once per distinct combination of what rules can name. -#}
with
    scopes as (select distinct scope_key, {{ scope_columns() | join(", ") }} from {{ lines_to_allocate() }} as lines),

    versions as (
        select distinct
            rule_version_key,
            provider_id,
            account_id,
            project_id,
            workspace_id,
            api_key_id,
            model_id,
            service_name,
            charge_category,
            tag,
            environment
        from {{ ref("int_allocation_rules") }}
        where method not in ('waterfall', 'reciprocal', 'overhead')
    ),

    tagged as ({{ named_tags("scopes", "select distinct tag from versions") }}),

    matched as (
        {%- for provider in ["versions.provider_id = scopes.provider_id", "versions.provider_id is null"] %}
            {#- An account that no provider is named for may be one of AWS, whose charges have its zeros. -#}
            {%- set is_any = "is null" in provider %}
            select scopes.scope_key, versions.rule_version_key, versions.tag, scopes.tags, scopes.provider_id
            from scopes
            inner join
                versions
                on {{ provider }}
                and (
                    versions.account_id is null
                    or versions.account_id = scopes.account_id
                    or versions.account_id = scopes.billing_account_id
                    {%- if is_any %}
                        or (
                            scopes.provider_id = 'aws'
                            and {{ aws_account("versions.account_id") }}
                            in (scopes.account_id, scopes.billing_account_id)
                        )
                    {%- endif %}
                )
                {%- for column in ["project_id", "workspace_id", "api_key_id", "environment"] %}
                    and (versions.{{ column }} is null or versions.{{ column }} = scopes.{{ column }})
                {%- endfor %}
                {%- for column in ["model_id", "service_name", "charge_category"] %}
                    and (versions.{{ column }} is null or versions.{{ column }} = lower(scopes.{{ column }}))
                {%- endfor %}
                {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

select matched.scope_key, matched.rule_version_key
from matched
left join
    tagged
    on tagged.tags = matched.tags
    and tagged.provider_id is not distinct from matched.provider_id
    and tagged.tag = matched.tag
where matched.tag is null or tagged.tag is not null
