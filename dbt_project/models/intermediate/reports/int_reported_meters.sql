{#- The meters of int_usage_reported as rows: what there is to split. `model_key` is the model of the price list, ''
    where the report does not say. -#}
{{ config(materialized="view") }}

with
    meters as (
        {{
            counted_meters(
                ref("int_usage_reported"),
                ["reported_usage_key", "event_source", "usage_date", "usage_hour_utc as slot_utc"]
                + context_columns()
                + ["reported_is_batch"]
                + report_dimensions(),
                counted="is not null",
                billed=false,
            )
        }}
    )

select
    meters.*,
    contexts.usage_context_id,
    case when contexts.model = '' then '' else coalesce(contexts.model_id, contexts.model) end as model_key
from meters
inner join
    {{ ref("int_usage_contexts") }} as contexts
    on {{ same_context("contexts", "meters") }}
    and {{ context_at("contexts", "meters.slot_utc") }}
