{#- Whether a node has to be built on Spark, asked as on DuckDB when its turn comes (macros/engine/due.sql). The state
    lies in the warehouse: the process that runs dbt answers (orchestration/warehouse/engines/asking.py). -#}
{% macro is_due_on_spark() %}
    {%- set is_due = not builds_from_state() or adapter.is_due_here(model.unique_id) -%}
    {%- if not is_due -%} {%- do log("UNCHANGED " ~ model.unique_id) -%} {%- endif -%}
    {{ return(is_due) }}
{% endmacro %}

{% macro spark_if_due(build) %}
    {%- if not is_due_on_spark() -%}
        {%- call noop_statement("main", "UNCHANGED", "UNCHANGED") -%} {%- endcall -%} {{ return({"relations": []}) }}
    {%- endif -%}
    {%- set built = build() -%}
    {%- if builds_from_state() -%} {%- do adapter.made_here(model.unique_id) -%} {%- endif -%} {{ return(built) }}
{% endmacro %}

{#- A view is made in every session that reads it, due or not. -#}
{% macro spark_view() %}
    {%- do is_due_on_spark() -%}
    {%- set target = this.incorporate(type="view") -%} {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and not existing.is_view -%} {%- do adapter.drop_relation(existing) -%} {%- endif -%}
    {%- call statement("main") -%} create or replace view {{ target }} as {{ compiled_code }}
    {%- endcall -%}
    {{ return({"relations": [target]}) }}
{% endmacro %}

{% materialization test, adapter = "spark" %}
    {{ return(dbt.materialization_test_default() if is_due_on_spark() else kept_check()) }}
{% endmaterialization %}
