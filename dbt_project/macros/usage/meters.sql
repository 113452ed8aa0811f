{#- Meters that tell of a call beside its tokens: a model that is priced by token does not charge them. -#}
{% macro told_beside_tokens() %}
    {{- return(["input_character", "audio_millisecond", "document_page", "annotated_document_page", "image"]) -}}
{% endmacro %}

{#- Which of these, and whether tokens, prices or negotiated prices of a group charge: 1 or NULL each. -#}
{% macro charged_meters(prices) %}
    {%- set tokens = usage_meters() | selectattr("is_token") | map(attribute="meter") | list %}
    max(
        case
            when
                {{ prices }}.meter is null
                {%- for meter in tokens %} or {{ prices }}.meter = '{{ meter }}' {%- endfor %}
            then 1
        end
    ) as charges_tokens
    {%- for meter in told_beside_tokens() %}
        , max(case when {{ prices }}.meter = '{{ meter }}' then 1 end) as charges_{{ meter }}
    {%- endfor %}
{% endmacro %}

{#- The meters at parse time: what the seed `meters` says, needed to write one expression per meter.
    The test assert_meters_match_seed holds the two together. `measure` is the column that is billed. -#}
{% macro usage_meters() %}
    {%- set tokens = [
        ("uncached_input", true),
        ("cache_read", true),
        ("cache_write", true),
        ("cache_write_5m", true),
        ("cache_write_1h", true),
        ("output", false),
        ("audio_input", true),
        ("audio_cache_read", true),
        ("audio_output", false),
        ("image_input", true),
        ("image_cache_read", true),
        ("image_output", false),
        ("video_input", true),
        ("video_output", false),
    ] -%}
    {%- set others = [
        ("web_search", "web_searches", "each"),
        ("file_search", "file_searches", "each"),
        ("code_execution", "code_executions", "each"),
        ("map_search", "map_searches", "each"),
        ("x_search", "x_searches", "each"),
        ("rerank_search", "rerank_searches", "each"),
        ("text_message", "text_messages", "each"),
        ("input_character", "input_characters", "character"),
        ("audio_millisecond", "audio_milliseconds", "millisecond"),
        ("document_page", "document_pages", "page"),
        ("annotated_document_page", "annotated_document_pages", "page"),
        ("image", "images", "each"),
        ("video_millisecond", "video_milliseconds", "millisecond"),
        ("training_token", "training_tokens", "token"),
        ("session", "sessions", "each"),
        ("storage_mib_day", "storage_mib_days", "mebibyte_day"),
        ("container", "containers", "each"),
        ("routed_input", "routed_input_tokens", "token"),
        ("reasoning_surcharge", "reasoning_tokens", "token"),
        ("citation_surcharge", "citation_tokens", "token"),
    ] -%}
    {%- set meters = [] -%}
    {%- for name, is_input in tokens -%}
        {%- do meters.append(
            {
                "meter": name,
                "column": name ~ "_tokens",
                "billed": name ~ "_tokens",
                "unit": "token",
                "is_token": true,
                "is_input": is_input,
                "is_surcharge": false,
            }
        ) -%}
    {%- endfor -%}
    {%- for name, column, unit in others -%}
        {%- set billed = "billable_audio_milliseconds" if name == "audio_millisecond" else column -%}
        {%- do meters.append(
            {
                "meter": name,
                "column": column,
                "billed": billed,
                "unit": unit,
                "is_token": false,
                "is_input": false,
                "is_surcharge": name.endswith("_surcharge"),
            }
        ) -%}
    {%- endfor -%}
    {%- do meters.append(
        {
            "meter": "request",
            "column": "request_count",
            "billed": "billable_request_count",
            "unit": "each",
            "is_token": false,
            "is_input": false,
            "is_surcharge": false,
        }
    ) -%}
    {{ return(meters) }}
{% endmacro %}

{#- Columns of counts as events report them (everything but `request`, which every event is one of). -#}
{% macro usage_columns() %}
    {%- set columns = [] -%}
    {%- for meter in usage_meters() if meter.meter != 'request' -%}
        {%- do columns.append(meter.column) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}

{#- Total of the disjoint token meters of one side: 'input' or 'output'. -#}
{% macro token_total(side, relation=none) -%}
    {%- set terms = [] -%}
    {%- for meter in usage_meters() if meter.is_token and meter.is_input == (side == 'input') -%}
        {%- do terms.append("coalesce(" ~ (relation ~ "." if relation else "") ~ meter.column ~ ", 0)") -%}
    {%- endfor -%}
    ({{ terms | join(" + ") }})
{%- endmacro %}

{#- Columns of an event that the hourly fact keeps, beside hour, usage context and price card. -#}
{% macro usage_dimensions() %}
    {{
        return(
            [
                "account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "user_id",
                "team_id",
                "customer_id",
                "feature",
                "environment",
                "region",
                "event_source",
                "is_billable",
                "has_reported_usage",
                "unknown_usage_reason",
                "is_unseen",
                "recorded_cost_kind",
            ]
        )
    }}
{% endmacro %}

{#- What the price of an event depends on besides time and size; '' and false stand for NULL. -#}
{% macro context_columns() %}
    {{ return(["provider_name", "model", "is_batch", "service_tier", "speed", "price_region"]) }}
{% endmacro %}

{#- Sum of some token meters of a request; absent ones count nothing. -#}
{% macro token_sum(meters) -%}
    {% for meter in meters %} coalesce({{ meter }}_tokens, 0){{ ' + ' if not loop.last }}{% endfor %}
{%- endmacro %}

{#- Number of meters of a row that were used at all. -#}
{% macro used_meters(counts) -%}
    {% for meter in usage_meters() if not meter.is_surcharge -%}
        case when {{ counts }}.{{ meter.column }} <> 0 then 1 else 0 end {{- ' + ' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- The token meters of one side, 'input' or 'output', as a SQL list. -#}
{% macro token_meters(side) -%}
    (
        {% for meter in usage_meters() if meter.is_token and meter.is_input == (side == 'input') -%}
            {{ ', ' if not loop.first }}'{{ meter.meter }}'
        {%- endfor %}
    )
{%- endmacro %}

{#- What a meter of tokens counts tokens of: `audio` of `audio_input`, else a side. -#}
{% macro modality_of(meter) -%} {{ return(meter.meter.split("_")[0]) }} {%- endmacro %}

{#- Kinds of token by what is done with them, with their meters; together all token meters. -#}
{% macro token_kinds() %}
    {%- set found = {"uncached_input": [], "cache_read": [], "cache_write": [], "output": []} -%}
    {%- for meter in usage_meters() if meter.is_token -%}
        {%- set kind = (
            "cache_read"
            if "cache_read" in meter.meter
            else (
                "cache_write"
                if "cache_write" in meter.meter
                else "uncached_input" if meter.is_input else "output"
            )
        ) -%}
        {%- do found[kind].append(meter.meter) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- The meters of a relation as rows that carry some of its columns: what is counted as `quantity`, what is billed as
    `billed_quantity` (unless `billed` is false); columns `of_requests` stand on the row of the meter `request`. Rows
    whose quantity is not as `counted` says are left out. -#}
{% macro counted_meters(relation, carried, of_requests=[], counted="<> 0", billed=true) -%}
    {{ return(adapter.dispatch("counted_meters", "llm_cost_ops")(relation, carried, of_requests, counted, billed)) }}
{%- endmacro %}

{% macro default__counted_meters(relation, carried, of_requests, counted, billed) -%}
    {%- for meter in usage_meters() %}
        select
            {{ carried | join(", ") }},
            '{{ meter.meter }}' as meter,
            '{{ meter.unit }}' as unit,
            {{ meter.is_token }} as is_token,
            {{ meter.column }} as quantity
            {{- (", " ~ meter.billed ~ " as billed_quantity") if billed }}
            {%- for column, type in of_requests %}
                , {{ column if meter.meter == "request" else "cast(null as " ~ type ~ ")" }} as {{ column }}
            {%- endfor %}
        from {{ relation }}
        where {{ meter.column }} {{ counted }} {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Sums of a relation that has a column named as each meter, as rows that carry some of its other columns. -#}
{% macro summed_meters(relation, carried) -%}
    {{ return(adapter.dispatch("summed_meters", "llm_cost_ops")(relation, carried)) }}
{%- endmacro %}

{% macro default__summed_meters(relation, carried) -%}
    {%- for meter in usage_meters() %}
        select {{ carried | join(", ") }}, '{{ meter.meter }}' as meter, {{ meter.meter }} as quantity
        from {{ relation }}
        where {{ meter.meter }} > 0 {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
