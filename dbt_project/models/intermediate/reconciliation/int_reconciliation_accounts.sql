{#- Which account a charge, usage or an invoice is reconciled under: the one that is billed. A sub account is its
    billing account. What names no account belongs to the provider's only one; where the provider has several and
    something names none, they cannot be told apart and are reconciled together as 'all accounts'. -#}
with
    charged as (
        select distinct coalesce(provider_id, 'unknown') as provider_id, billing_account_id, sub_account_id
        from {{ ref("int_charges") }}
    ),

    used as (
        select distinct coalesce(contexts.provider_id, 'unknown') as provider_id, hourly.account_id
        from (select distinct usage_context_id, account_id from {{ ref("int_llm_usage_hourly") }}) as hourly
        left join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = hourly.usage_context_id
    ),

    invoiced as (select distinct provider_id, billing_account_id from {{ ref("int_invoice_lines") }}),

    billed as (
        select distinct provider_id, billing_account_id as source_account_id, billing_account_id as account_id
        from charged
        where billing_account_id is not null
    ),

    below as (
        select provider_id, sub_account_id as source_account_id, max(billing_account_id) as account_id
        from charged
        where sub_account_id is not null and billing_account_id is not null
        group by 1, 2
    ),

    named as (
        select *
        from billed
        union all
        select below.*
        from below
        left join
            billed on billed.provider_id = below.provider_id and billed.source_account_id = below.source_account_id
        where billed.provider_id is null
    ),

    others as (
        select provider_id, account_id as source_account_id
        from used
        where account_id is not null
        union
        select provider_id, billing_account_id
        from invoiced
        where billing_account_id is not null
    ),

    known as (
        select *
        from named
        union all
        select others.provider_id, others.source_account_id, others.source_account_id
        from others
        left join named on named.provider_id = others.provider_id and named.source_account_id = others.source_account_id
        where named.provider_id is null
    ),

    nameless as (
        select provider_id
        from charged
        where billing_account_id is null
        union
        select provider_id
        from used
        where account_id is null
    ),

    providers as (
        select provider_id
        from known
        union
        select provider_id
        from nameless
        union
        select provider_id
        from invoiced
    ),

    counted as (
        select
            providers.provider_id,
            count(distinct known.account_id) as account_count,
            max(known.account_id) as only_account_id,
            max(case when nameless.provider_id is not null then 1 else 0 end) as has_nameless
        from providers
        left join known on known.provider_id = providers.provider_id
        left join nameless on nameless.provider_id = providers.provider_id
        group by 1
    ),

    everything as (
        select provider_id, source_account_id, account_id
        from known
        union all
        select provider_id, '', cast(null as string)
        from providers
    )

select
    everything.provider_id,
    everything.source_account_id,
    case
        when counted.has_nameless = 1 and counted.account_count > 1
        then 'all accounts'
        else coalesce(everything.account_id, counted.only_account_id, 'unknown')
    end as account_id
from everything
inner join counted on counted.provider_id = everything.provider_id
