{#- A million tokens, bought or made: each model of an API by list and by contract, and each model on one's own GPUs as
    used now and as if they were used all the time. Own cost is split into prefill and decode by the time that servers
    say they spend on each. What an API would charge for the tokens of one's own models, in their mix of input and
    output, stands beside it with the utilisation from which own GPUs are cheaper. Provisioned throughput has its place
    as an offer of its own. -#}
with
    priced as (
        select
            {{ month_of("usage.usage_date") }} as month_start_date,
            usage.provider_id,
            usage.model_id,
            coalesce(meters.is_input_token, false) as is_input,
            usage.billable_quantity,
            usage.list_cost_usd,
            usage.contracted_cost_usd
        from {{ ref("fct_llm_usage_hourly") }} as usage
        inner join {{ ref("meters") }} as meters on meters.meter = usage.meter
        where usage.is_token and usage.model_id is not null and usage.billable_quantity > 0
    ),

    bought as (
        {%- for offer, cost in [("api_list", "list_cost_usd"), ("api_contracted", "contracted_cost_usd")] %}
            select
                month_start_date,
                '{{ offer }}' as offer,
                provider_id,
                model_id,
                cast(sum(case when is_input then billable_quantity else 0 end) as decimal(38, 12)) as input_tokens,
                cast(sum(case when is_input then 0 else billable_quantity end) as decimal(38, 12)) as output_tokens,
                {{ money_sum("case when is_input then " ~ cost ~ " end") }} as input_cost_usd,
                {{ money_sum("case when not is_input then " ~ cost ~ " end") }} as output_cost_usd,
                {{ money_sum(cost) }} as cost_usd
            from priced
            where {{ cost }} is not null
            group by 1, 2, 3, 4 {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    served as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            model_name as model_id,
            cast(sum(prompt_tokens) as decimal(38, 12)) as input_tokens,
            cast(sum(generation_tokens) as decimal(38, 12)) as output_tokens,
            case when count(gpu_cost_usd) = count(*) then {{ money_sum("gpu_cost_usd") }} end as cost_usd,
            cast(sum(used_seconds) as decimal(38, 12)) as used_seconds,
            cast(sum(gpu_seconds) as decimal(38, 12)) as gpu_seconds,
            sum(prefill_seconds) as prefill_seconds,
            sum(decode_seconds) as decode_seconds,
            cast(sum(request_count) as decimal(38, 12)) as request_count
        from {{ ref("int_served_tokens_daily") }}
        group by 1, 2
    ),

    made as (
        select
            *,
            {{ ratio("used_seconds", "gpu_seconds", 12) }} as utilization_ratio,
            {{ ratio("prefill_seconds", "prefill_seconds + decode_seconds", 12) }} as prefill_ratio
        from served
    ),

    -- As used now, and as if never idle: the same tokens in the used part of the time.
    own_offers as (
        select *, 'own_gpu' as offer, cost_usd as offer_cost_usd, utilization_ratio as offer_utilization_ratio
        from made
        union all
        select
            *,
            'own_gpu_full',
            {{ part_of("cost_usd", "utilization_ratio") }},
            case when utilization_ratio is not null then cast(1 as decimal(38, 12)) end
        from made
    ),

    -- Every token of provisioned throughput takes as much of it, whether it is read or written.
    provisioned_offers as (
        {%- for offer, cost, used in [
            ("provisioned_throughput", "cost_usd", "utilization_ratio"),
            ("provisioned_throughput_full", "full_cost_usd", "cast(1 as decimal(38, 12))"),
        ] %}
            select
                *,
                '{{ offer }}' as offer,
                {{ cost }} as offer_cost_usd,
                {{ used }} as offer_utilization_ratio,
                {{ ratio("input_tokens", "input_tokens + output_tokens", 12) }} as input_ratio
            from {{ ref("int_provisioned_tokens_monthly") }} {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    offered as (
        select
            month_start_date,
            offer,
            provider_id,
            model_id,
            input_tokens,
            output_tokens,
            input_cost_usd,
            output_cost_usd,
            cost_usd,
            cast(null as decimal(38, 12)) as gpu_seconds,
            cast(null as decimal(38, 12)) as utilization_ratio,
            cast(null as decimal(38, 12)) as capacity_cost_usd_per_million_tokens,
            cast(null as decimal(38, 12)) as request_count
        from bought
        union all
        select
            month_start_date,
            offer,
            provider_id,
            model_id,
            input_tokens,
            output_tokens,
            {{ part_of("offer_cost_usd", "input_ratio") }},
            offer_cost_usd - {{ part_of("offer_cost_usd", "input_ratio") }},
            offer_cost_usd,
            null,
            offer_utilization_ratio,
            capacity_cost_usd_per_million_tokens,
            null
        from provisioned_offers
        union all
        select
            month_start_date,
            offer,
            'own',
            model_id,
            input_tokens,
            output_tokens,
            {{ part_of("offer_cost_usd", "prefill_ratio") }},
            offer_cost_usd - {{ part_of("offer_cost_usd", "prefill_ratio") }},
            offer_cost_usd,
            gpu_seconds,
            offer_utilization_ratio,
            null,
            request_count
        from own_offers
    ),

    -- All of one's own models of a month together: their mix, and what they would cost per million if never idle.
    own_mix as (
        select
            month_start_date,
            sum(input_tokens) as input_tokens,
            sum(output_tokens) as output_tokens,
            {{
                ratio(
                    "sum(" ~ part_of("cost_usd", "utilization_ratio") ~ ") * 1000000",
                    "sum(input_tokens + output_tokens)",
                    12,
                )
            }} as full_cost_usd_per_million_tokens
        from made
        group by 1
    ),

    -- At full use the capacity gives the price, whether anything was served or not.
    rated as (
        select
            offered.*,
            {%- for kind, tokens in [
                ("input_", "offered.input_tokens"),
                ("output_", "offered.output_tokens"),
                ("", "offered.input_tokens + offered.output_tokens"),
            ] %}
                case
                    when offered.offer = 'provisioned_throughput_full'
                    then offered.capacity_cost_usd_per_million_tokens
                    else {{ ratio("offered." ~ kind ~ "cost_usd * 1000000", tokens, 12) }}
                end as {{ kind }}cost_usd_per_million_tokens {{- "," if not loop.last }}
            {%- endfor %}
        from offered
    ),

    mixed as (
        select
            rated.*,
            own_mix.full_cost_usd_per_million_tokens,
            case
                when rated.provider_id = 'own'
                then rated.cost_usd_per_million_tokens
                when own_mix.month_start_date is not null
                then
                    {{
                        ratio(
                            "rated.input_cost_usd_per_million_tokens * own_mix.input_tokens "
                            ~ "+ rated.output_cost_usd_per_million_tokens * own_mix.output_tokens",
                            "own_mix.input_tokens + own_mix.output_tokens",
                            12,
                        )
                    }}
            end as cost_usd_per_million_tokens_of_own_mix
        from rated
        left join own_mix on own_mix.month_start_date = rated.month_start_date
    )

select
    mixed.month_start_date,
    mixed.offer,
    mixed.provider_id,
    mixed.model_id,
    mixed.input_tokens,
    mixed.output_tokens,
    mixed.input_cost_usd,
    mixed.output_cost_usd,
    mixed.cost_usd,
    mixed.input_cost_usd_per_million_tokens,
    mixed.output_cost_usd_per_million_tokens,
    mixed.cost_usd_per_million_tokens,
    mixed.gpu_seconds,
    mixed.utilization_ratio,
    mixed.cost_usd_per_million_tokens_of_own_mix,
    case
        when mixed.provider_id <> 'own'
        then {{ ratio("mixed.full_cost_usd_per_million_tokens", "mixed.cost_usd_per_million_tokens_of_own_mix", 12) }}
    end as breakeven_utilization_ratio,
    {{
        ratio(
            "mixed.capacity_cost_usd_per_million_tokens",
            "by_token.cost_usd_per_million_tokens",
            12,
        )
    }} as provisioned_breakeven_ratio,
    case
        when mixed.offer = 'own_gpu' then {{ ratio("mixed.request_count * 3600", "mixed.gpu_seconds", 6) }}
    end as requests_per_gpu_hour
from mixed
left join
    rated as by_token
    on by_token.offer = 'api_contracted'
    and by_token.month_start_date = mixed.month_start_date
    and by_token.provider_id = mixed.provider_id
    and by_token.model_id = mixed.model_id
