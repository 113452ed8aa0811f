{#- Metered cost with its owner, by key, model and tier: what anomaly detection watches. Bills arrive late and by
    project; telemetry says on the same day which key it was. -#}
{%- set counts = ["request_count", "error_count"] %}
{%- for kind in token_kinds() %} {%- do counts.append(kind ~ "_tokens") %} {%- endfor %}
with
    usage as (
        select
            *,
            {{
                surrogate_key(
                    [
                        "usage_date",
                        "provider_id",
                        "account_id",
                        "cast(null as string)",
                        "project_id",
                        "workspace_id",
                        "api_key_id",
                        "team_id",
                        "cast(null as string)",
                    ]
                )
            }} as owner_lookup_key
        from {{ ref("int_metered_tokens_daily") }}
    ),

    owned as (
        select
            usage.usage_date,
            usage.provider_id,
            usage.project_id,
            usage.api_key_id,
            usage.model_id,
            owners.team_id,
            usage.customer_id,
            usage.feature,
            usage.environment,
            usage.service_tier,
            {{ money_sum("usage.cost_usd") }} as cost_usd,
            {%- for count in counts %} cast(sum(usage.{{ count }}) as bigint) as {{ count }}, {%- endfor %}
            {%- for kind in token_kinds() %}
                {{ money_sum("usage." ~ kind ~ "_cost_usd") }} as {{ kind }}_cost_usd,
            {%- endfor %}
            cast(sum(uncached_input_tokens + cache_read_tokens + cache_write_tokens) as bigint) as input_tokens
        from usage
        left join {{ ref("int_spend_owners") }} as owners on owners.owner_lookup_key = usage.owner_lookup_key
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    )

select *
from owned
