{#- A person whose id landed after people were looked up would be shown as nobody in particular. -#}
select 'usage' as shown_in, count(*) as row_count
from {{ ref("int_llm_usage_daily") }}
where user_id = 'person-unresolved'
having count(*) > 0
union all
select 'budgets', count(*)
from {{ ref("int_budgets") }}
where scope_id = 'person-unresolved'
having count(*) > 0
union all
select 'users', count(*)
from {{ ref("dim_users") }}
where user_id = 'person-unresolved'
having count(*) > 0
