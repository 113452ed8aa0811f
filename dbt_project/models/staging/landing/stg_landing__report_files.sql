{#- The landed files of what providers' APIs gave. -#}
{% for name in api_sources() %}
    select 'api/{{ name }}' as source, landed.*
    from ({{ staged_files(source("raw_" ~ name, "files")) }}) as landed {{ 'union all' if not loop.last }}
{% endfor %}
