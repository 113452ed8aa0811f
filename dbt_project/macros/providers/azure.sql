{#- What Azure reports, for int_usage_reports and int_charges_reported. -#}
{% macro azure_usage() %}
    {{
        reported_usage(
            ref("stg_azure__usage"),
            [
                "uncached_input_tokens",
                "cache_read_tokens",
                "output_tokens",
                "request_count",
                "account_id",
                "error_count",
            ],
            {"workspace_id": "project_id"},
        )
    }}
{% endmacro %}

{% macro azure_charge_source() %} {{ return("azure_cost_query") }} {% endmacro %}

{% macro azure_charges() %}
    select
        {{-
            charge_columns(
                cloud_charge_columns(),
                {
                    "effective_cost": "billed_cost",
                    "contracted_cost": "billed_cost",
                    "sub_account_type": "case when sub_account_id is not null then 'Subscription' end",
                },
            )
        }},
        coalesce(sub_account_id, billing_account_id) as account_id
    from {{ ref("int_charges_azure_cost_query") }}
{% endmacro %}
