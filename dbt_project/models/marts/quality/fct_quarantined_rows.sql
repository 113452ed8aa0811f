{{ config(materialized="view") }}

{% for name in ["events", "billing", "org", "gpu", "prices", "ledger"] + api_sources() -%}
    select source, file_path, row_number, field, reason, message, original_record, quarantined_at_utc
    from {{ ref("stg_" ~ name ~ "__quarantined_rows") }} {{ 'union all' if not loop.last }}
{% endfor %}
