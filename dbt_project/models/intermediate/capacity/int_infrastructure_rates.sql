{#- Rates of infrastructure as they are looked up: the list that ships and the organisation's own, one row per thing,
    way of paying and moment. Where both speak of one thing at one time the organisation's row holds, and the shipped
    one before and after it. -#}
with
    listed as (
        select *, false as is_own
        from {{ ref("infrastructure_rates") }}
        union all
        select
            'own-' || cast(_source_row as string) as rate_id,
            resource_type,
            sku,
            gpu_type,
            gpus_per_instance,
            provider,
            region,
            purchase_option,
            unit,
            rate,
            currency,
            upfront,
            term_months,
            valid_from_utc,
            valid_to_utc,
            source_url,
            note,
            true as is_own
        from {{ ref("stg_org__infrastructure_rates") }}
    ),

    named as (
        select
            *,
            {{
                surrogate_key(
                    [
                        "resource_type",
                        "lower(sku)",
                        "lower(provider)",
                        "nullif(lower(region), '')",
                        "purchase_option",
                    ]
                )
            }} as rate_subject_key
        from listed
    ),

    moments as (
        select rate_subject_key, valid_from_utc as moment_utc
        from named
        union
        select rate_subject_key, valid_to_utc
        from named
    ),

    spans as (
        select
            rate_subject_key,
            moment_utc,
            lead(moment_utc) over (partition by rate_subject_key order by moment_utc) as next_moment_utc
        from moments
    ),

    holding as (
        select
            named.*,
            spans.moment_utc,
            spans.next_moment_utc,
            row_number() over (
                partition by named.rate_subject_key, spans.moment_utc
                order by case when named.is_own then 0 else 1 end, named.valid_from_utc desc, named.rate_id
            ) as rate_rank
        from named
        inner join
            spans
            on spans.rate_subject_key = named.rate_subject_key
            and spans.moment_utc >= named.valid_from_utc
            and spans.next_moment_utc <= named.valid_to_utc
    )

select
    rate_id,
    resource_type,
    lower(sku) as sku,
    nullif(lower(gpu_type), '') as gpu_type,
    gpus_per_instance,
    lower(provider) as provider,
    nullif(lower(region), '') as region,
    purchase_option,
    unit,
    rate,
    currency,
    upfront,
    term_months,
    -- What one GPU comes to in an hour, upfront included, to compare rates by; costs are split exactly elsewhere.
    case
        when resource_type in ('gpu_hour', 'instance_hour') and gpu_type is not null
        then
            {{
                ratio(
                    "rate + coalesce(upfront / nullif(term_months * 730.5, 0), 0)",
                    "gpus_per_instance",
                    12,
                )
            }}
    end as rate_per_gpu_hour,
    is_own,
    source_url,
    note,
    moment_utc as valid_from_utc,
    next_moment_utc as valid_to_utc
from holding
where rate_rank = 1
