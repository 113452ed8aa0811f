{#- Metered cost with its owner, by key and model: what anomaly detection watches. Bills arrive late and by project;
    telemetry says on the same day which key it was. -#}
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
                        "cast(null as varchar)",
                        "project_id",
                        "workspace_id",
                        "api_key_id",
                        "team_id",
                        "cast(null as varchar)",
                    ]
                )
            }} as owner_lookup_key
        from {{ ref("int_llm_usage_daily") }}
    ),

    owned as (
        select
            usage.usage_date,
            usage.provider_id,
            usage.project_id,
            usage.api_key_id,
            usage.model_id,
            owners.team_id,
            {{ money_sum("usage.spend_usd") }} as cost_usd,
            cast(sum(usage.request_count) as bigint) as request_count,
            cast(sum(usage.input_tokens) as bigint) as input_tokens
        from usage
        left join {{ ref("int_spend_owners") }} as owners on owners.owner_lookup_key = usage.owner_lookup_key
        group by 1, 2, 3, 4, 5, 6
    )

select *
from owned
