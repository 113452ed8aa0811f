{#- What AWS Cost Explorer reports, for int_charges_reported. Bedrock's usage types stay beside reported usage
    (int_usage_aws_bedrock). -#}
{% macro aws_charge_source() %} {{ return("aws_cost_explorer") }} {% endmacro %}

{% macro aws_charges() %}
    select
        {{-
            charge_columns(
                cloud_charge_columns(),
                {
                    "effective_cost": "coalesce(effective_cost, billed_cost)",
                    "contracted_cost": "billed_cost",
                    "sub_account_type": "case when sub_account_id is not null then 'Linked account' end",
                },
            )
        }},
        sub_account_id as account_id
    from {{ ref("int_charges_aws_cost_explorer") }}
{% endmacro %}
