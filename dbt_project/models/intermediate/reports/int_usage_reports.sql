{#- Usage reports of all providers in the columns that they share, each as its file in macros/providers selects it. A
    meter or a dimension that a report does not have is NULL. Bedrock's usage types stay beside it
    (rpt_bedrock_usage_daily). -#}
{{ config(materialized="view") }}

{%- for name in sources_that_report("usage") %}
    {{ context[name ~ "_usage"]() }} {{ 'union all' if not loop.last }}
{%- endfor %}
