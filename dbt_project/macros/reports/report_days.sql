{#-
  Reports over single requests are rebuilt by day, like the facts: a day is built again when the fingerprint of its
  inputs or the SQL of the report itself has changed.
-#}
{% macro report_day_fingerprints(day_fingerprints, report) -%}
    (
        select usage_date, inputs_fingerprint || '-{{ logic_checksum([report.identifier]) }}' as inputs_fingerprint
        from {{ day_fingerprints }}
    )
{%- endmacro %}

{#- Condition on requests: only the days to build. Literal bounds on the instant let the scan skip the rest. -#}
{% macro report_days_condition(day_fingerprints, report) -%}
    {%- set expected = report_day_fingerprints(day_fingerprints, report) -%}
    {%- set bounds = rebuild_bounds(expected, report) %}
    requested_at_utc >= cast('{{ bounds[0] or "1900-01-01" }}' as timestamp)
    and requested_at_utc < cast('{{ bounds[1] or "1900-01-01" }}' as timestamp) + interval '1' day
    and usage_date in ({{ days_to_rebuild(expected, report) }})
{%- endmacro %}

{#- The key under which int_spend_items looked up the owner of a usage row: usage has no billing account and no
    tags. -#}
{% macro usage_owner_lookup_key(relation) -%}
    {{
        surrogate_key(
            [
                relation ~ ".usage_date",
                relation ~ ".provider_id",
                relation ~ ".account_id",
                "cast(null as string)",
                relation ~ ".project_id",
                relation ~ ".workspace_id",
                relation ~ ".api_key_id",
                relation ~ ".team_id",
                "cast(null as string)",
            ]
        )
    }}
{%- endmacro %}
