{#- The materializations of dbt-duckdb and dbt, each asked first whether there is anything to do (due.sql). -#}
{% materialization table, adapter = "duckdb", supported_languages = ["sql"] %}
    {{ return(build_if_due(dbt.materialization_table_duckdb)) }}
{% endmaterialization %}

{% materialization incremental, adapter = "duckdb", supported_languages = ["sql"] %}
    {{ return(build_if_due(dbt.materialization_incremental_duckdb)) }}
{% endmaterialization %}

{% materialization view, adapter = "duckdb", supported_languages = ["sql"] %}
    {{ return(build_if_due(dbt.materialization_view_default, is_table=false)) }}
{% endmaterialization %}

{% materialization seed, adapter = "duckdb" %}
    {{ return(build_if_due(dbt.materialization_seed_default)) }}
{% endmaterialization %}

{% macro build_if_due(build, is_table=true) %}
    {%- if not builds_from_state() -%} {{ return(build()) }} {%- endif -%}
    {%- set inputs_key = due_inputs(model.unique_id, this) -%}
    {%- if inputs_key is none -%}
        {%- if model.resource_type == "seed" -%}
            {%- do store_result("agate_table", response="OK", agate_table=load_agate_table()) -%}
        {%- endif -%}
        {%- call noop_statement("main", "UNCHANGED", "UNCHANGED") -%} {%- endcall -%} {{ return({"relations": []}) }}
    {%- endif -%}
    {%- do forget(model.unique_id) -%}
    {%- set built = build() -%}
    {%- do remember(model.unique_id, inputs_key, this, is_table) -%}
    {{ return(built) }}
{% endmacro %}

{#- A check that passed or warned on what is there does so still; which did is noted when dbt has ended. -#}
{% materialization test, adapter = "duckdb" %}
    {%- if not builds_from_state() or due_inputs(model.unique_id) is not none -%}
        {{ return(dbt.materialization_test_default()) }}
    {%- endif -%}
    {%- call statement("main", fetch_result=True) -%}
        select 0 as failures, false as should_warn, false as should_error
    {%- endcall -%}
    {{ return({"relations": []}) }}
{% endmaterialization %}
