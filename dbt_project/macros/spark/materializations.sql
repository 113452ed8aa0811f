{#- Tables of Spark: Parquet in files of their own for each build, by day where a model is rebuilt by days. The files
    of builds before stay until the home's list names the new ones (orchestration/warehouse/engines/tables.py). -#}
{% materialization table, adapter = "spark", supported_languages = ["sql"] %}
    {{ return(spark_if_due(spark_table)) }}
{% endmaterialization %}

{#- What is published is stored, so that who publishes reads files; any other view is one. -#}
{% materialization view, adapter = "spark" %}
    {{ return(spark_if_due(spark_table) if model.schema == "marts" else spark_view()) }}
{% endmaterialization %}

{% materialization seed, adapter = "spark" %}
    {%- do store_result("agate_table", response="OK", agate_table=load_agate_table()) -%}
    {{ return(spark_if_due(spark_seed)) }}
{% endmaterialization %}

{% materialization incremental, adapter = "spark", supported_languages = ["sql"] %}
    {{ return(spark_if_due(spark_incremental)) }}
{% endmaterialization %}

{% macro spark_table() %}
    {%- set target = this.incorporate(type="table") -%}
    {%- do made_on_spark(target, compiled_code) -%}
    {{ return({"relations": [target]}) }}
{% endmacro %}

{% macro spark_seed() %}
    {%- set target = this.incorporate(type="table") -%}
    {%- do made_on_spark(target, seed_as_select(load_agate_table())) -%}
    {{ return({"relations": [target]}) }}
{% endmacro %}

{#- By days: those that come out anew overwrite their partitions, and those that have no rows any more are emptied. A
    model by another key is small and written whole. -#}
{% macro spark_incremental() %}
    {%- set target, key = this.incorporate(type="table"), config.require("unique_key") -%}
    {%- set by = "usage_date" if key == "usage_date" else none -%}
    {%- if not is_incremental() -%} {%- do made_on_spark(target, compiled_code, by) -%}
    {%- else -%}
        {%- set gone = run_query(render(pre_hooks[0]["sql"])).columns[0].values() | map("string") | list -%}
        {%- set fresh = of_this_build(target, "fresh") -%}
        {%- do created_on_spark(fresh, compiled_code, spark_files(fresh)) -%}
        {%- do add_new_columns(target, fresh) -%}
        {%- if by -%} {%- do overwrite_days(target, fresh, gone) -%}
        {%- else -%} {%- do write_anew(target, fresh, key, gone) -%}
        {%- endif -%}
        {%- do adapter.drop_relation(fresh) -%}
    {%- endif -%}
    {{ return({"relations": [target]}) }}
{% endmacro %}

{#- Where the files of this build of a table lie. -#}
{% macro spark_files(relation) -%}
    {{ [env_var("COSTOPS_SPARK_FILES"), "built", relation.schema, relation.identifier, invocation_id] | join("/") }}
{%- endmacro %}

{#- A table that only this build knows, by its name, too: a server goes on with the statement of a run that is gone. -#}
{% macro of_this_build(target, what) %}
    {%- set name = target.identifier ~ "__" ~ what ~ "_" ~ invocation_id.split("-")[0] -%}
    {{ return(target.incorporate(path={"identifier": name}, type="table")) }}
{% endmacro %}

{#- Make a table of a query; it has its name once it is whole. -#}
{% macro made_on_spark(target, query, by=none) %}
    {%- set made, existing = of_this_build(target, "made"), load_cached_relation(target) -%}
    {%- do created_on_spark(made, query, spark_files(target), by) -%}
    {%- if existing is not none and existing.is_view -%} {%- do adapter.drop_relation(existing) -%} {%- endif -%}
    {%- call statement("dropped") -%} drop table if exists {{ target }}
    {%- endcall -%}
    {%- call statement("named") -%} alter table {{ made }} rename to {{ target }}
    {%- endcall -%}
{% endmacro %}

{#- A table of a query, in files of its own, held to the contract of the model. -#}
{% macro created_on_spark(relation, query, files, by=none) %}
    {%- set agreed = model.resource_type == "model" and model.contract.enforced -%}
    {%- call statement("main") -%}
        create table {{ relation }} using parquet {{ "partitioned by (" ~ by ~ ")" if by }}
        location '{{ files }}' as
        select
        {% if agreed -%}
            {%- for column in model.columns.values() %} {{ column.name }}{{ "," if not loop.last }} {% endfor -%}
        {%- else -%} *
        {%- endif %}
        from ({{ query }}) as made {{ "distribute by " ~ by if by }}
    {%- endcall -%}
    {%- if agreed -%} {%- do hold_to_contract(relation) -%} {%- endif -%}
{% endmacro %}

{#- Types are exactly those of the contract, as they are on DuckDB. -#}
{% macro hold_to_contract(relation) %}
    {%- set types = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do types.update({column.name: column.dtype | lower | replace(" ", "")}) -%}
    {%- endfor -%}
    {%- set wrong = [] -%}
    {%- for column in model.columns.values() -%}
        {%- set agreed = column.data_type | lower | replace(" ", "") | replace("varchar", "string") -%}
        {%- if types.get(column.name) != agreed -%}
            {%- do wrong.append(column.name ~ " is " ~ types.get(column.name) ~ ", agreed is " ~ agreed) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if wrong -%}
        {%- do exceptions.raise_compiler_error(relation ~ " is not what its contract says: " ~ wrong | join("; ")) -%}
    {%- endif -%}
{% endmacro %}

{% macro names_of(relation) %}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute="name") | list) }}
{% endmacro %}

{#- Columns that a model has got since its table was made; rows from before hold NULL, as with `append_new_columns`. -#}
{% macro add_new_columns(target, fresh) %}
    {%- set known, new = names_of(target), [] -%}
    {%- for column in adapter.get_columns_in_relation(fresh) if column.name not in known -%}
        {%- do new.append(column.name ~ " " ~ column.dtype) -%}
    {%- endfor -%}
    {%- if new -%}
        {%- call statement("columns") -%} alter table {{ target }} add columns ({{ new | join(", ") }}) {%- endcall -%}
    {%- endif -%}
{% endmacro %}

{#- The day of a partition stands last among a table's columns. -#}
{% macro overwrite_days(target, fresh, gone) %}
    {%- set names = names_of(target) | reject("equalto", "usage_date") | list -%}
    {%- set have = names_of(fresh) -%}
    {%- set columns = [] -%}
    {%- for name in names -%} {%- do columns.append(name if name in have else "null as " ~ name) -%} {%- endfor -%}
    {%- set days = run_query("select distinct usage_date from " ~ fresh).columns[0].values() | map("string") | list -%}
    {%- if days -%}
        {%- call statement("main") -%}
            insert overwrite table {{ target }} partition (usage_date)
            select {{ columns | join(", ") }}, usage_date from {{ fresh }} distribute by usage_date
        {%- endcall -%}
    {%- endif -%}
    {%- for day in gone | unique if day not in days -%}
        {%- call statement("emptied") -%}
            insert overwrite table {{ target }} partition (usage_date = date '{{ day }}')
            select {{ columns | join(", ") }} from {{ fresh }} where false
        {%- endcall -%}
    {%- endfor -%}
{% endmacro %}

{#- What a table held but for what comes anew or is gone, beside what comes anew; its name then stands for that. -#}
{% macro write_anew(target, fresh, key, gone) %}
    {%- set names, have = names_of(target), names_of(fresh) -%}
    {%- set next = of_this_build(target, "next") -%}
    {%- call statement("main") -%}
        create table {{ next }} using parquet location '{{ spark_files(next) }}' as
        select {{ names | join(", ") }} from {{ target }} as before
        where not exists (select 1 from {{ fresh }} as anew where anew.{{ key }} = before.{{ key }})
        {{ "and " ~ key ~ " not in (" ~ gone | join(", ") ~ ")" if gone }}
        union all
        select
        {% for name in names %} {{ name if name in have else "null" }}{{ "," if not loop.last }} {% endfor %}
        from {{ fresh }}
    {%- endcall -%}
    {%- call statement("moved") -%}
        alter table {{ target }} set location '{{ spark_files(next) }}'
    {%- endcall -%}
    {%- do adapter.drop_relation(next) -%}
{% endmacro %}

{#- The rows of a seed, with the types that it declares. -#}
{% macro seed_as_select(rows) -%}
    {%- set declared = config.get("column_types", {}) -%} {%- set lines = [] -%}
    {%- for row in rows.rows -%}
        {%- set cells = [] -%}
        {%- for cell in row -%}
            {%- do cells.append(
                "null"
                if cell is none
                else "'" ~ (cell | string | replace("\\", "\\\\") | replace("'", "\\'")) ~ "'"
            ) -%}
        {%- endfor -%}
        {%- do lines.append("(" ~ cells | join(", ") ~ ")") -%}
    {%- endfor -%}
    {%- set typed = [] -%}
    {%- for name in rows.column_names -%}
        {%- do typed.append(
            "cast(" ~ name ~ " as " ~ declared[name] | replace("varchar", "string") ~ ") as " ~ name
        ) -%}
    {%- endfor -%}
    select {{ typed | join(", ") }}
    {% if lines -%} from values {{ lines | join(", ") }} as rows({{ rows.column_names | join(", ") }})
    {%- else -%} from (select null as {{ rows.column_names | join(", null as ") }}) where false
    {%- endif %}
{%- endmacro %}
