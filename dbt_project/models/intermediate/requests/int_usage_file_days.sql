{#- What each landed file holds, by day and usage context: the memory that tells which days a new, replaced or
    vanished file touches without reading the history again. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="source_file_id",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_vanished_files(ref('stg_events__requests')) }}",
    )
}}

with
    landed as (
        select coalesce(_source_file_id, -1) as source_file_id, _loaded_at_utc as loaded_at_utc, count(*) as row_count
        from {{ ref("stg_events__requests") }}
        group by 1, 2
    ),

    versions as (
        select
            landed.source_file_id,
            -- '2': the context holds where a call ran; files of older runs are read once more.
            '2|'
            || {{
                sorted_text(
                    "coalesce(cast(landed.loaded_at_utc as string), '') || ':' || cast(landed.row_count as string)"
                    " || ':' || coalesce(files.content_hash, '')"
                )
            }} as file_version
        from landed
        left join {{ ref("stg_events__files") }} as files on files.file_id = landed.source_file_id
        group by 1
    ),

    changed as (
        select versions.source_file_id, versions.file_version
        from versions
        {%- if is_incremental() %}
            left join
                (select distinct source_file_id, file_version from {{ this }}) as built
                on built.source_file_id = versions.source_file_id
                and built.file_version = versions.file_version
            where built.source_file_id is null
        {%- endif %}
    ),

    file_days as (
        select
            coalesce(requests._source_file_id, -1) as source_file_id,
            cast(requests.requested_at_utc as date) as usage_date,
            {{ usage_context("requests") }},
            cast(count(*) as bigint) as request_count
        from {{ ref("stg_events__requests") }} as requests
        {%- if is_incremental() %}
            where coalesce(requests._source_file_id, -1) in (select source_file_id from changed)
        {%- endif %}
        group by 1, 2, 3, 4, 5, 6, 7, 8
    )

select
    file_days.source_file_id,
    changed.file_version,
    file_days.usage_date,
    {%- for column in context_columns() %} file_days.{{ column }}, {%- endfor %}
    file_days.request_count
from file_days
inner join changed on changed.source_file_id = file_days.source_file_id
