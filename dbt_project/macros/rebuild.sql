{#- Which days an incremental model has to rebuild. A day carries the fingerprint of its inputs
    (`_inputs_fingerprint`), so that the answer is a comparison of what is built with what should be: nothing is lost
    when a run is killed, files are replaced, or a price changes. -#}
{#- A part of the fingerprint that changes when the SQL of one of these models does. -#}
{% macro logic_checksum(model_names) %}
    {%- set parts = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') and node.name in model_names -%}
            {%- do parts.append(node.name ~ "=" ~ node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(local_md5(parts | sort | join("|"))) }}
{% endmacro %}

{#- Query of the days of `expected` (usage_date, inputs_fingerprint) that `built` does not hold as they should be, and
    the newest ones, unless the fingerprint is made from all content of a day (`lookback_days=0`). -#}
{% macro days_to_rebuild(expected, built, lookback_days=var("lookback_days")) -%}
    select expected.usage_date
    from {{ expected }} as expected
    left join
        (select distinct usage_date, _inputs_fingerprint from {{ built }}) as built
        on built.usage_date = expected.usage_date
        and built._inputs_fingerprint = expected.inputs_fingerprint
    where
        built.usage_date is null
        {%- if lookback_days %}
            or expected.usage_date
            > (select max(newest.usage_date) from {{ expected }} as newest) - interval '{{ lookback_days }}' day
        {%- endif %}
        {%- if var("from_date") or var("to_date") %}
            or expected.usage_date between cast('{{ var("from_date") or "1900-01-01" }}' as date) and cast(
                '{{ var("to_date") or "2199-12-31" }}' as date
            )
        {%- endif %}
{%- endmacro %}

{#- First and last of those days, read when the model runs: literal bounds let the scan skip what lies outside. -#}
{% macro rebuild_bounds(expected, built) %}
    {%- set bounds = ["1900-01-01", "1900-01-01"] -%}
    {%- if execute -%}
        {%- set found = run_query(
            "select coalesce(cast(min(usage_date) as string), '1900-01-01'), "
            ~ "coalesce(cast(max(usage_date) as string), '1900-01-01') from ("
            ~ days_to_rebuild(expected, built)
            ~ ") as days"
        ) -%}
        {%- set bounds = found.rows[0] -%}
    {%- endif -%}
    {{ return(bounds) }}
{% endmacro %}

{#- Days whose rows are not made from what they should be leave the table before it is filled: delete+insert deletes
    days that have new rows, and a day that has input may have none (its only file is gone and a report names the day,
    its costs are no longer recorded). -#}
{% macro delete_changed_days(expected) %}
    {%- set changed -%}
        select built.usage_date
        from (select distinct usage_date, _inputs_fingerprint from {{ this }}) as built
        left join
            {{ expected }} as expected
            on expected.usage_date = built.usage_date
            and expected.inputs_fingerprint = built._inputs_fingerprint
        where expected.usage_date is null
    {%- endset -%}
    {{ delete_rows("usage_date", changed) if is_incremental() else "select 1" }}
{% endmacro %}

{#- A statement that deletes the rows of a table whose key a query names; for an engine that cannot, the query: its
    materialization of incremental models deletes them. -#}
{% macro delete_rows(key, named) -%}
    {{ return(adapter.dispatch("delete_rows", "llm_cost_ops")(key, named)) }}
{%- endmacro %}

{% macro default__delete_rows(key, named) -%} delete from {{ this }} where {{ key }} in ({{ named }}) {%- endmacro %}

{#- Whether a day is among the newest cost_check_days: history that was checked when it was built is not priced
    again. -#}
{% macro newest_days(day) -%}
    {{ day }}
    > (select max(usage_date) from {{ ref("int_usage_day_fingerprints") }})
    - interval '{{ var("cost_check_days") }}' day
{%- endmacro %}

{#- Tables of an earlier version, built before their model kept fingerprints, cannot be compared with anything: they go,
    and the run builds them whole. -#}
{% macro drop_tables_without_fingerprints() %}
    {%- if execute and target.type == "duckdb" -%}
        {%- for node in graph.nodes.values() | selectattr("unique_id", "in", selected_resources)
            if node.resource_type == "model"
            and node.config.materialized == "incremental"
            and "_inputs_fingerprint" in node.raw_code -%}
            {%- set relation = adapter.get_relation(node.database, node.schema, node.alias) -%}
            {%- if relation and "_inputs_fingerprint" not in (
                adapter.get_columns_in_relation(relation) | map(attribute="name") | list
            ) -%}
                {%- do log(node.name ~ " was built by an earlier version and is built anew", info=true) -%}
                {%- do adapter.drop_relation(relation) -%}
                {%- do adapter.commit() -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
