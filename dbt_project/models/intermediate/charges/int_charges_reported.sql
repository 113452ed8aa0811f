{#- The charges that providers report through their APIs and exports, with the provider's id. `account_id` is what a
    billing file would call the same account: a cloud's account or subscription. A report called
    `<provider>_api` does not say whose account it is (a key sees its own organisation only, as does an export):
    int_account_aliases may know, else NULL. -#}
{{ config(materialized="view") }}

with
    charges as (
        {%- for name in sources_that_report("charges") %}
            {{ context[name ~ "_charges"]() }} {{ 'union all' if not loop.last }}
        {%- endfor %}
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
    and provided.charge_source in {{ reported_charge_sources(ends="_api") }}
    and {{ valid_on("own_accounts", "cast(provided.charge_period_start_utc as date)") }}
