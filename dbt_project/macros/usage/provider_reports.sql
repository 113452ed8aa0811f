{#- OpenAI reports usage by kind of endpoint; a model's name says in which of them its calls are counted. -#}
{% macro openai_report(model) -%}
    case
        when {{ model }} like '%embedding%'
        then 'embeddings'
        when {{ model }} like '%moderation%'
        then 'moderations'
        when {{ model }} like '%whisper%' or {{ model }} like '%transcribe%'
        then 'audio_transcriptions'
        when {{ model }} like 'tts%' or {{ model }} like '%-tts%'
        then 'audio_speeches'
        when {{ model }} like 'dall-e%' or {{ model }} like 'gpt-image%'
        then 'images'
        else 'completions'
    end
{%- endmacro %}

{#- Reports that count input without telling cached tokens apart: events say how it splits. -#}
{% macro has_pooled_input(event_source) -%} {{ event_source }} in ('api/azure', 'api/groq') {%- endmacro %}

{#- Columns that a usage report may group by; where it does not, they are NULL. -#}
{% macro report_dimensions() %}
    {{ return(["account_id", "project_id", "workspace_id", "api_key_id", "user_id", "region"]) }}
{% endmacro %}

{#- Rows of one staged usage report in the columns of int_usage_reported. `given` maps columns to expressions, `has`
    lists columns there under their own name beside those that every report has; others are NULL: not reported. -#}
{% macro reported_usage(relation, has, given={}) %}
    {%- set every = ["event_source", "provider_name", "usage_hour_utc", "usage_date", "model"] %}
    {%- set columns = [
        ("event_source", "string"),
        ("provider_name", "string"),
        ("report", "string"),
        ("usage_hour_utc", "timestamp"),
        ("usage_date", "date"),
        ("is_daily", "boolean"),
        ("model", "string"),
        ("reported_is_batch", "boolean"),
        ("service_tier", "string"),
        ("speed", "string"),
        ("context_over_tokens", "bigint"),
    ] -%}
    {%- for column in report_dimensions() -%} {%- do columns.append((column, "string")) -%} {%- endfor -%}
    {%- for column in usage_columns() + ["request_count", "error_count"] -%}
        {%- do columns.append((column, "bigint")) -%}
    {%- endfor -%}
    select
        {%- for name, type in columns %}
            cast(
                {{
                    (
                        given[name]
                        if name in given
                        else (
                            name
                            if name in every + has
                            else ("''" if name == "report" else ("false" if name == "is_daily" else "null"))
                        )
                    )
                }} as {{ type }}
            ) as {{ name }}
            {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
{% endmacro %}

{#- floor(part × whole / total), exact: a share of a whole number, before the largest remainders are dealt out. -#}
{% macro whole_share(part, whole, total) -%}
    {{ return(adapter.dispatch("whole_share", "llm_cost_ops")(part, whole, total)) }}
{%- endmacro %}

{% macro default__whole_share(part, whole, total) -%}
    cast({{ whole_quotient("cast(" ~ part ~ " as hugeint) * " ~ whole, total) }} as bigint)
{%- endmacro %}

{#- What that leaves over. -#}
{% macro share_remainder(part, whole, total) -%}
    cast({{ part }} as decimal(19, 0)) * cast({{ whole }} as decimal(19, 0))
    - {{ whole_share(part, whole, total) }} * cast({{ total }} as decimal(19, 0))
{%- endmacro %}

{#- Days whose usage a provider reports, with their fingerprints: what models about reports are built for. -#}
{% macro reported_days() -%}
    (select usage_date, inputs_fingerprint from {{ ref("int_usage_day_fingerprints") }} where is_reported)
{%- endmacro %}

{#- Card of a context, instant and number of input tokens; `relation` is a row of int_price_cards. -#}
{% macro on_card(relation, context_id, instant, input_tokens) -%}
    {{ relation }}.usage_context_id = {{ context_id }}
    and {{ instant }} >= {{ relation }}.valid_from_utc
    and {{ instant }} < {{ relation }}.valid_to_utc
    and {{ second_of_day(instant) }} >= {{ relation }}.time_of_day_from_second
    and {{ second_of_day(instant) }} < {{ relation }}.time_of_day_to_second
    and {{ input_tokens }} > {{ relation }}.context_over_tokens
    and {{ input_tokens }} <= {{ relation }}.context_up_to_tokens
{%- endmacro %}

{#- Whether a report stands in for a request (rows of int_requests_carded and int_report_coverage). -#}
{% macro under_report(request, coverage) -%}
    {{ coverage }}.usage_context_id = {{ request }}.usage_context_id
    and {{ coverage }}.usage_date = {{ request }}.usage_date
    and {{ request }}.requested_at_utc < {{ coverage }}.covered_to_utc
    and {{ request }}.is_billable
    and (
        {{ coverage }}.account_id is null
        or {{ coverage }}.account_id = {{ request }}.account_id
        or ({{ request }}.account_id is null and {{ coverage }}.account_rank = 1)
    )
{%- endmacro %}
