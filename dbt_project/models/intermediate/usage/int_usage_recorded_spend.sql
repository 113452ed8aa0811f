{#- Rows of the stored hourly usage whose spend is what was recorded: a charge always, an estimate where our prices
    leave any of the row unknown. The other rows are not here; their spend is their contracted cost. Under a report, the
    meters of a charged call can lie on several rows: the charge stands on one of them, the others cost 0. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(ref('int_usage_cost_fingerprints')) }}",
    )
}}

with
    hourly as (
        select usage_row_id, usage_date, recorded_cost_kind, recorded_cost_usd
        from {{ ref("int_llm_usage_hourly") }}
        where
            recorded_cost_kind is not null
            {%- if is_incremental() %}
                and usage_date in ({{ days_to_rebuild(ref("int_usage_cost_fingerprints"), this) }})
            {%- endif %}
    ),

    unknown as (
        select distinct usage_row_id
        from {{ ref("int_usage_priced_hourly") }}
        where
            recorded_cost_kind = 'estimate' and unpriced_reason is not null
            {%- if is_incremental() %}
                and usage_date in ({{ days_to_rebuild(ref("int_usage_cost_fingerprints"), this) }})
            {%- endif %}
    ),

    stood_in as (
        select
            hourly.usage_row_id,
            hourly.usage_date,
            case when hourly.recorded_cost_kind = 'charge' then 'recorded' else 'estimated' end as cost_basis,
            coalesce(hourly.recorded_cost_usd, cast(0 as decimal(38, 12))) as recorded_cost_usd
        from hourly
        left join unknown on unknown.usage_row_id = hourly.usage_row_id
        where
            hourly.recorded_cost_kind = 'charge'
            or (unknown.usage_row_id is not null and hourly.recorded_cost_usd is not null)
    )

select stood_in.*, fingerprints.inputs_fingerprint as _inputs_fingerprint
from stood_in
inner join {{ ref("int_usage_cost_fingerprints") }} as fingerprints on fingerprints.usage_date = stood_in.usage_date
