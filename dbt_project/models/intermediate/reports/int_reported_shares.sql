{#- Each reported quantity, split: every event group of the hour goes to the one reported row it agrees with best, among
    equals to the one it fits into best, and takes what it counted; what no event counted is `is_unseen`. Where events
    count more than the report, they share the reported quantity in proportion, by largest remainder. Either way the
    parts sum to the report. Meters that a report does not have at all that day stay as events counted them
    (reported_usage_key NULL). -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(reported_days()) }}",
    )
}}

{%- set inputs = usage_meters() | selectattr("is_input") | map(attribute="meter") | list %}
{%- set names = ["project_id", "workspace_id", "api_key_id", "user_id"] %}

with
    days as (
        {%- if is_incremental() %}{{ days_to_rebuild(reported_days(), this) }}
        {%- else %}select usage_date from {{ reported_days() }} as expected
        {%- endif %}
    ),

    reported as (select * from {{ ref("int_reported_meters") }} where usage_date in (select usage_date from days)),

    event_groups as (
        select * from {{ ref("int_events_under_reports") }} where usage_date in (select usage_date from days)
    ),

    counted as (
        select
            event_group_key,
            meter,
            case
                when {{ has_pooled_input("report_source") }} and meter in ('{{ inputs | join("', '") }}')
                then 'uncached_input'
                else meter
            end as reported_meter,
            quantity
        from
            ({{ counted_meters("event_groups", ["event_group_key", "report_source"], billed=false) }}) as counted_meters
    ),

    {%- for name in names %}
        {# A name that a provider never reports is of another naming scheme, such as a gateway's: it cannot disagree. #}
        known_{{ name }} as (
            select distinct event_source, {{ name }} from {{ ref("int_usage_reported") }} where {{ name }} is not null
        ),
    {%- endfor %}

    described as (
        select
            groups.event_group_key,
            groups.report_source,
            groups.slot_utc,
            groups.account_id,
            groups.region,
            contexts.is_batch,
            contexts.service_tier,
            contexts.speed,
            coalesce(contexts.model_id, contexts.model) as model_key
            {%- for name in names %}, known_{{ name }}.{{ name }} {%- endfor %}
        from event_groups as groups
        inner join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = groups.usage_context_id
        {%- for name in names %}
            left join
                known_{{ name }}
                on known_{{ name }}.event_source = groups.report_source
                and known_{{ name }}.{{ name }} = groups.{{ name }}
        {%- endfor %}
    ),

    wanted as (
        select
            described.*,
            counted.meter,
            counted.reported_meter,
            counted.quantity,
            described.model_key as wanted_model_key
        from counted
        inner join described on described.event_group_key = counted.event_group_key
        union all
        select described.*, counted.meter, counted.reported_meter, counted.quantity, ''
        from counted
        inner join described on described.event_group_key = counted.event_group_key
        where described.model_key <> ''
    ),

    candidates as (
        select
            wanted.event_group_key,
            wanted.meter,
            wanted.reported_meter,
            wanted.quantity,
            reported.reported_usage_key,
            reported.quantity as reported_quantity,
            case when reported.model_key <> '' then 1 else 0 end
            {%- for name in names + ["service_tier", "speed", "region", "account_id"] %}
                + case when reported.{{ name }} = wanted.{{ name }} then 1 else 0 end
            {%- endfor %} as agreement
        from wanted
        inner join
            reported
            on reported.event_source = wanted.report_source
            and reported.slot_utc = wanted.slot_utc
            and reported.meter = wanted.reported_meter
            and reported.model_key = wanted.wanted_model_key
            and (reported.reported_is_batch is null or reported.reported_is_batch = wanted.is_batch)
            and (reported.account_id is null or wanted.account_id is null or reported.account_id = wanted.account_id)
            {%- for name in names %}
                and (
                    reported.{{ name }} is null or wanted.{{ name }} is null or reported.{{ name }} = wanted.{{ name }}
                )
            {%- endfor %}
    ),

    {{ best_fit_ctes() }},

    matched as (
        select ranked.*, sum(quantity) over (partition by reported_usage_key, reported_meter) as counted_quantity
        from ranked
        where candidate_rank = 1
    ),

    {{ split_ctes() }}

select parts.*, fingerprints.inputs_fingerprint as _inputs_fingerprint
from parts
inner join {{ ref("int_usage_day_fingerprints") }} as fingerprints on fingerprints.usage_date = parts.usage_date
