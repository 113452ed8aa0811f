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

{#- Of those, what the report of any cloud brings. -#}
{% macro cloud_charge_columns() %}
    {{
        return(
            [
                "charge_source",
                "charge_period_start_utc",
                "charge_period_end_utc",
                "billing_period_start_utc",
                "billing_period_end_utc",
                "provider_name",
                "billing_account_id",
                "sub_account_id",
                "sub_account_name",
                "resource_id",
                "region_id",
                "service_category",
                "service_name",
                "charge_category",
                "charge_class",
                "charge_description",
                "sku_id",
                "sku_meter",
                "sku_price_id",
                "sku_text",
                "consumed_quantity",
                "consumed_unit",
                "billed_cost",
                "billed_cost_text",
                "billing_currency",
                "billed_cost_usd",
                "tags",
                "_source_file_id",
                "_source_row",
            ]
        )
    }}
{% endmacro %}
