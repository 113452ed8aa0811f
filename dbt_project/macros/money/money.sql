{#- quantity × price per unit, exact: a whole quantity below 10^18 times a price below 10^8 with 12 decimals. -#}
{% macro priced(quantity, price) -%}
    cast(cast({{ quantity }} as decimal(18, 0)) * cast({{ price }} as decimal(20, 12)) as decimal(38, 12))
{%- endmacro %}

{#- A sum of money that stays decimal(38,12) on every engine. -#}
{% macro money_sum(expression) -%} cast(sum({{ expression }}) as decimal(38, 12)) {%- endmacro %}

{#- A double as a decimal of some places, at most 12: rounded once, to the same digits on every engine and without the
    binary ones behind them. -#}
{% macro rounded(number, places) -%}
    cast(
        cast(round(({{ number }}) * {{ 10**places }}) as decimal(26, 0))
        * cast(0.{{ "0" * (places - 1) }}1 as decimal({{ places }}, {{ places }})) as decimal(38, 12)
    )
{%- endmacro %}

{#- A ratio for people to read: NULL when it cannot be computed, rounded once, never added up. Dividing
    decimals differs by engine, so the division is in double and the result has few places. -#}
{% macro ratio(numerator, denominator, places=6) -%}
    {%- set quotient -%}
        cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
    {%- endset -%}
    {{ rounded(quotient, places) }}
{%- endmacro %}

{#- Price per unit after a negotiated offer (fixed price, else discount, else the list), rounded once to 12 places. -#}
{% macro contracted_price(offer, list_price) -%}
    cast(
        case
            when {{ offer }}.price_usd_per_million_units is not null
            then cast({{ offer }}.price_usd_per_million_units as decimal(24, 12)) * cast(0.000001 as decimal(6, 6))
            when {{ offer }}.discount_pct is not null
            then
                cast({{ list_price }} as decimal(18, 12))
                * cast((100 - {{ offer }}.discount_pct) as decimal(11, 6))
                * cast(0.01 as decimal(2, 2))
            else {{ list_price }}
        end as decimal(38, 12)
    )
{%- endmacro %}

{#- Cost of a metered row: 0 where nothing is billed, NULL where the usage or the price is unknown. -#}
{% macro metered_cost(price) -%}
    case
        when billable_quantity = 0
        then cast(0 as decimal(38, 12))
        when is_unknown_usage
        then cast(null as decimal(38, 12))
        else {{ priced("billable_quantity", price) }}
    end
{%- endmacro %}

{#- Spend of a row of the hourly fact (a meter) where no bill covers it: its contracted cost, or, of a row of usage that
    a recorded cost stands for (int_usage_recorded_spend), all of it on the request. -#}
{% macro metered_spend(usage, recorded) -%}
    case
        when {{ recorded }}.usage_row_id is null
        then {{ usage }}.contracted_cost_usd
        when {{ usage }}.meter = 'request'
        then {{ recorded }}.recorded_cost_usd
        else cast(0 as decimal(38, 12))
    end
{%- endmacro %}

{#- Cost of some seconds at a rate per hour: 1/3600 to 18 places errs by less than 10^-12 USD per 1,000 USD. -#}
{% macro hours_cost(seconds, rate_usd_per_hour) -%}
    cast(
        cast(cast({{ seconds }} as decimal(10, 6)) * cast({{ rate_usd_per_hour }} as decimal(10, 6)) as decimal(20, 12))
        * cast(0.000277777777777778 as decimal(18, 18)) as decimal(38, 12)
    )
{%- endmacro %}

{#- Cost of all priced meters of a row with one column per count; meters without a price add nothing. -#}
{% macro priced_total(kind, counts, prices) -%}
    {% for meter in usage_meters() -%}
        coalesce({{ priced(counts ~ "." ~ meter.billed, prices ~ "." ~ kind ~ "_" ~ meter.meter) }}, 0)
        {{- ' + ' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- Number of its used meters without a price. Surcharges are no meters of their own where the list has none. -#}
{% macro unpriced_meters(kind, counts, prices) -%}
    {% for meter in usage_meters() if not meter.is_surcharge -%}
        case
            when {{ counts }}.{{ meter.billed }} <> 0 and {{ prices }}.{{ kind }}_{{ meter.meter }} is null
            then 1
            else 0
        end
        {{- ' + ' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- amount × rate, exact, rounded half-even once to 12 places: the amount is taken apart into a whole number and a
    remainder, so that no product needs more than 38 digits. Amounts below 10^17, rates below 10^8. -#}
{% macro converted(amount, rate) -%}
    {%- set whole = "cast(" ~ amount ~ " as decimal(17, 0))" -%}
    {%- set rate = "cast(" ~ rate ~ " as decimal(20, 12))" -%}
    {%- set small = "(cast(" ~ amount ~ " - " ~ whole ~ " as decimal(13, 12)) * " ~ rate ~ ")" -%}
    {%- set rounded = "cast(" ~ small ~ " as decimal(22, 12))" -%}
    {%- set away = "(cast(" ~ whole ~ " * " ~ rate ~ " as decimal(38, 12)) + " ~ rounded ~ ")" -%}
    cast(
        case
            when
                abs(cast({{ rounded }} as decimal(34, 24)) - {{ small }}) = cast(0.0000000000005 as decimal(13, 13))
                and {{ away }} % cast(0.000000000002 as decimal(12, 12)) <> 0
            then {{ away }} - cast(sign({{ small }}) as decimal(1, 0)) * cast(0.000000000001 as decimal(12, 12))
            else {{ away }}
        end as decimal(38, 12)
    )
{%- endmacro %}

{#- The one value of a group; NULL where its rows differ or none has one. -#}
{% macro only_value(expression) -%}
    case when min({{ expression }}) = max({{ expression }}) then max({{ expression }}) end
{%- endmacro %}

{#- A price per unit as a price per million units, for reading. -#}
{% macro per_million(price) -%}
    cast(cast({{ price }} as decimal(20, 12)) * cast(1000000 as decimal(7, 0)) as decimal(38, 12))
{%- endmacro %}

{#- amount ÷ rate, rounded half away from zero once to 12 places, in whole numbers: 92.00 at 0.92 is 100 exactly. Both
    are decimal(38,12), the rate above 0, the amount below 8 × 10^12. -#}
{% macro divided(amount, rate) -%}
    {%- set units = to_units("abs(" ~ amount ~ ")") -%}
    {%- set rate_units = to_units(rate) -%}
    {%- set doubled = "(2 * " ~ units ~ " * cast(1000000000000 as " ~ whole_type() ~ ") + " ~ rate_units ~ ")" -%}
    cast(sign({{ amount }}) * {{ from_units(whole_quotient(doubled, "2 * " ~ rate_units)) }} as decimal(38, 12))
{%- endmacro %}

{#- What the priced meters of a request (int_requests_priced) cost, whatever others it has. -#}
{% macro priced_meters_contracted_cost() -%}
    case
        when not is_billable then cast(0 as decimal(38, 12)) when not is_priced_by_month then priced_contracted_cost_usd
    end
{%- endmacro %}
