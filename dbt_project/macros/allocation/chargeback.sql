{#- The grain of a statement line besides its periods and line type. Columns of the ledger are never NULL here: '' is
    "none", so that lines of a closed month and of today's allocation find each other. -#}
{% macro statement_grain() -%}
    {{ return(["cost_center_id", "team_id", "provider_id", "category", "cost_kind", "allocation_type"]) }}
{%- endmacro %}

{#- Key of a statement line, the same before and after its month is closed. -#}
{% macro statement_line_key() -%}
    {{ surrogate_key(["statement_period_date", "charge_period_date"] + statement_grain() + ["line_type"]) }}
{%- endmacro %}

{#- What kind of line an allocation method makes: own consumption, a share of a shared cost, or overhead. -#}
{% macro allocation_type(method) -%}
    case
        when {{ method }} in ('overhead', 'overhead_recovery')
        then 'overhead'
        when
            {{ method }}
            in ('proportional', 'even', 'fixed_amount', 'fixed_percent', 'weighted', 'waterfall', 'reciprocal')
        then 'shared'
        else 'direct'
    end
{%- endmacro %}

{#- Whole cents of an amount below 10^18, towards minus infinity, and what is left over, in cents. -#}
{% macro cents_below(amount) -%}
    cast(floor(cast({{ amount }} as decimal(30, 12)) * cast(100 as decimal(3, 0))) as bigint)
{%- endmacro %}

{% macro cents_left_over(amount) -%}
    cast(cast({{ amount }} as decimal(30, 12)) * cast(100 as decimal(3, 0)) as decimal(33, 12))
    - floor(cast({{ amount }} as decimal(30, 12)) * cast(100 as decimal(3, 0)))
{%- endmacro %}

{#- Cents of an amount, half to even. -#}
{% macro cents_half_even(amount) -%}
    {{ cents_below(amount) }} + case
        when {{ cents_left_over(amount) }} > 0.5
        then 1
        when {{ cents_left_over(amount) }} = 0.5 and mod(abs({{ cents_below(amount) }}), 2) = 1
        then 1
        else 0
    end
{%- endmacro %}

{% macro dollars_of_cents(cents) -%}
    cast(cast({{ cents }} as decimal(20, 0)) * cast(0.01 as decimal(2, 2)) as decimal(38, 12))
{%- endmacro %}
