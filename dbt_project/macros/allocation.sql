{#- Exact division of money among targets. Amounts are whole numbers of 10^-12, so nothing is ever rounded away:
    every part is rounded down and what is left over goes, one unit each, to the parts with the largest remainder.

    units = quotient × total weight + rest, so units × weight / total = quotient × weight + rest × weight / total, and
    no product exceeds 10^36: weights are scaled down together where they sum to more than 10^18. -#}

{#- The whole number type that holds 38 digits. -#}
{% macro whole_type() -%}
    {{ return(adapter.dispatch('whole_type', 'llm_cost_ops')()) }}
{%- endmacro %}

{% macro default__whole_type() -%}
    hugeint
{%- endmacro %}

{% macro spark__whole_type() -%}
    decimal(38, 0)
{%- endmacro %}

{#- How often a whole number goes into another, both without a sign. -#}
{% macro whole_quotient(whole, part) -%}
    {{ return(adapter.dispatch('whole_quotient', 'llm_cost_ops')(whole, part)) }}
{%- endmacro %}

{% macro default__whole_quotient(whole, part) -%}
    (({{ whole }}) // ({{ part }}))
{%- endmacro %}

{% macro spark__whole_quotient(whole, part) -%}
    cast((({{ whole }}) - ({{ whole }}) % ({{ part }})) / ({{ part }}) as decimal(38, 0))
{%- endmacro %}

{#- An amount as a whole number of 10^-12, and back; exact up to 10^13. -#}
{% macro to_units(amount) -%}
    cast(cast({{ amount }} as decimal(38, 12)) * cast(1000000000000 as decimal(13, 0)) as {{ whole_type() }})
{%- endmacro %}

{% macro from_units(units) -%}
    cast(cast({{ units }} as decimal(26, 0)) * cast(0.000000000001 as decimal(12, 12)) as decimal(38, 12))
{%- endmacro %}

{#-
  Query that splits `amounts` of each group of `relation` over its rows in proportion to `weight`, a whole number from 0.
  Every row of a group carries the amount of the whole group and comes back with its part; parts sum to the whole exactly.
  `part_key` names a row within its group: it decides ties, so the order of rows never matters. A group whose weights
  are all 0 is split evenly. `columns` are passed through.
-#}
{% macro split_exactly(relation, group_key, part_key, weight, columns, amounts=['amount_usd', 'allocated_ratio']) %}
    {%- set most = '1000000000000000000' -%}
    select
        {{ columns | join(', ') }},
        {%- for amount in amounts %}
        {{ from_units('split_sign_' ~ loop.index ~ ' * (split_floor_' ~ loop.index ~ ' + case when split_rank_' ~ loop.index
            ~ ' <= split_left_' ~ loop.index ~ ' then 1 else 0 end)') }} as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            *,
            {%- for amount in amounts %}
            split_units_{{ loop.index }} - sum(split_floor_{{ loop.index }}) over (partition by {{ group_key }}) as split_left_{{ loop.index }},
            row_number() over (
                partition by {{ group_key }} order by split_remainder_{{ loop.index }} desc, {{ part_key }}
            ) as split_rank_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                *,
                {%- for amount in amounts %}
                {{ whole_quotient('split_units_' ~ loop.index, 'split_total') }} * split_weight
                    + {{ whole_quotient('(split_units_' ~ loop.index ~ ' % split_total) * split_weight', 'split_total') }}
                    as split_floor_{{ loop.index }},
                ((split_units_{{ loop.index }} % split_total) * split_weight) % split_total as split_remainder_{{ loop.index }}{{ ',' if not loop.last }}
                {%- endfor %}
            from (
                select *, sum(split_weight) over (partition by {{ group_key }}) as split_total
                from (
                    select
                        *,
                        case
                            when split_sum = 0 then cast(1 as {{ whole_type() }})
                            when split_sum <= {{ most }} then split_given
                            else {{ whole_quotient('split_given', whole_quotient('split_sum', most) ~ ' + 1') }}
                        end as split_weight
                    from (
                        select
                            *,
                            cast({{ weight }} as {{ whole_type() }}) as split_given,
                            sum(cast({{ weight }} as {{ whole_type() }})) over (partition by {{ group_key }}) as split_sum,
                            {%- for amount in amounts %}
                            case when {{ amount }} < 0 then -1 else 1 end as split_sign_{{ loop.index }},
                            abs({{ to_units(amount) }}) as split_units_{{ loop.index }}{{ ',' if not loop.last }}
                            {%- endfor %}
                        from {{ relation }}
                    ) as split_given_rows
                ) as split_weighed_rows
            ) as split_totalled_rows
        ) as split_floored_rows
    ) as split_ranked_rows
{%- endmacro %}

{#- Columns of the spend that are handed from one stage of allocation to the next. -#}
{% macro portion_columns() %}
    {{ return(['spend_item_key', 'portion_key', 'usage_date', 'scope_key', 'team_id', 'owner_project_id', 'cost_center_id',
        'feature', 'customer_id', 'allocation_stage', 'allocation_method', 'rule_id', 'basis_metric', 'basis_quantity',
        'evidence_coverage', 'is_whole', 'amount_usd', 'allocated_ratio']) }}
{% endmacro %}

{#- The owner that a target of a rule stands for on a day, with `projects` and `teams` joined by `join_target_owner`.
    A feature or customer says for whom, not who pays: the owner stays as it is in `own`. -#}
{% macro target_owner(parts, own) -%}
    case {{ parts }}.target_type when 'team' then {{ parts }}.target_id when 'project' then target_projects.team_id when 'cost_center' then null
            else {{ own }}.team_id end as team_id,
        case {{ parts }}.target_type when 'project' then {{ parts }}.target_id when 'team' then null when 'cost_center' then null
            else {{ own }}.owner_project_id end as owner_project_id,
        case {{ parts }}.target_type when 'cost_center' then {{ parts }}.target_id when 'team' then coalesce(target_teams.cost_center_id, 'unallocated')
            when 'project' then coalesce(target_teams.cost_center_id, 'unallocated') else {{ own }}.cost_center_id end as cost_center_id,
        case {{ parts }}.target_type when 'feature' then {{ parts }}.target_id else {{ own }}.feature end as feature,
        case {{ parts }}.target_type when 'customer' then {{ parts }}.target_id else {{ own }}.customer_id end as customer_id
{%- endmacro %}

{% macro join_target_owner(parts, day) -%}
    left join {{ ref('stg_org__projects') }} as target_projects
        on {{ parts }}.target_type = 'project'
        and target_projects.project_id = {{ parts }}.target_id
        and {{ valid_on('target_projects', day) }}
    left join {{ ref('stg_org__teams') }} as target_teams
        on target_teams.team_id = case {{ parts }}.target_type when 'team' then {{ parts }}.target_id when 'project' then target_projects.team_id end
        and {{ valid_on('target_teams', day) }}
{%- endmacro %}

{#- The first day of the month of a day. -#}
{% macro month_of(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

{#- The last day that a charge is for: periods end where the next one begins. -#}
{% macro last_day_of_charge(charge_date, period_end) -%}
    greatest({{ charge_date }}, cast(coalesce({{ period_end }}, cast({{ charge_date }} as timestamp)) - interval '1' microsecond as date))
{%- endmacro %}

{#- What rules can name of a spend item. -#}
{% macro scope_columns() %}
    {{ return(['provider_id', 'account_id', 'billing_account_id', 'project_id', 'workspace_id', 'api_key_id', 'model_id',
        'service_name', 'charge_category', 'environment', 'tags']) }}
{% endmacro %}

{#- Charges with the same usage under them. -#}
{% macro evidence_key() -%}
    {{ surrogate_key(['provider_id', 'billing_account_id', 'project_id', 'model_id', 'usage_date', 'charge_last_date']) }}
{%- endmacro %}

{#- The day itself, or the first of its month where a rule divides by the month's usage. -#}
{% macro period_start(period, day) -%}
    case when {{ period }} = 'month' then {{ month_of(day) }} else {{ day }} end
{%- endmacro %}

{#- Usage that a bill covers costs 0 here and is left alone; a charge of 0 is shared out like any other. -#}
{% macro only_carrying_money(portions) -%}
    and (not {{ portions }}.is_whole or {{ portions }}.amount_usd <> 0 or {{ portions }}.evidence_coverage is not null)
{%- endmacro %}

{#- Portions with one row per target of their rule; a `rest` stays with its portion. `months` limits to its months. -#}
{% macro rule_parts(portions, shares, months=none) -%}
    select
        {{ portions }}.spend_item_key, {{ portions }}.usage_date, {{ portions }}.scope_key,
        {{ portions }}.portion_key as source_portion_key,
        {{ surrogate_key([portions ~ '.portion_key', shares ~ '.rule_id', shares ~ '.target_type', shares ~ '.target_id']) }} as portion_key,
        {{ target_owner(shares, portions) }},
        case when {{ shares }}.method = 'rest' then {{ portions }}.allocation_stage else 'shared' end as allocation_stage,
        case when {{ shares }}.method = 'rest' then {{ portions }}.allocation_method else {{ shares }}.method end as allocation_method,
        {{ shares }}.rule_id, {{ shares }}.basis_metric, {{ shares }}.basis_quantity,
        {{ portions }}.evidence_coverage, false as is_whole, {{ portions }}.amount_usd, {{ portions }}.allocated_ratio, {{ shares }}.weight
    from {{ portions }}
    inner join {{ shares }}
        on {{ shares }}.rule_version_key = {{ portions }}.rule_version_key
        and {{ shares }}.usage_date = {{ portions }}.usage_date
    {%- if months %}
    inner join {{ months }}
        on {{ months }}.rule_version_key = {{ portions }}.rule_version_key
        and {{ months }}.month_start_date = {{ month_of(portions ~ '.usage_date') }}
    {%- endif %}
    {{ join_target_owner(shares, portions ~ '.usage_date') }}
{%- endmacro %}

{#- What a request and a spend line of usage have in common. -#}
{% macro tagged_line_columns() %}
    {{ return(['usage_date', 'provider_id', 'account_id', 'project_id', 'workspace_id', 'api_key_id', 'user_id', 'customer_id',
        'feature', 'environment', 'model_id']) }}
{% endmacro %}
