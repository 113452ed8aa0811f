{#- The position-th (from 1) of equal parts of an amount that is not negative, below 10^13: parts differ by at most
    10^-12, the first ones take what is over, and all of them together are the amount. -#}
{% macro equal_part(amount, parts, position) -%}
    {%- set units = to_units(amount) -%}
    {%- set each = whole_quotient(units, parts) -%}
    {{ from_units(each ~ " + cast(" ~ position ~ " <= " ~ units ~ " - " ~ each ~ " * " ~ parts ~ " as int)") }}
{%- endmacro %}

{#- What costs are told apart by, and what each category is part of. Costs of language models and of infrastructure
    go by their kind of money, so both are the totals that every other report has; own costs go by category. -#}
{% macro cost_groups() %} {{ return(["infrastructure", "llm_api", "personnel", "overhead", "other"]) }} {% endmacro %}

{% macro cost_group(cost_kind, category) -%}
    case
        when {{ cost_kind }} = 'llm'
        then 'llm_api'
        when {{ cost_kind }} = 'infrastructure'
        then 'infrastructure'
        when {{ category }} = 'personnel'
        then 'personnel'
        when {{ category }} in ('overhead', 'software_licenses', 'support_maintenance', 'security_compliance')
        then 'overhead'
        else 'other'
    end
{%- endmacro %}

{#- Category of what a bill charges: by its FOCUS ServiceCategory where the bill has one that decides it, else by words
    of its service, description and SKU. `is_gpu` says whether the type of instance has GPUs. -#}
{% macro charge_category_of_tco(cost_kind, service_category, texts, is_gpu) -%}
    {%- set text = words_around(texts) -%}
    case
        when {{ cost_kind }} = 'llm'
        then 'llm_api'
        when {{ is_gpu }} or {{ text }} like '% gpu %' or {{ text }} like '% gpus %'
        then 'gpu_compute'
        when {{ service_category }} = 'Storage' or {{ service_category }} = 'Databases'
        then 'data_storage'
        when {{ service_category }} = 'Networking'
        then 'networking'
        when {{ service_category }} = 'Compute'
        then {{ words_decide([("memory", ["ram", "memory"])], text) }} 'cpu_compute'
    end
    when {{ service_category }} in ('Security', 'Identity')
    then 'security_compliance'
    else
        {{
            words_decide(
                [
                    ("support_maintenance", ["support", "maintenance"]),
                    (
                        "networking",
                        [
                            "network",
                            "networking",
                            "bandwidth",
                            "egress",
                            "data transfer",
                            "datatransfer",
                            "nat gateway",
                            "load balancer",
                            "cloudfront",
                            "cdn",
                            "vpc",
                        ],
                    ),
                    (
                        "data_storage",
                        [
                            "storage",
                            "disk",
                            "disks",
                            "volume",
                            "volumes",
                            "snapshot",
                            "ebs",
                            "s3",
                            "backup",
                            "database",
                            "databases",
                        ],
                    ),
                    ("security_compliance", ["security", "guardduty", "kms", "waf", "key vault", "defender"]),
                    ("memory", ["ram", "memory", "redis", "elasticache"]),
                    (
                        "cpu_compute",
                        [
                            "compute",
                            "instance",
                            "instances",
                            "virtual machine",
                            "virtual machines",
                            "server",
                            "servers",
                            "boxusage",
                            "vcpu",
                            "kubernetes",
                        ],
                    ),
                ],
                text,
            )
        }}
        'other'
        end
        end
{%- endmacro %}

{#- The beginning of a case: `case when … then … else`; whole words of a text decide, the first ones first. -#}
{% macro words_decide(decisions, text) -%}
    case
        {%- for name, words in decisions %}
            when {%- for word in words %} {{ text }} like '% {{ word }} %' {{ 'or' if not loop.last }} {%- endfor %}
            then '{{ name }}'
        {%- endfor %}
        else
{%- endmacro %}

{#- Section of the summary of infrastructure: what is neither compute, storage nor network is a managed service. -#}
{% macro infrastructure_section(category) -%}
    case
        when {{ category }} in ('gpu_compute', 'cpu_compute', 'memory')
        then 'compute'
        when {{ category }} = 'data_storage'
        then 'storage'
        when {{ category }} = 'networking'
        then 'network'
        else 'managed_services'
    end
{%- endmacro %}

{#- What of a standing cost is fixed: all of it, and 60 % of a semi-variable item that does not say by what it
    moves; the other part is the rest, so both sum to it exactly. -#}
{% macro semi_variable_part(part) -%}
    {%- set fixed = "cast(standing_cost * cast(0.6 as decimal(2, 1)) as decimal(38, 12))" -%}
    {%- if part == "fixed" -%}
        case when cost_behavior = 'semi_variable' and rate is null then {{ fixed }} else standing_cost end
    {%- else -%} cast(standing_cost - {{ fixed }} as decimal(38, 12))
    {%- endif -%}
{%- endmacro %}
