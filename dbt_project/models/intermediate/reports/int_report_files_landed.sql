{#- The landed files of provider reports, and whether their rows are still there: a day that is deleted from a raw table
    leaves its file in the registry. -#}
{%- set report_tables = var("api_sources") -%}
with
    files_with_rows as (
        {%- for name in api_sources() %}
            {%- set is_first_source = loop.first %}
            {%- for table in report_tables[name] %}
                {{ 'union' if not (is_first_source and loop.first) }}
                select 'api/{{ name }}' as source, _source_file_id as file_id
                from {{ ref("stg_" ~ name ~ "__" ~ table) }}
            {%- endfor %}
        {%- endfor %}
    )

select files.source, files.path, files.row_count = 0 or files_with_rows.file_id is not null as has_its_rows
from {{ ref("stg_landing__report_files") }} as files
left join files_with_rows on files_with_rows.source = files.source and files_with_rows.file_id = files.file_id
