{#- A text of a SKU as words: lower case, glued names taken apart (`gpt4omini`, `aud1217`, `56sol`, `claude4.6opus`),
    the two numbers of a version joined (`4 5` is 4.5), names of two words that mean one thing in one. -#}
{% macro sku_words(text) -%}
    {%- set steps = [
        ("\\(amazon bedrock edition\\)", " "),
        ("[^a-z0-9.:+]+", " "),
        ("\\b(gpt|claude|nova|grok|llama)([0-9])", "\\1 \\2"),
        ("\\b([0-9]o)(mini)\\b", "\\1 \\2"),
        ("\\b(aud|audio|rt|txt|tts)([0-9]{4})\\b", "\\1 \\2"),
        ("\\bturbo([0-9]+k)\\b", "turbo \\1"),
        ("\\brealtimeprvw\\b", "realtime prvw"),
        ("\\b([0-9])([0-9])(sol|luna|terra|astra)\\b", "\\1.\\2 \\3"),
        ("\\b([0-9.]+)(opus|sonnet|haiku)\\b", "\\1 \\2"),
        ("^ ?((?:az )?(?:gpt )?)([3-9])([0-9]) ", "\\1\\2.\\3 "),
        ("\\btext embedding\\b", "textembedding"),
        ("\\bemb ([0-9])", "textembedding \\1"),
        ("\\b([0-9]) ([0-9])\\b", "\\1.\\2"),
        ("\\b1(m|k) tokens?\\b", "1\\1"),
    ] -%}
    {%- set expression = namespace(sql="' ' || lower(" ~ text ~ ") || ' '") -%}
    {%- for pattern, replacement in steps -%}
        {%- set expression.sql = replaced_everywhere(expression.sql, pattern, replacement) -%}
    {%- endfor -%}
    {{ return(expression.sql) }}
{%- endmacro %}

{#- The name within a model id of the price list: without scope, seller, date and revision (a second revision is a
    name). -#}
{% macro catalog_name(model_id) -%}
    {%- set steps = [
        ("^(global|regional)\\.", ""),
        ("^[a-z0-9-]+\\.(claude|nova|llama)", "\\1"),
        ("^(.*?)-20[0-9]{6}", "\\1"),
        ("-v1(:[0-9]+)?$", ""),
        ("-v([2-9])(:[0-9]+)?$", "-v\\1"),
    ] -%}
    {%- set expression = namespace(sql=model_id) -%}
    {%- for pattern, replacement in steps -%}
        {%- set expression.sql = replaced_everywhere(expression.sql, pattern, replacement) -%}
    {%- endfor -%}
    {{ return(expression.sql) }}
{%- endmacro %}
