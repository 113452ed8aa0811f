{#- The tables that every landed source has, alike in all of them. -#}
{#- Files that a drop folder or an API landed: one row per landed version. -#}
{% macro staged_files(relation) -%}
    with
        source as (select * from {{ relation }}),

        renamed as (
            select
                cast(file_id as bigint) as file_id,
                cast(path as string) as path,
                cast(source_format as string) as source_format,
                cast(size_bytes as bigint) as size_bytes,
                cast(modified_at_utc as timestamp) as modified_at_utc,
                cast(content_hash as string) as content_hash,
                cast(row_count as bigint) as row_count,
                cast(quarantined_row_count as bigint) as quarantined_row_count,
                cast(period_key as string) as period_key,
                cast(is_superseded as boolean) as is_superseded,
                cast(landed_at_utc as timestamp) as landed_at_utc
            from source
        )

    select *
    from renamed
{%- endmacro %}

{#- Rows kept aside, each with its place and reason. -#}
{% macro staged_quarantine(relation) -%}
    with
        source as (select * from {{ relation }}),

        renamed as (
            select
                cast(source as string) as source,
                cast({{ without_people("file_path") }} as string) as file_path,
                cast(_source_file_id as bigint) as _source_file_id,
                cast(row_number as bigint) as row_number,
                cast(field as string) as field,
                cast(reason as string) as reason,
                cast({{ without_people("message") }} as string) as message,
                cast({{ without_people("original_record") }} as string) as original_record,
                cast(quarantined_at_utc as timestamp) as quarantined_at_utc
            from source
        )

    select *
    from renamed
{%- endmacro %}

{#- What each endpoint of an API gave for each day. -#}
{% macro staged_pulls(relation) -%}
    with
        source as (select * from {{ relation }}),

        renamed as (
            select
                cast(endpoint as string) as endpoint,
                cast(usage_date as date) as usage_date,
                cast(status as string) as status,
                cast(row_count as bigint) as row_count,
                cast(bucket_count as bigint) as bucket_count,
                cast(first_pulled_at_utc as timestamp) as first_pulled_at_utc,
                cast(last_pulled_at_utc as timestamp) as last_pulled_at_utc,
                cast(restatement_count as bigint) as restatement_count,
                cast(restated_amount_change as decimal(38, 12)) as restated_amount_change,
                cast(restated_quantity_change as decimal(38, 12)) as restated_quantity_change,
                cast(amount as decimal(38, 12)) as amount,
                cast(quantity as decimal(38, 12)) as quantity,
                cast(reason as string) as reason,
                cast(_source_file_id as bigint) as _source_file_id,
                cast(_source_row as bigint) as _source_row,
                cast(_loaded_at_utc as timestamp) as _loaded_at_utc
            from source
        )

    select *
    from renamed
{%- endmacro %}
