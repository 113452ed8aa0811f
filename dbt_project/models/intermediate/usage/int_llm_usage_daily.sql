{#- The stored hourly usage without hours and meters, priced: what allocation and the dimensions read. Its sums are
    those of fct_llm_usage_hourly (assert_daily_usage_equals_hourly). Days on which a contract counts by account or
    month are summed from that fact; the others, faster, by price card. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(ref('int_usage_cost_fingerprints')) }}",
    )
}}

{%- set dimensions = daily_usage_dimensions() %}

with
    summed as (
        select
            hourly.usage_date,
            usage_context_id,
            price_card_id,
            account_id,
            project_id,
            workspace_id,
            api_key_id,
            user_id,
            team_id,
            customer_id,
            feature,
            environment,
            is_billable,
            has_reported_usage,
            unknown_usage_reason,
            coalesce(recorded.cost_basis, 'contracted') as cost_basis,
            {%- for column in usage_columns() + [
                "billable_audio_milliseconds",
                "request_count",
                "billable_request_count",
                "error_count",
            ] %}
                cast(sum({{ column }}) as bigint) as {{ column }},
            {%- endfor %}
            {{ money_sum("recorded.recorded_cost_usd") }} as recorded_spend_usd
        from {{ ref("int_llm_usage_hourly") }} as hourly
        left join {{ ref("int_usage_recorded_spend") }} as recorded on recorded.usage_row_id = hourly.usage_row_id
        where
            hourly.usage_date
            not in (select usage_date from {{ ref("int_usage_cost_fingerprints") }} where has_agreed_costs)
            {%- if is_incremental() %}
                and hourly.usage_date in ({{ days_to_rebuild(ref("int_usage_cost_fingerprints"), this) }})
            {%- endif %}
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    ),

    priced as (
        select
            summed.*,
            contexts.provider_id,
            contexts.model_id,
            {{ used_meters("summed") }} as usage_row_count,
            {%- for kind in ["list", "contracted"] %}
                {{ priced_total(kind, "summed", "prices") }} - case
                    when summed.unknown_usage_reason is not null
                    then coalesce({{ priced("summed.billable_request_count", "prices." ~ kind ~ "_request") }}, 0)
                    else 0
                end as {{ kind }}_total_usd,
                -- Usage that nobody counted is one unknown: the request itself.
                case
                    when summed.has_reported_usage
                    then
                        {{ unpriced_meters(kind, "summed", "prices") }} + case
                            when
                                summed.unknown_usage_reason is not null
                                and summed.billable_request_count <> 0
                                and prices.{{ kind }}_request is not null
                            then 1
                            else 0
                        end
                    else 1
                end as {{ kind }}_unknown_count,
            {%- endfor %}
            {{ token_total("input", "summed") }} as total_input_tokens,
            {{ token_total("output", "summed") }} as total_output_tokens
        from summed
        left join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = summed.usage_context_id
        left join {{ ref("int_price_cards_wide") }} as prices on prices.price_card_id = summed.price_card_id
    ),

    by_price as (
        select
            {{ dimensions | join(", ") }},
            {%- for kind in ["list", "contracted"] %}
                {{
                    money_sum(
                        "case when not is_billable then 0 when usage_row_count > "
                        ~ kind
                        ~ "_unknown_count then "
                        ~ kind
                        ~ "_total_usd end"
                    )
                }} as {{ kind }}_cost_usd,
            {%- endfor %}
            {{ money_sum("recorded_spend_usd") }} as recorded_spend_usd,
            cast(sum(usage_row_count) as bigint) as usage_row_count,
            cast(
                sum(case when is_billable then contracted_unknown_count else 0 end) as bigint
            ) as unknown_cost_row_count,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(error_count) as bigint) as error_count,
            cast(sum(total_input_tokens) as bigint) as input_tokens,
            cast(sum(total_output_tokens) as bigint) as output_tokens
        from priced
        group by {% for _ in dimensions %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    by_meter as (
        select
            {{
                dimensions | map("replace", "usage_date", "hourly.usage_date") | map(
                    "replace", "cost_basis", "coalesce(recorded.cost_basis, 'contracted') as cost_basis"
                ) | join(", ")
            }},
            {{ money_sum("list_cost_usd") }} as list_cost_usd,
            {{ money_sum("contracted_cost_usd") }} as contracted_cost_usd,
            {{ money_sum("case when meter = 'request' then recorded.recorded_cost_usd end") }} as recorded_spend_usd,
            cast(count(*) as bigint) as usage_row_count,
            cast(count(*) - count(contracted_cost_usd) as bigint) as unknown_cost_row_count,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(error_count) as bigint) as error_count,
            cast(
                sum(case when meter in {{ token_meters("input") }} then quantity else 0 end) as bigint
            ) as input_tokens,
            cast(
                sum(case when meter in {{ token_meters("output") }} then quantity else 0 end) as bigint
            ) as output_tokens
        from {{ ref("int_usage_priced_hourly") }} as hourly
        left join {{ ref("int_usage_recorded_spend") }} as recorded on recorded.usage_row_id = hourly.usage_row_id
        where
            hourly.usage_date
            in (select usage_date from {{ ref("int_usage_cost_fingerprints") }} where has_agreed_costs)
            {%- if is_incremental() %}
                and hourly.usage_date in ({{ days_to_rebuild(ref("int_usage_cost_fingerprints"), this) }})
            {%- endif %}
        group by {% for _ in dimensions %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    daily as (
        select *
        from by_price
        union all
        select *
        from by_meter
    )

select
    daily.*,
    fingerprints.inputs_fingerprint as _inputs_fingerprint,
    case when cost_basis = 'contracted' then contracted_cost_usd else recorded_spend_usd end as spend_usd,
    case
        when cost_basis = 'contracted' then unknown_cost_row_count else cast(0 as bigint)
    end as unknown_spend_row_count
from daily
inner join {{ ref("int_usage_cost_fingerprints") }} as fingerprints on fingerprints.usage_date = daily.usage_date
