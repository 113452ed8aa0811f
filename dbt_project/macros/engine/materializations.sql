{#- Materializations, each asked first whether there is anything to do (due.sql): dbt-duckdb's and dbt's own, but for
    tables and views, which are made in place. -#}
{% materialization table, adapter = "duckdb", supported_languages = ["sql"] %}
    {{ return(build_if_due(table_in_place)) }}
{% endmaterialization %}

{% materialization incremental, adapter = "duckdb", supported_languages = ["sql"] %}
    {{ return(build_if_due(dbt.materialization_incremental_duckdb)) }}
{% endmaterialization %}

{% materialization view, adapter = "duckdb", supported_languages = ["sql"] %}
    {{ return(build_if_due(view_in_place, is_table=false)) }}
{% endmaterialization %}

{% materialization seed, adapter = "duckdb" %}
    {{ return(build_if_due(dbt.materialization_seed_default)) }}
{% endmaterialization %}

{% macro table_in_place() %} {{ return(in_place("table", dbt.materialization_table_duckdb)) }} {% endmacro %}

{% macro view_in_place() %} {{ return(in_place("view", dbt.materialization_view_default)) }} {% endmacro %}

{#- Drop what was there and make it anew in one transaction. dbt makes it beside, renames both and drops the old one,
    which was 14 of the 78 seconds that a profile of 457 nodes counted. What was of another kind is left to dbt. -#}
{% macro in_place(type, other) %}
    {%- set existing, target = load_cached_relation(this), this.incorporate(type=type) -%}
    {%- if existing is not none and existing.type != type -%} {{ return(other()) }} {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement("main") -%}
        {%- if existing is not none %}
            drop {{ type }} if exists {{ existing }};
        {% endif %}
        {%- if type == "table" -%} {{ create_table_as(False, target, compiled_code) }}
        {%- else -%} {{ get_create_view_as_sql(target, compiled_code) }}
        {%- endif -%}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {#- What it was made from is noted in the same transaction. -#}
    {%- if not builds_from_state() -%} {%- do adapter.commit() -%} {%- endif -%} {{ return({"relations": [target]}) }}
{% endmacro %}

{% macro build_if_due(build, is_table=true) %}
    {%- if not builds_from_state() -%} {{ return(build()) }} {%- endif -%}
    {%- set inputs_key = due_inputs(model.unique_id, this) -%}
    {%- if inputs_key is none -%}
        {%- if model.resource_type == "seed" -%}
            {%- do store_result("agate_table", response="OK", agate_table=load_agate_table()) -%}
        {%- endif -%}
        {%- call noop_statement("main", "UNCHANGED", "UNCHANGED") -%} {%- endcall -%} {{ return({"relations": []}) }}
    {%- endif -%}
    {%- set built = build() -%}
    {%- do remember(model.unique_id, inputs_key, this, is_table) -%}
    {{ return(built) }}
{% endmacro %}

{#- A check that passed or warned on what is there does so still; which did is noted when dbt has ended. -#}
{% materialization test, adapter = "duckdb" %}
    {%- if not builds_from_state() or due_inputs(model.unique_id) is not none -%}
        {{ return(dbt.materialization_test_default()) }}
    {%- endif -%}
    {{ return(kept_check()) }}
{% endmaterialization %}

{#- The result of a check that is not made. -#}
{% macro kept_check() %}
    {%- call statement("main", fetch_result=True) -%}
        select 0 as failures, false as should_warn, false as should_error
    {%- endcall -%}
    {{ return({"relations": []}) }}
{% endmacro %}
