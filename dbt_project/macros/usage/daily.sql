{#- What a row of daily usage is told apart by, by UTC days and by days of the reporting zone. -#}
{% macro daily_usage_dimensions() %}
    {{
        return(
            [
                "usage_date",
                "provider_id",
                "account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "user_id",
                "team_id",
                "customer_id",
                "feature",
                "environment",
                "model_id",
                "is_billable",
                "cost_basis",
            ]
        )
    }}
{% endmacro %}
