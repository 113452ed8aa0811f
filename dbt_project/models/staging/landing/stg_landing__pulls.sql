{#- What each endpoint of each provider's API gave for each day. -#}
{% for name in api_sources() %}
    select 'api/{{ name }}' as source, landed.*
    from ({{ staged_pulls(source("raw_" ~ name, "pulls")) }}) as landed {{ 'union all' if not loop.last }}
{% endfor %}
