{#
   What sources say their calls cost, beside what the price list makes of them. Only rows of usage whose every request
   has a recorded cost are compared: part of one cannot be priced apart. Sums are compared, so rounding of single calls
   stays within a millionth of a dollar per request.
#}
with
    usage_rows as (
        select
            usage_hour_utc,
            usage_date,
            event_source,
            recorded_cost_kind,
            provider_id,
            model_id,
            raw_model,
            {{
                row_fingerprint(
                    [
                        "account_id",
                        "project_id",
                        "workspace_id",
                        "api_key_id",
                        "user_id",
                        "team_id",
                        "customer_id",
                        "feature",
                        "environment",
                        "raw_provider",
                        "service_tier",
                        "is_batch",
                        "speed",
                        "context_tier",
                        "region",
                        "is_billable",
                        "has_reported_usage",
                    ]
                )
            }} as usage_row_number,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(recorded_cost_request_count) as bigint) as recorded_request_count,
            {{ money_sum("recorded_cost_usd") }} as recorded_cost_usd,
            {{ money_sum("list_cost_usd") }} as list_cost_usd,
            {{ money_sum("contracted_cost_usd") }} as contracted_cost_usd,
            sum(case when unpriced_reason is not null then 1 else 0 end) as unpriced_row_count,
            sum(case when is_batch then 1 else 0 end) as batch_row_count,
            sum(case when meter = 'cache_read' then quantity else 0 end) as cache_read_tokens
        from {{ ref("fct_llm_usage_hourly") }}
        group by 1, 2, 3, 4, 5, 6, 7, 8
        having sum(recorded_cost_request_count) > 0
    ),

    compared as (
        select *, recorded_request_count = request_count and unpriced_row_count = 0 as is_comparable from usage_rows
    ),

    daily as (
        select
            usage_date,
            event_source,
            recorded_cost_kind,
            provider_id,
            coalesce(model_id, raw_model) as model_id,
            cast(sum(recorded_request_count) as bigint) as recorded_request_count,
            {{ money_sum("recorded_cost_usd") }} as recorded_cost_usd,
            cast(coalesce(sum(case when is_comparable then request_count end), 0) as bigint) as compared_request_count,
            {{ money_sum("case when is_comparable then recorded_cost_usd end") }} as compared_recorded_cost_usd,
            {{ money_sum("case when not is_comparable then recorded_cost_usd end") }} as uncompared_recorded_cost_usd,
            {{ money_sum("case when is_comparable then list_cost_usd end") }} as list_cost_usd,
            {{ money_sum("case when is_comparable then contracted_cost_usd end") }} as contracted_cost_usd,
            sum(unpriced_row_count) as unpriced_row_count,
            sum(batch_row_count) as batch_row_count,
            sum(cache_read_tokens) as cache_read_tokens
        from compared
        group by 1, 2, 3, 4, 5
    ),

    measured as (
        select
            *,
            cast(compared_recorded_cost_usd - list_cost_usd as decimal(38, 12)) as difference_usd,
            cast(compared_request_count as decimal(18, 0)) * cast(0.000001 as decimal(6, 6)) as rounding_usd
        from daily
    )

select
    {{ surrogate_key(["usage_date", "event_source", "recorded_cost_kind", "provider_id", "model_id"]) }}
    as recorded_cost_difference_key,
    usage_date,
    event_source,
    recorded_cost_kind,
    provider_id,
    model_id,
    recorded_request_count,
    compared_request_count,
    recorded_cost_usd,
    compared_recorded_cost_usd,
    uncompared_recorded_cost_usd,
    list_cost_usd,
    contracted_cost_usd,
    difference_usd,
    {{ percent("difference_usd", "list_cost_usd") }} as difference_pct,
    case
        when compared_request_count = 0 and unpriced_row_count > 0
        then 'no_price'
        when compared_request_count = 0
        then 'recorded_in_part'
        when abs(difference_usd) <= rounding_usd
        then 'equal'
        when abs(compared_recorded_cost_usd - contracted_cost_usd) <= rounding_usd
        then 'contracted_price'
        when compared_recorded_cost_usd = 0
        then 'recorded_zero'
        when list_cost_usd = 0
        then 'not_charged_by_list'
        when abs(compared_recorded_cost_usd * 2 - list_cost_usd) * 100 <= list_cost_usd
        then 'half_price'
        when difference_usd > 0 and batch_row_count > 0
        then 'batch_at_full_price'
        when difference_usd > 0 and cache_read_tokens > 0
        then 'cache_at_full_price'
        when recorded_cost_kind = 'charge' and difference_usd > 0
        then 'fees_or_route'
        when recorded_cost_kind = 'charge'
        then 'discount_or_route'
        when difference_usd > 0
        then 'above_list'
        else 'below_list'
    end as difference_class,
    coalesce(abs(difference_usd) > rounding_usd, false) as is_beyond_rounding
from measured
