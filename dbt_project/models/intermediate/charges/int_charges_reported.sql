{#- The charges that providers report through their APIs and exports, with the provider's id. `account_id` is what a
    billing file would call the same account: a cloud's account or subscription. OpenAI, Anthropic and OpenRouter do not
    say whose account it is (a key sees its own organisation only, as does an export): int_account_aliases may know,
    else NULL. -#}
{{ config(materialized="view") }}

{%- set cloud = [
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
] %}

with
    charges as (
        {% for name in ["openai", "openai_dashboard", "anthropic", "openrouter"] -%}
            select *, cast(null as varchar) as account_id
            from {{ ref("int_charges_" ~ name) }}
            union all
        {% endfor -%}
        select
            {{-
                charge_columns(
                    cloud,
                    {
                        "effective_cost": "billed_cost",
                        "contracted_cost": "billed_cost",
                        "sub_account_type": "case when sub_account_id is not null then 'Subscription' end",
                    },
                )
            }},
            coalesce(sub_account_id, billing_account_id) as account_id
        from {{ ref("int_charges_azure_cost_query") }}
        union all
        select
            {{-
                charge_columns(
                    cloud,
                    {
                        "effective_cost": "coalesce(effective_cost, billed_cost)",
                        "contracted_cost": "billed_cost",
                        "sub_account_type": "case when sub_account_id is not null then 'Linked account' end",
                    },
                )
            }},
            sub_account_id as account_id
        from {{ ref("int_charges_aws_cost_explorer") }}
        union all
        select
            {{-
                charge_columns(
                    cloud
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
    ),

    provided as (
        select charges.*, coalesce(aliases.provider_id, lower(charges.provider_name)) as provider_id
        from charges {{ join_provider("lower(trim(charges.provider_name))") }}
    )

select
    {{-
        charge_columns(
            given={"billing_account_id": "coalesce(provided.billing_account_id, own_accounts.account_id)"}
        )
    }},
    coalesce(provided.account_id, own_accounts.account_id) as account_id,
    provided.provider_id
from provided
left join
    {{ ref("int_account_aliases") }} as own_accounts
    on own_accounts.provider_id = provided.provider_id
    and own_accounts.alias = ''
    and provided.account_id is null
    and provided.charge_source in ('openai_api', 'anthropic_api', 'openrouter_api')
    and {{ valid_on("own_accounts", "cast(provided.charge_period_start_utc as date)") }}
