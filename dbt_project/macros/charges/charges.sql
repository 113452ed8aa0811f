{#- The columns that every kind of charge brings to fct_charges. What a report does not say is NULL of the right type;
    `given` maps a column to its expression, and columns in `has` (all when omitted) are there under their own name. -#}
{% macro charge_columns(has=none, given={}) %}
    {%- set columns = [
        ("charge_source", "varchar"),
        ("charge_period_start_utc", "timestamp"),
        ("charge_period_end_utc", "timestamp"),
        ("billing_period_start_utc", "timestamp"),
        ("billing_period_end_utc", "timestamp"),
        ("provider_name", "varchar"),
        ("billing_account_id", "varchar"),
        ("sub_account_id", "varchar"),
        ("sub_account_name", "varchar"),
        ("resource_id", "varchar"),
        ("region_id", "varchar"),
        ("service_category", "varchar"),
        ("service_name", "varchar"),
        ("charge_category", "varchar"),
        ("charge_class", "varchar"),
        ("charge_description", "varchar"),
        ("sku_id", "varchar"),
        ("sku_meter", "varchar"),
        ("sku_price_id", "varchar"),
        ("sku_text", "varchar"),
        ("sku_name", "varchar"),
        ("sku_product", "varchar"),
        ("stated_model", "varchar"),
        ("consumed_quantity", "decimal(38, 12)"),
        ("consumed_unit", "varchar"),
        ("pricing_quantity", "decimal(38, 12)"),
        ("pricing_unit", "varchar"),
        ("list_unit_price", "decimal(38, 12)"),
        ("contracted_unit_price", "decimal(38, 12)"),
        ("billed_cost", "decimal(38, 12)"),
        ("billed_cost_text", "varchar"),
        ("effective_cost", "decimal(38, 12)"),
        ("list_cost", "decimal(38, 12)"),
        ("contracted_cost", "decimal(38, 12)"),
        ("billing_currency", "varchar"),
        ("billed_cost_usd", "decimal(38, 12)"),
        ("tags", "varchar"),
        ("invoice_id", "varchar"),
        ("_source_file_id", "bigint"),
        ("_source_row", "bigint"),
    ] + focus_charge_columns() -%}
    {%- for name, type in columns %}
        cast(
            {{ given[name] if name in given else (name if has is none or name in has else "null") }} as {{ type }}
        ) as {{ name }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- Parts of an OpenAI line item "<model>, <kind>"; NULL where it is not about a model. -#}
{% macro line_item_model(line_item) -%}
    case when strpos({{ line_item }}, ', ') > 0 then substr({{ line_item }}, 1, strpos({{ line_item }}, ', ') - 1) end
{%- endmacro %}

{% macro line_item_kind(line_item) -%}
    case when strpos({{ line_item }}, ', ') > 0 then substr({{ line_item }}, strpos({{ line_item }}, ', ') + 2) end
{%- endmacro %}

{#- The source that freshness and completeness name for a charge: 'billing' for files, 'api/<name>' for reports and
    exports. -#}
{% macro charge_origin(charge_source) -%}
    case
        {{ charge_source }}
        when 'openai_api'
        then 'api/openai'
        when 'anthropic_api'
        then 'api/anthropic'
        when 'openrouter_api'
        then 'api/openrouter'
        when 'azure_cost_query'
        then 'api/azure'
        when 'aws_cost_explorer'
        then 'api/aws'
        when 'gcp_export'
        then 'api/gcp'
        else 'billing'
    end
{%- endmacro %}

{#- The source of a usage row: its event source, which for a report is the report's. -#}
{% macro usage_origin(event_source) -%}
    case when {{ event_source }} like 'api/%' then {{ event_source }} else 'events/' || {{ event_source }} end
{%- endmacro %}

{#- Sources that are pulled from provider APIs or exports; each has a `pulls` table. -#}
{% macro api_sources() %}
    {{ return(["openai", "anthropic", "groq", "openrouter", "azure", "aws", "gcp"]) }}
{% endmacro %}
