{#- The columns that every kind of charge brings to fct_charges. What a report does not say is NULL of the right type;
    `given` maps a column to its expression, and columns in `has` (all when omitted) are there under their own name. -#}
{% macro charge_columns(has=none, given={}) %}
    {%- set columns = [
        ("charge_source", "string"),
        ("charge_period_start_utc", "timestamp"),
        ("charge_period_end_utc", "timestamp"),
        ("billing_period_start_utc", "timestamp"),
        ("billing_period_end_utc", "timestamp"),
        ("provider_name", "string"),
        ("billing_account_id", "string"),
        ("sub_account_id", "string"),
        ("sub_account_name", "string"),
        ("resource_id", "string"),
        ("region_id", "string"),
        ("service_category", "string"),
        ("service_name", "string"),
        ("charge_category", "string"),
        ("charge_class", "string"),
        ("charge_description", "string"),
        ("sku_id", "string"),
        ("sku_meter", "string"),
        ("sku_price_id", "string"),
        ("sku_text", "string"),
        ("sku_name", "string"),
        ("sku_product", "string"),
        ("stated_model", "string"),
        ("consumed_quantity", "decimal(38, 12)"),
        ("consumed_unit", "string"),
        ("pricing_quantity", "decimal(38, 12)"),
        ("pricing_unit", "string"),
        ("list_unit_price", "decimal(38, 12)"),
        ("contracted_unit_price", "decimal(38, 12)"),
        ("billed_cost", "decimal(38, 12)"),
        ("billed_cost_text", "string"),
        ("effective_cost", "decimal(38, 12)"),
        ("list_cost", "decimal(38, 12)"),
        ("contracted_cost", "decimal(38, 12)"),
        ("billing_currency", "string"),
        ("billed_cost_usd", "decimal(38, 12)"),
        ("tags", "string"),
        ("invoice_id", "string"),
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
    case when instr({{ line_item }}, ', ') > 0 then substr({{ line_item }}, 1, instr({{ line_item }}, ', ') - 1) end
{%- endmacro %}

{% macro line_item_kind(line_item) -%}
    case when instr({{ line_item }}, ', ') > 0 then substr({{ line_item }}, instr({{ line_item }}, ', ') + 2) end
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
