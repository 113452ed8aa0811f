{#- What Google Cloud's billing export says, for int_charges_reported. -#}
{% macro gcp_charge_source() %} {{ return("gcp_export") }} {% endmacro %}

{% macro gcp_charges() %}
    select
        {{-
            charge_columns(
                cloud_charge_columns()
                + [
                    "pricing_quantity",
                    "pricing_unit",
                    "list_cost",
                    "invoice_id",
                    "publisher_name",
                    "line_type",
                    "resource_name",
                    "availability_zone",
                ],
                {
                    "effective_cost": "billed_cost",
                    "contracted_cost": "billed_cost",
                    "host_provider_name": "provider_name",
                    "service_provider_name": "coalesce(publisher_name, provider_name)",
                    "invoice_issuer_name": "provider_name",
                    "sub_account_type": "case when sub_account_id is not null then 'Project' end",
                },
            )
        }},
        billing_account_id as account_id
    from {{ ref("int_charges_gcp") }}
{% endmacro %}
