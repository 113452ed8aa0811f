{#- The priced hourly usage without hours, tokens and their cost by kind of token in columns: what a change of spend
    is taken apart into. Stored by day; who owns the usage is joined when it is read. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(ref('int_usage_cost_fingerprints')) }}",
    )
}}

{%- set kinds = token_kinds() %}

with
    usage as (
        select
            hourly.*,
            case
                when is_batch
                then 'batch'
                when coalesce(service_tier, 'default') in ('default', 'auto')
                then 'standard'
                else service_tier
            end as tier,
            {{ metered_spend("hourly", "recorded") }} as spend_usd
        from {{ ref("int_usage_priced_hourly") }} as hourly
        left join {{ ref("int_usage_recorded_spend") }} as recorded on recorded.usage_row_id = hourly.usage_row_id
        {%- if is_incremental() %}
            where hourly.usage_date in ({{ days_to_rebuild(ref("int_usage_cost_fingerprints"), this) }})
        {%- endif %}
    ),

    daily as (
        select
            usage_date,
            provider_id,
            account_id,
            project_id,
            workspace_id,
            api_key_id,
            team_id,
            customer_id,
            feature,
            environment,
            model_id,
            tier as service_tier,
            {{ money_sum("spend_usd") }} as cost_usd,
            cast(coalesce(sum(request_count), 0) as bigint) as request_count,
            cast(coalesce(sum(error_count), 0) as bigint) as error_count,
            {%- for kind, meters in kinds.items() %}
                cast(
                    sum(case when meter in ('{{ meters | join("', '") }}') then quantity else 0 end) as bigint
                ) as {{ kind }}_tokens,
                {{ money_sum("case when meter in ('" ~ meters | join("', '") ~ "') then spend_usd end") }}
                as {{ kind }}_cost_usd
                {{- ',' if not loop.last }}
            {%- endfor %}
        from usage
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    )

select daily.*, fingerprints.inputs_fingerprint as _inputs_fingerprint
from daily
inner join {{ ref("int_usage_cost_fingerprints") }} as fingerprints on fingerprints.usage_date = daily.usage_date
