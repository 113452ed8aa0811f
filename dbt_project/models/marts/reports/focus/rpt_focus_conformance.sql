{#- Where charges break rules of FOCUS. A product may differ from its cost by what printing explains: half a unit of the
    last place of each column (the most places any charge of the source has in it), and one unit of the cost's own.
    Quantities that are whole throughout are counts, and exact. -#}
{%- set columns = ["list_unit_price", "contracted_unit_price", "pricing_quantity", "list_cost", "contracted_cost"] %}
with
    charges as (
        select
            charges.*,
            services.service_category is not null as is_known_service,
            currencies.currency_code is not null as is_known_currency,
            {%- for column in columns %}
                power(
                    cast(10 as double),
                    - max({{ places_needed("charges." ~ column) }}) over (
                        partition by charges.charge_source, charges.provider_id
                    )
                ) as {{ column }}_unit
                {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ ref("int_focus_charges") }} as charges
        left join
            {{ ref("focus_services") }} as services
            on services.service_category = charges.service_category
            and services.service_subcategory = charges.service_subcategory
        left join {{ ref("currency_codes") }} as currencies on currencies.currency_code = charges.billing_currency
    ),

    prices as (select sku_price_id, cast(count(distinct sku_id) as bigint) as sku_ids_of_price from charges group by 1),

    service_names as (
        select service_name, cast(count(distinct service_category) as bigint) as categories_of_service
        from charges
        group by 1
    ),

    measured as (
        select
            charges.*,
            prices.sku_ids_of_price,
            service_names.categories_of_service,
            {%- for kind in ["list", "contracted"] %}
                abs(
                    cast({{ kind }}_unit_price as double) * cast(pricing_quantity as double)
                    - cast({{ kind }}_cost as double)
                ) as {{ kind }}_cost_error,
                {{ kind }}_cost_unit
                + abs(cast({{ kind }}_unit_price as double))
                * case when pricing_quantity_unit < 1 then pricing_quantity_unit else 0 end
                * 0.5
                + abs(cast(pricing_quantity as double)) * {{ kind }}_unit_price_unit * 0.5
                + abs(cast({{ kind }}_cost as double)) * 0.00000000000001 as {{ kind }}_cost_tolerance
                {{- ',' if not loop.last }}
            {%- endfor %}
        from charges
        left join prices on prices.sku_price_id = charges.sku_price_id
        left join service_names on service_names.service_name = charges.service_name
    )

{% for name, statement, rows, holds in focus_conformance_rules() %}
    select
        '{{ name }}' as rule,
        '{{ statement }}' as statement,
        charge_source,
        cast(count(*) as bigint) as checked_charge_count,
        cast(sum(case when {{ holds }} then 0 else 1 end) as bigint) as failing_charge_count,
        min(case when {{ holds }} then null else charge_key end) as example_charge_key
    from measured
    where {{ rows }}
    group by 3 {{ 'union all' if not loop.last }}
{%- endfor %}
