{#- Rows of organisation files that name what neither usage nor bills nor the price list know: offers that change no
    cost, budgets that stay at 0 whatever is spent. Ids of other organisation files are checked where these are read,
    and a budget may precede its model where the price list has that. People are not named. -#}
with
    known_providers as (
        select provider_id
        from {{ ref("provider_aliases") }}
        union
        select provider_id
        from {{ ref("int_usage_contexts") }}
        union
        select price_provider_id
        from {{ ref("stg_prices__model_catalog") }}
    ),

    known_models as (
        select model
        from {{ ref("int_usage_contexts") }}
        union
        select price_model_id
        from {{ ref("int_usage_contexts") }}
        union
        select price_model_id
        from {{ ref("stg_prices__model_catalog") }}
    ),

    known_names as (select distinct lower(model) as model from known_models),

    offers as (
        select
            offers._source_row,
            case
                when known_providers.provider_id is null
                then 'the provider ' || offers.provider_id
                else 'the model ' || offers.model
            end as name
        from {{ ref("int_negotiated_prices") }} as offers
        left join known_providers on known_providers.provider_id = offers.provider_id
        left join known_names on known_names.model = lower(offers.model)
        where known_providers.provider_id is null or (offers.model is not null and known_names.model is null)
    ),

    spent_days as (
        select min(usage_date) as first_date, max(usage_date) as last_date from {{ ref("int_allocated_costs_daily") }}
    ),

    due_budgets as (
        select budgets.budget_id, budgets.scope_type, budgets.scope_id, min(budgets._source_row) as _source_row
        from {{ ref("int_budgets") }} as budgets
        inner join
            spent_days
            on cast(budgets.valid_from_utc as date) <= spent_days.last_date
            and cast(budgets.valid_to_utc as date) > spent_days.first_date
        where budgets.scope_type in ('user', 'model', 'feature', 'tag', 'provider')
        group by 1, 2, 3
    ),

    spent_scopes as (
        select scope_type, scope_id
        from {{ ref("int_budget_spend_daily") }}
        union
        select scope_type, scope_id
        from {{ ref("int_budget_spend_hourly") }}
        union
        select 'provider', provider_id
        from known_providers
    ),

    budgets as (
        select due_budgets.*
        from due_budgets
        left join
            spent_scopes
            on spent_scopes.scope_type = due_budgets.scope_type
            and spent_scopes.scope_id = due_budgets.scope_id
        left join known_names on due_budgets.scope_type = 'model' and known_names.model = lower(due_budgets.scope_id)
        where spent_scopes.scope_type is null and known_names.model is null
    )

select
    'negotiated_prices.csv' as file_path,
    _source_row,
    'offer_nowhere' as kind,
    'offer of negotiated_prices.csv that fits nothing' as title,
    'neither usage nor the price list knows ' || name || ': the offer changes no cost' as message,
    'write provider and model as usage or the price list names them, see docs/pricing.md' as remedy
from offers
union all
select
    'budgets.csv',
    _source_row,
    'budget_nowhere',
    'budget whose scope nothing knows: it stays at 0 whatever is spent',
    case
        when scope_type = 'tag'
        then 'no charge carries the tag '
        when scope_type in ('model', 'provider')
        then 'neither usage nor the price list knows the ' || scope_type || ' '
        else 'no usage names the ' || scope_type
    end
    || case scope_type when 'user' then '' when 'feature' then ' ' || scope_id else scope_id end
    || ': budget '
    || budget_id
    || ' stays at 0 whatever is spent',
    'write scope_id as usage and bills name it, or leave it if it is yet to come; see docs/budgets.md'
from budgets
