{#- For `on-run-start`: what DuckDB may hold in memory while dbt runs, by COSTOPS_DUCKDB_MEMORY, and how many threads
    share its work, by COSTOPS_DUCKDB_THREADS. -#}
{% macro bound_duckdb() %}
    {%- set bounds = {
        "memory_limit": env_var("COSTOPS_DUCKDB_MEMORY", ""),
        "threads": env_var("COSTOPS_DUCKDB_THREADS", ""),
    } -%}
    {%- if execute and target.type == "duckdb" -%}
        {%- for name, bound in bounds.items() if bound %}
            set global {{ name }} = '{{ bound }}'
            ;
        {% endfor -%}
    {%- endif -%}
{% endmacro %}
