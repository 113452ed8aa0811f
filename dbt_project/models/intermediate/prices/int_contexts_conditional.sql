{#- Where a single request has no contracted price of its own, because it depends on what the account used in the month.
    account_id '' stands for any account, '?' for usage that names none. -#}
with
    offers as (
        select usage_context_id, account_id, valid_from_utc, valid_to_utc
        from {{ ref("int_contexts_offered") }}
        where is_conditional
    ),

    accounts as (
        select usage_context_id, coalesce(account_id, '') as account_id, valid_from_utc, valid_to_utc
        from offers
        union
        select usage_context_id, '?', valid_from_utc, valid_to_utc
        from offers
        where account_id is not null
    )

select usage_context_id, account_id, min(valid_from_utc) as valid_from_utc, max(valid_to_utc) as valid_to_utc
from accounts
group by 1, 2
