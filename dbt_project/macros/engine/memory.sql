{#- For `on-run-start`: what DuckDB may hold in memory while dbt runs, by COSTOPS_DUCKDB_MEMORY. -#}
{% macro bound_memory() %}
    {%- if execute and target.type == "duckdb" and env_var("COSTOPS_DUCKDB_MEMORY", "") -%}
        set global memory_limit = '{{ env_var("COSTOPS_DUCKDB_MEMORY") }}'
        ;
    {%- endif -%}
{% endmacro %}
