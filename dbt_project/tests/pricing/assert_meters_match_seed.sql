{{ config(meta={"dagster": {"ref": {"name": "meters"}}}) }}
with
    in_sql as (
        {% for meter in usage_meters() -%}
            select
                '{{ meter.meter }}' as meter,
                '{{ meter.unit }}' as unit,
                {{ meter.is_token }} as is_token,
                {{ meter.is_input }} as is_input_token,
                {{ "cast(null as string)" if meter.meter == "request" else "'" ~ meter.column ~ "'" }} as raw_column
                {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    in_seed as (select meter, unit, is_token, is_input_token, raw_column from {{ ref("meters") }})

    (
        select *
        from in_sql
        except
        select *
        from in_seed
    )
union all
(
    select *
    from in_seed
    except
    select *
    from in_sql
)
