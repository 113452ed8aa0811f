{#- What tells the spend items of a day apart, but for the team that usage reports, by which an owner is looked up. -#}
{% macro spend_item_dimensions() %}
    {{
        return(
            [
                "spend_item_type",
                "provider_id",
                "account_id",
                "billing_account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "user_id",
                "customer_id",
                "feature",
                "environment",
                "model_id",
                "charge_category",
                "service_name",
                "tags",
                "is_llm_charge",
                "cost_kind",
                "charge_last_date",
                "cost_basis",
            ]
        )
    }}
{% endmacro %}

{#- Rows of one kind of spend in the columns of int_spend_items, the 21 that tell items apart first: `given` maps
    columns to expressions, `has` lists those that are there under their own name, day and provider always are; others
    are NULL. -#}
{% macro spend_item(type, given, has=[]) -%}
    {%- set texts = [
        "provider_id",
        "account_id",
        "billing_account_id",
        "project_id",
        "workspace_id",
        "api_key_id",
    ] + [
        "user_id",
        "team_id",
        "customer_id",
        "feature",
        "environment",
        "model_id",
        "charge_category",
        "service_name",
        "tags",
    ] -%}
    {%- set typed = [("usage_date", "date"), ("spend_item_type", "string")] -%}
    {%- for name in texts -%} {%- do typed.append((name, "string")) -%} {%- endfor -%}
    {%- do typed.extend(
        [
            ("is_llm_charge", "boolean"),
            ("cost_kind", "string"),
            ("charge_last_date", "date"),
            ("cost_basis", "string"),
            ("spend_usd", "decimal(38, 12)"),
            ("list_cost_usd", "decimal(38, 12)"),
        ]
    ) -%}
    {%- for name in spend_item_counts() -%} {%- do typed.append((name, "bigint")) -%} {%- endfor -%}
    {%- do typed.append(("metered_cost_usd", "decimal(38, 12)")) -%}
    select
        {%- for name, kind in typed %}
            {%- if name == "spend_item_type" %} cast('{{ type }}' as string)
            {%- elif name in given %} cast({{ given[name] }} as {{ kind }})
            {%- elif name in has + ["usage_date", "provider_id"] %} {{ name }}
            {%- else %} cast(null as {{ kind }})
            {%- endif %} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}

{#- Whether teams carry what they drew of a commitment (effective, amortised cost) instead of what was billed. -#}
{% macro is_allocated_by_effective_cost() %} {{ return(var("allocation_basis") == "effective") }} {% endmacro %}

{#- What is added up of spend items. -#}
{% macro spend_item_amounts() %} {{ return(["spend_usd", "metered_cost_usd", "list_cost_usd"]) }} {% endmacro %}

{% macro spend_item_counts() %}
    {{ return(["spend_item_count", "unknown_cost_item_count", "request_count", "input_tokens", "output_tokens"]) }}
{% endmacro %}

{#- The models whose SQL decides what allocation gives. -#}
{% macro allocation_models() %}
    {{
        return(
            [
                "int_spend_items",
                "int_charges_to_allocate",
                "int_spend_owners",
                "int_spend_lines",
                "int_ownership",
                "int_allocation_rules",
                "int_rule_scopes",
                "int_rule_shares",
                "int_evidence_shares",
                "int_portions_owned",
                "int_portions_shared",
                "int_gpu_costs_daily",
                "int_allocated_costs_daily",
            ]
        )
    }}
{% endmacro %}

{#- The spend lines of the days that the current run allocates. -#}
{% macro lines_to_allocate() -%}
    (
        select *
        from {{ ref("int_spend_lines") }}
        where usage_date in (select usage_date from {{ ref("int_allocation_rebuild_days") }})
    )
{%- endmacro %}

{#- Columns of the spend that are handed from one stage of allocation to the next. -#}
{% macro portion_columns() %}
    {{
        return(
            [
                "spend_item_key",
                "portion_key",
                "usage_date",
                "scope_key",
                "team_id",
                "owner_project_id",
                "cost_center_id",
                "feature",
                "customer_id",
                "allocation_stage",
                "allocation_method",
                "rule_id",
                "basis_metric",
                "basis_quantity",
                "evidence_coverage",
                "is_whole",
                "amount_usd",
                "allocated_ratio",
            ]
        )
    }}
{% endmacro %}

{#- The owner that a target of a rule stands for on a day, with `projects` and `teams` joined by `join_target_owner`.
    A feature or customer says for whom, not who pays: the owner stays as it is in `own`. -#}
{% macro target_owner(parts, own) -%}
    case
        {{ parts }}.target_type
        when 'team'
        then {{ parts }}.target_id
        when 'project'
        then target_projects.team_id
        when 'cost_center'
        then null
        else {{ own }}.team_id
    end as team_id,
    case
        {{ parts }}.target_type
        when 'project'
        then {{ parts }}.target_id
        when 'team'
        then null
        when 'cost_center'
        then null
        else {{ own }}.owner_project_id
    end as owner_project_id,
    case
        {{ parts }}.target_type
        when 'cost_center'
        then {{ parts }}.target_id
        when 'team'
        then coalesce(target_teams.cost_center_id, 'unallocated')
        when 'project'
        then coalesce(target_teams.cost_center_id, 'unallocated')
        else {{ own }}.cost_center_id
    end as cost_center_id,
    case {{ parts }}.target_type when 'feature' then {{ parts }}.target_id else {{ own }}.feature end as feature,
    case
        {{ parts }}.target_type when 'customer' then {{ parts }}.target_id else {{ own }}.customer_id
    end as customer_id
{%- endmacro %}

{% macro join_target_owner(parts, day) -%}
    left join
        {{ ref("stg_org__projects") }} as target_projects
        on {{ parts }}.target_type = 'project'
        and target_projects.project_id = {{ parts }}.target_id
        and {{ valid_on("target_projects", day) }}
    left join
        {{ ref("stg_org__teams") }} as target_teams
        on target_teams.team_id = case
            {{ parts }}.target_type when 'team' then {{ parts }}.target_id when 'project' then target_projects.team_id
        end
        and {{ valid_on("target_teams", day) }}
{%- endmacro %}

{#- The last day that a charge is for: periods end where the next one begins. -#}
{% macro last_day_of_charge(charge_date, period_end) -%}
    greatest(
        {{ charge_date }},
        cast(coalesce({{ period_end }}, cast({{ charge_date }} as timestamp)) - interval '1' microsecond as date)
    )
{%- endmacro %}

{#- What rules can name of a spend item. -#}
{% macro scope_columns() %}
    {{
        return(
            [
                "provider_id",
                "account_id",
                "billing_account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "model_id",
                "service_name",
                "charge_category",
                "environment",
                "tags",
            ]
        )
    }}
{% endmacro %}

{#- Charges with the same usage under them. -#}
{% macro evidence_key() -%}
    {{
        surrogate_key(
            ["provider_id", "billing_account_id", "project_id", "model_id", "usage_date", "charge_last_date"]
        )
    }}
{%- endmacro %}

{#- The day itself, or the first of its month where a rule divides by the month's usage. -#}
{% macro period_start(period, day) -%}
    case when {{ period }} = 'month' then {{ month_of(day) }} else {{ day }} end
{%- endmacro %}

{#- Usage that a bill covers costs 0 here and is left alone; a charge of 0 is shared out like any other. -#}
{% macro carries_money() -%}
    amount_usd is not null and (not is_whole or amount_usd <> 0 or evidence_coverage is not null)
{%- endmacro %}

{#- Portions beside the rule that takes them in, in one pass: only what nobody owns is taken. -#}
{% macro portions_under_rules(portions, chosen, pass) -%}
    select portions.*, {{ chosen }}.rule_version_key
    from
        (
            select
                *,
                case
                    when allocation_stage = 'unallocated' and {{ carries_money() }} then scope_key
                end as open_scope_key
            from {{ portions }}
        ) as portions
    left join
        {{ chosen }}
        on {{ chosen }}.scope_key = portions.open_scope_key
        and {{ chosen }}.usage_date = portions.usage_date
        and {{ chosen }}.pass = '{{ pass }}'
{%- endmacro %}

{#- Portions with one row per target of their rule; a `rest` stays with its portion. `months` limits to its months. -#}
{% macro rule_parts(portions, shares, months=none) -%}
    select
        {{ portions }}.spend_item_key,
        {{ portions }}.usage_date,
        {{ portions }}.scope_key,
        {{ portions }}.portion_key as source_portion_key,
        {{
            surrogate_key(
                [portions ~ ".portion_key", shares ~ ".rule_id", shares ~ ".target_type", shares ~ ".target_id"]
            )
        }} as portion_key,
        {{ target_owner(shares, portions) }},
        case
            when {{ shares }}.method = 'rest' then {{ portions }}.allocation_stage else 'shared'
        end as allocation_stage,
        case
            when {{ shares }}.method = 'rest' then {{ portions }}.allocation_method else {{ shares }}.method
        end as allocation_method,
        {{ shares }}.rule_id,
        {{ shares }}.basis_metric,
        {{ shares }}.basis_quantity,
        {{ portions }}.evidence_coverage,
        false as is_whole,
        {{ portions }}.amount_usd,
        {{ portions }}.allocated_ratio,
        {{ shares }}.weight
    from {{ portions }}
    inner join
        {{ shares }}
        on {{ shares }}.rule_version_key = {{ portions }}.rule_version_key
        and {{ shares }}.usage_date = {{ portions }}.usage_date
    {%- if months %}
        inner join
            {{ months }}
            on {{ months }}.rule_version_key = {{ portions }}.rule_version_key
            and {{ months }}.month_start_date = {{ month_of(portions ~ ".usage_date") }}
        {%- endif %} {{ join_target_owner(shares, portions ~ ".usage_date") }}
{%- endmacro %}

{#- What a request and a spend line of usage have in common. -#}
{% macro tagged_line_columns() %}
    {{
        return(
            [
                "usage_date",
                "provider_id",
                "account_id",
                "project_id",
                "workspace_id",
                "api_key_id",
                "user_id",
                "customer_id",
                "feature",
                "environment",
                "model_id",
            ]
        )
    }}
{% endmacro %}

{#- The quantity that a proportional rule divides by, as a whole number. -#}
{% macro basis_weight(basis) -%}
    case
        when {{ basis }}.basis_metric in ('metered_cost_usd', 'spend_usd', 'gpu_seconds')
        then {{ to_units(basis ~ ".basis_quantity") }}
        else cast({{ basis }}.basis_quantity as {{ whole_type() }})
    end
{%- endmacro %}
