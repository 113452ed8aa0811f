{#- What a reported context means is learned with time, as prices are: usage keeps the meaning that was known at its
    instant; only where there was none (never resolved, unresolved) it takes the first that was learned afterwards. A
    context whose meaning changed is one row per stretch, each with an id of its own. See docs/decisions/0005. -#}
with
    seen as (
        select {{ context_columns() | join(", ") }}
        from {{ ref("int_usage_file_days") }}
        union
        select provider_name, {{ reported_context() }}
        from {{ ref("int_usage_reports") }}
        where usage_hour_utc is not null
    ),

    aliases as (
        select
            {{ context_columns() | join(", ") }},
            price_provider_id,
            price_model_id,
            price_variant,
            provider_id as named_provider_id,
            closest_candidates,
            case
                when match_method is null
                then 'model_not_resolved_yet'
                when price_model_id is null or price_variant is null
                then coalesce(unresolved_reason, 'unknown_model')
            end as unpriced_reason,
            coalesce(known_from_utc, {{ beginning_of_time() }}) as known_from_utc,
            coalesce(known_to_utc, {{ end_of_time() }}) as known_to_utc
        from {{ ref("stg_prices__model_aliases") }}
    ),

    cuts as (
        select *, {{ beginning_of_time() }} as cut_at_utc
        from seen
        union
        select *, {{ end_of_time() }}
        from seen
        {%- if not var("prices_as_known_at") %}
            union
            select seen.*, aliases.known_from_utc
            from seen
            inner join aliases on {{ same_context("aliases", "seen") }}
            union
            select seen.*, aliases.known_to_utc
            from seen
            inner join aliases on {{ same_context("aliases", "seen") }}
        {%- endif %}
    ),

    stretches as (
        select
            *,
            {{
                (
                    "cast('" ~ var("prices_as_known_at") ~ "' as timestamp)"
                    if var("prices_as_known_at")
                    else "cut_at_utc"
                )
            }} as judged_at_utc,
            lead(cut_at_utc) over (
                partition by {{ context_columns() | join(", ") }} order by cut_at_utc
            ) as next_cut_at_utc,
            row_number() over (partition by {{ context_columns() | join(", ") }} order by cut_at_utc) as stretch_number
        from cuts
    ),

    candidates as (
        select
            stretches.*,
            aliases.price_provider_id,
            aliases.price_model_id,
            aliases.price_variant,
            aliases.closest_candidates,
            max(aliases.named_provider_id) over (
                partition by
                    {% for column in context_columns() %} stretches.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
            ) as named_provider_id,
            coalesce(
                aliases.unpriced_reason, case when aliases.known_from_utc is null then 'model_not_resolved_yet' end
            ) as unpriced_reason,
            row_number() over (
                partition by
                    {% for column in context_columns() %} stretches.{{ column }}, {% endfor %} stretches.stretch_number
                order by
                    case
                        when
                            aliases.known_from_utc <= judged_at_utc
                            and aliases.known_to_utc > judged_at_utc
                            and aliases.unpriced_reason is null
                        then 1
                        when aliases.known_from_utc > judged_at_utc and aliases.unpriced_reason is null
                        then 2
                        when aliases.known_from_utc <= judged_at_utc and aliases.known_to_utc > judged_at_utc
                        then 3
                        when aliases.known_from_utc > judged_at_utc
                        then 4
                        else 5
                    end,
                    case when aliases.known_from_utc > judged_at_utc then aliases.known_from_utc end,
                    aliases.known_from_utc desc,
                    aliases.price_model_id,
                    aliases.price_variant
            ) as candidate_rank
        from stretches
        left join
            aliases on {{ same_context("aliases", "stretches") }} and aliases.known_from_utc < aliases.known_to_utc
        where stretches.next_cut_at_utc is not null
    ),

    meanings as (
        select
            *,
            stretch_number - row_number() over (
                partition by
                    {{ context_columns() | join(", ") }},
                    price_provider_id,
                    price_model_id,
                    price_variant,
                    unpriced_reason
                order by stretch_number
            ) as island
        from candidates
        where candidate_rank = 1
    ),

    meant as (
        select
            {{ context_columns() | join(", ") }},
            price_provider_id,
            price_model_id,
            price_variant,
            unpriced_reason,
            max(closest_candidates) as closest_candidates,
            max(named_provider_id) as named_provider_id,
            min(cut_at_utc) as applies_from_utc,
            max(next_cut_at_utc) as applies_to_utc
        from meanings
        group by
            {{ context_columns() | join(", ") }},
            price_provider_id,
            price_model_id,
            price_variant,
            unpriced_reason,
            island
    )

    {#- Where a call ran belongs to its identity only where it is said: ids from before it counted stay. -#}
    {%- set identity = [
        "meant.provider_name",
        "meant.model",
        "meant.is_batch",
        "meant.service_tier",
        "meant.speed || case when meant.price_region = '' then '' else chr(31) || meant.price_region end",
    ] %}

select
    case
        when meant.applies_from_utc = {{ beginning_of_time() }}
        then {{ surrogate_key(identity) }}
        else {{ surrogate_key(identity + ["meant.applies_from_utc"]) }}
    end as usage_context_key,
    case
        when meant.applies_from_utc = {{ beginning_of_time() }}
        then {{ surrogate_number(identity) }}
        else {{ surrogate_number(identity + ["meant.applies_from_utc"]) }}
    end as usage_context_id,
    meant.provider_name,
    meant.model,
    meant.is_batch,
    meant.service_tier,
    meant.speed,
    meant.price_region,
    meant.applies_from_utc,
    meant.applies_to_utc,
    -- A gateway's name says who forwarded the call; then the list's provider of the model is the best there is.
    case
        when provider_aliases.is_gateway or meant.provider_name = '' or named_aliases.is_gateway
        then meant.price_provider_id
        else
            coalesce(
                provider_aliases.provider_id,
                named_aliases.provider_id,
                meant.named_provider_id,
                lower(meant.provider_name)
            )
    end as provider_id,
    coalesce(meant.price_model_id, nullif(meant.model, '')) as model_id,
    meant.price_provider_id,
    meant.price_model_id,
    meant.price_variant,
    meant.unpriced_reason,
    meant.closest_candidates
from meant
left join {{ ref("provider_aliases") }} as provider_aliases on provider_aliases.alias = lower(meant.provider_name)
left join {{ ref("provider_aliases") }} as named_aliases on named_aliases.alias = meant.named_provider_id
