{#- Exact division of money among targets. Amounts are whole numbers of 10^-12, so nothing is ever rounded away:
    every part is rounded down and what is left over goes, one unit each, to the parts with the largest remainder.

    units = quotient × total weight + rest, so units × weight / total = quotient × weight + rest × weight / total, and
    no product exceeds 10^36: weights are scaled down together where they sum to more than 10^18. -#}
{#- The whole number type that holds 38 digits. -#}
{% macro whole_type() -%} {{ return(adapter.dispatch("whole_type", "llm_cost_ops")()) }} {%- endmacro %}

{% macro default__whole_type() -%} hugeint {%- endmacro %}

{#- How often a whole number goes into another, both without a sign. -#}
{% macro whole_quotient(whole, part) -%}
    {{ return(adapter.dispatch("whole_quotient", "llm_cost_ops")(whole, part)) }}
{%- endmacro %}

{% macro default__whole_quotient(whole, part) -%} (({{ whole }}) {{ "//" }} ({{ part }})) {%- endmacro %}

{#- An amount as a whole number of 10^-12, and back; exact up to 10^13. -#}
{% macro to_units(amount) -%}
    cast(cast({{ amount }} as decimal(38, 12)) * cast(1000000000000 as decimal(13, 0)) as {{ whole_type() }})
{%- endmacro %}

{% macro from_units(units) -%}
    cast(cast({{ units }} as decimal(26, 0)) * cast(0.000000000001 as decimal(12, 12)) as decimal(38, 12))
{%- endmacro %}

{#-
    Query that splits `amounts` of each group of `relation` over its rows in proportion to `weight`, a whole number from
    0. Every row of a group carries the amount of the whole group and comes back with its part; parts sum to the whole
    exactly. `part_key` names a row within its group: it decides ties, so the order of rows never matters. A group whose
    weights are all 0 is split evenly. `columns` are passed through.
-#}
{% macro split_exactly(relation, group_key, part_key, weight, columns, amounts=["amount_usd", "allocated_ratio"]) %}
    {%- set most = "1000000000000000000" -%}
    select
        {{ columns | join(", ") }},
        {%- for amount in amounts %}
            {{
                from_units(
                    "split_sign_"
                    ~ loop.index
                    ~ " * (split_floor_"
                    ~ loop.index
                    ~ " + case when split_rank_"
                    ~ loop.index
                    ~ " <= split_left_"
                    ~ loop.index
                    ~ " then 1 else 0 end)"
                )
            }} as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from
        (
            select
                *,
                {%- for amount in amounts %}
                    split_units_{{ loop.index }} - sum(split_floor_{{ loop.index }}) over (
                        partition by {{ group_key }}
                    ) as split_left_{{ loop.index }},
                    row_number() over (
                        partition by {{ group_key }} order by split_remainder_{{ loop.index }} desc, {{ part_key }}
                    ) as split_rank_{{ loop.index }}{{ ',' if not loop.last }}
                {%- endfor %}
            from
                (
                    select
                        *,
                        {%- for amount in amounts %}
                            {{ whole_quotient("split_units_" ~ loop.index, "split_total") }} * split_weight
                            + {{
                                whole_quotient(
                                    "(split_units_" ~ loop.index ~ " % split_total) * split_weight", "split_total"
                                )
                            }} as split_floor_{{ loop.index }},
                            ((split_units_{{ loop.index }} % split_total) * split_weight)
                            % split_total as split_remainder_{{ loop.index }}{{ ',' if not loop.last }}
                        {%- endfor %}
                    from
                        (
                            select *, sum(split_weight) over (partition by {{ group_key }}) as split_total
                            from
                                (
                                    select
                                        *,
                                        case
                                            when split_sum = 0
                                            then cast(1 as {{ whole_type() }})
                                            when split_sum <= {{ most }}
                                            then split_given
                                            else
                                                {{
                                                    whole_quotient(
                                                        "split_given", whole_quotient("split_sum", most) ~ " + 1"
                                                    )
                                                }}
                                        end as split_weight
                                    from
                                        (
                                            select
                                                *,
                                                cast({{ weight }} as {{ whole_type() }}) as split_given,
                                                sum(cast({{ weight }} as {{ whole_type() }})) over (
                                                    partition by {{ group_key }}
                                                ) as split_sum,
                                                {%- for amount in amounts %}
                                                    case
                                                        when {{ amount }} < 0 then -1 else 1
                                                    end as split_sign_{{ loop.index }},
                                                    abs(
                                                        {{ to_units(amount) }}
                                                    ) as split_units_{{ loop.index }}{{ ',' if not loop.last }}
                                                {%- endfor %}
                                            from {{ relation }}
                                        ) as split_given_rows
                                ) as split_weighed_rows
                        ) as split_totalled_rows
                ) as split_floored_rows
        ) as split_ranked_rows
{%- endmacro %}
