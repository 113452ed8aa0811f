{#- Rows kept aside, of whatever landed them. -#}
{% for name in ["events", "billing", "org", "gpu", "prices", "ledger"] + api_sources() %}
    select *
    from ({{ staged_quarantine(source("raw_" ~ name, "quarantine")) }}) as landed {{ 'union all' if not loop.last }}
{% endfor %}
