{#- Kinds of money, which every total, budget, forecast and report tells apart: what models cost, what they and the rest
    run on, and what no provider bills. Their sum is all spend. -#}
{% macro cost_kinds() %} {{ return(["llm", "infrastructure", "own"]) }} {% endmacro %}

{#- What a budget can count: one kind, or all of them. -#}
{% macro budget_counts() %} {{ return(cost_kinds() + ["total"]) }} {% endmacro %}

{#- Kind of a charge. Infrastructure is what a cloud that also sells models bills besides, and what a bill calls by a
    category or a name of infrastructure; what else a vendor bills is taken for what it is here for. `clouds` are joined
    by provider. -#}
{% macro charge_cost_kind(is_llm, clouds, category, texts) -%}
    case
        when {{ is_llm }}
        then 'llm'
        when {{ clouds }}.provider_id is not null
        then 'infrastructure'
        when lower(coalesce({{ category }}, 'other')) not in ('other', 'ai and machine learning')
        then 'infrastructure'
        {%- for word in [
                "gpu",
                "compute",
                "instance",
                "virtual machine",
                "server",
                "storage",
                "disk",
                "database",
                "network",
                "bandwidth",
                "egress",
            ] %}
            when {{ words_around(texts) }} like '% {{ word }} %' or {{ words_around(texts) }} like '% {{ word }}s %'
            then 'infrastructure'
        {%- endfor %}
        else 'llm'
    end
{%- endmacro %}

{% macro words_around(texts) -%} ' ' || {{ words_of(texts) }} || ' ' {%- endmacro %}

{#- Kind of an item of own cost by its category. -#}
{% macro own_cost_kind(category) -%}
    case
        when {{ category }} in ('infrastructure', 'gpu_compute', 'cpu_compute', 'memory', 'data_storage', 'networking')
        then 'infrastructure'
        when {{ category }} = 'llm_api'
        then 'llm'
        else 'own'
    end
{%- endmacro %}

{#- The money of one kind in a group: 0 where the group has none of it, NULL where all of it is unknown. -#}
{% macro kind_sum(kind, amount, cost_kind="cost_kind") -%}
    cast(
        case
            when count(case when {{ cost_kind }} = '{{ kind }}' then 1 end) = 0
            then 0
            else sum(case when {{ cost_kind }} = '{{ kind }}' then {{ amount }} end)
        end as decimal(38, 12)
    )
{%- endmacro %}

{#- One column per kind of money, as cost centers, statements and views show them: `llm_<suffix>`, ... -#}
{% macro kind_columns(amount, suffix="spend_usd", cost_kind="cost_kind") -%}
    {%- for kind in cost_kinds() %}
        {{ kind_sum(kind, amount, cost_kind) }} as {{ kind }}_{{ suffix }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Which money a series counts: LLM spend, unless it is of a kind. -#}
{% macro series_cost_kind(relation="") -%}
    {%- set at = relation ~ "." if relation else "" -%}
    case when {{ at }}scope_type = 'cost_kind' then {{ at }}scope_id else 'llm' end
{%- endmacro %}
