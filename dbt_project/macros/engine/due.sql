{#- Whether a node has to be built in this run, decided when its turn comes: what it reads is then as the run leaves it.

    `build_state.plan` says of each node what its code is and what it reads; `build_state.built` holds the content of
    every stored table, and of each model and test what it was made from (orchestration/running/due/state.py).
    A node whose inputs and code are what they were keeps its table, so what reads it keeps its own too.

    All of it is off unless COSTOPS_BUILD_FROM_STATE is set: a plain `dbt build` builds everything and forgets the
    state. -#}
{% macro builds_from_state() %} {{ return(execute and env_var("COSTOPS_BUILD_FROM_STATE", "") != "") }} {% endmacro %}

{#- What the node is made from in this run, or None where it is as it should be. In a run of everything nothing is
    asked. What was known of a table that is about to be built is forgotten: a build that is killed is due again. -#}
{% macro due_inputs(node_id, relation=none) %}
    {%- if env_var("COSTOPS_BUILD_FROM_STATE") == "everything" -%} {{ return("") }} {%- endif -%}
    {#- Of the cursor itself: dbt makes a table of what `run_query` answers. -#}
    {%- set _, cursor = adapter.add_query(
        "select inputs_key, is_due, built_from from build_state.due where node = '" ~ node_id ~ "'",
        auto_begin=False,
    ) -%}
    {%- set row = cursor.fetchone() -%}
    {%- if row and not row[1] and (relation is none or load_cached_relation(relation)) -%}
        {%- do log("UNCHANGED " ~ node_id) -%} {{ return(none) }}
    {%- endif -%}
    {%- if relation is not none and not (row and row[2] is none) -%}
        {%- do tell("delete from build_state.built where node = '" ~ node_id ~ "'") -%} {%- do adapter.commit() -%}
    {%- endif -%}
    {{ return(row[0] if row else "?") }}
{% endmacro %}

{#- Run a statement that answers nothing: dbt makes a table of every answer that is asked for, at a cost. -#}
{% macro tell(words) %} {%- call statement("told") -%} {{ words }} {%- endcall -%} {% endmacro %}

{#- Remember what a table or view was built from; of a table also its columns, rows and content. -#}
{% macro remember(node_id, inputs_key, relation, is_table) %}
    {%- set key = (
        "'" ~ inputs_key ~ "'"
        if inputs_key
        else "(select inputs_key from build_state.due where node = '" ~ node_id ~ "')"
    ) -%}
    {%- set started = "cast('" ~ run_started_at.strftime("%Y-%m-%d %H:%M:%S") ~ "' as timestamp)" -%}
    {%- if is_table -%}
        {%- do tell(
            "insert into build_state.built select '"
            ~ node_id
            ~ "', "
            ~ key
            ~ ", md5(shape.columns) || ':' || filled.content, filled.row_count, shape.columns, '"
            ~ relation.schema
            ~ "."
            ~ relation.identifier
            ~ "', "
            ~ started
            ~ " from (select string_agg(column_name || ' ' || data_type, ', ' order by column_index) as columns "
            ~ "from duckdb_columns() where database_name = current_database() and schema_name = '"
            ~ relation.schema
            ~ "' and table_name = '"
            ~ relation.identifier
            ~ "') as shape, (select coalesce(sum(hash(content)::hugeint), 0) as content, count(*) as row_count from "
            ~ relation
            ~ " as content) as filled"
        ) -%}
    {%- else -%}
        {%- do tell(
            "insert into build_state.built values ('"
            ~ node_id
            ~ "', "
            ~ key
            ~ ", 'view', null, null, '"
            ~ relation.schema
            ~ "."
            ~ relation.identifier
            ~ "', "
            ~ started
            ~ ")"
        ) -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
{% endmacro %}

{#- For `on-run-start`: a build that does not keep the state makes it untrue. -#}
{% macro forget_build_state() %}
    {%- if execute and not builds_from_state() and target.type == "duckdb" and flags.WHICH in (
        "build",
        "run",
        "seed",
    ) -%}
        {{ return("drop schema if exists build_state cascade") }}
    {%- endif -%}
    {{ return("") }}
{% endmacro %}
