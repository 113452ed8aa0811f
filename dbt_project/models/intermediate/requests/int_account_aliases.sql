{#- What else an account is called, so that events, reports and bills mean the same one: names of the organisation's
    file, and the names of Azure's resources, as events of an Azure OpenAI resource often tell its name or host instead
    of its subscription. A name that two subscriptions share is left out. alias '' is the account that a provider's
    reports are of where they name none. One account per name and moment: of two, the later row ends the earlier. -#}
with
    declared as (
        select
            coalesce(providers.provider_id, lower(trim(aliases.provider_name))) as provider_id,
            lower(trim(coalesce(aliases.alias, ''))) as alias,
            trim(aliases.account_id) as account_id,
            aliases.valid_from_utc,
            aliases.valid_to_utc
        from
            {{ ref("stg_org__account_aliases") }} as aliases
            {{ join_provider("lower(trim(aliases.provider_name))", "providers") }}
    ),

    resources as (
        select distinct
            split_part(resource_id, '/', 3) as account_id,
            lower(resource_id) as resource_id,
            lower(split_part(resource_id, '/', 9)) as resource_name
        from {{ ref("stg_azure__metrics") }}
        where lower(resource_id) like '/subscriptions/%/accounts/%'
    ),

    resource_names as (
        select account_id, lower(account_id) as alias
        from resources
        union
        select account_id, resource_id
        from resources
        union
        select account_id, resource_name
        from resources
        union
        select account_id, resource_name || '.openai.azure.com'
        from resources
        union
        select account_id, resource_name || '.cognitiveservices.azure.com'
        from resources
    ),

    found as (
        select
            'azure' as provider_id,
            alias,
            min(account_id) as account_id,
            cast('1900-01-01' as timestamp) as valid_from_utc,
            cast('2200-01-01' as timestamp) as valid_to_utc
        from resource_names
        group by alias
        having count(*) = 1
    ),

    named as (
        select *
        from declared
        union all
        select found.*
        from found
        left join
            (select distinct provider_id, alias from declared) as stated
            on stated.provider_id = found.provider_id
            and stated.alias = found.alias
        where stated.alias is null
    ),

    ended as (
        select
            named.*,
            lead(valid_from_utc) over (
                partition by provider_id, alias order by valid_from_utc, account_id
            ) as next_from_utc
        from named
    )

select
    provider_id,
    alias,
    account_id,
    valid_from_utc,
    least(valid_to_utc, coalesce(next_from_utc, valid_to_utc)) as valid_to_utc
from ended
where next_from_utc is null or next_from_utc > valid_from_utc
