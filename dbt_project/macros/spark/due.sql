{#- Whether a node has to be built on Spark, asked as on DuckDB when its turn comes (macros/engine/due.sql). The state
    lies in the warehouse: the process that runs dbt answers (orchestration/warehouse/engines/asking.py). -#}
{% macro spark_if_due(build) %}
    {%- if not builds_from_state() -%} {{ return(build()) }} {%- endif -%}
    {%- if not adapter.is_due_here(model.unique_id) -%}
        {%- do log("UNCHANGED " ~ model.unique_id) -%}
        {%- call noop_statement("main", "UNCHANGED", "UNCHANGED") -%} {%- endcall -%} {{ return({"relations": []}) }}
    {%- endif -%}
    {%- set built = build() -%}
    {%- do adapter.made_here(model.unique_id) -%}
    {{ return(built) }}
{% endmacro %}

{#- A view is made in every session that reads it, due or not. -#}
{% macro spark_view() %}
    {%- if builds_from_state() and not adapter.is_due_here(model.unique_id) -%}
        {%- do log("UNCHANGED " ~ model.unique_id) -%}
    {%- endif -%}
    {%- set target = this.incorporate(type="view") -%} {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and not existing.is_view -%} {%- do adapter.drop_relation(existing) -%} {%- endif -%}
    {%- call statement("main") -%} create or replace view {{ target }} as {{ compiled_code }}
    {%- endcall -%}
    {{ return({"relations": [target]}) }}
{% endmacro %}

{% materialization test, adapter = "spark" %}
    {%- if not builds_from_state() or adapter.is_due_here(model.unique_id) -%}
        {{ return(dbt.materialization_test_default()) }}
    {%- endif -%}
    {%- do log("UNCHANGED " ~ model.unique_id) -%}
    {%- call statement("main", fetch_result=True) -%}
        select 0 as failures, false as should_warn, false as should_error
    {%- endcall -%}
    {{ return({"relations": []}) }}
{% endmaterialization %}
