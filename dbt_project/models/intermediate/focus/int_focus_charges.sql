{#- Charges under the rules of FOCUS, in snake_case: what must be NULL is, what must not be is filled by a stated rule
    and named in derived_columns. fct_charges keeps what the bill said. -#}
with
    joined as (
        select
            lines.*,
            quantities.consumed_quantity as focus_consumed_quantity,
            coalesce(quantities.consumed_unit, 'Units') as focus_consumed_unit,
            quantities.pricing_quantity as focus_pricing_quantity,
            coalesce(quantities.pricing_unit, 'Units') as focus_pricing_unit,
            quantities.list_unit_price as focus_list_unit_price,
            quantities.contracted_unit_price as focus_contracted_unit_price,
            coalesce(
                lines.sku_id, lines.sku_meter, lines.charge_description, lines.service_name, lines.provider_name
            ) as any_sku_id,
            coalesce(lines.provider_name, lines.provider_id, 'Unknown') as any_provider_name,
            min(case when lines.is_llm_charge then 1 else 0 end) over (
                partition by lines.provider_id, lines.service_name
            )
            = 1 as is_llm_service,
            trim(
                {%- for column, condition in focus_derived_columns().items() %}
                    case when {{ condition }} then '{{ column }} ' else '' end {{- ' ||' if not loop.last }}
                {%- endfor %}
            ) as derived_columns
        from {{ ref("int_focus_lines") }} as lines
        inner join
            {{ ref("int_focus_quantities") }} as quantities
            on quantities.charge_key = lines.charge_key
            and quantities.is_unused_part = lines.is_unused_part
    ),

    charges as (
        select
            joined.*,
            case
                when focus_charge_category = 'Tax'
                then null
                when focus_charge_category in ('Usage', 'Purchase')
                then any_sku_id
                else sku_id
            end as focus_sku_id,
            case
                when focus_charge_category <> 'Tax' and not is_unused_part then focus_pricing_quantity
            end as any_pricing_quantity,
            case
                when focus_charge_category = 'Tax'
                then null
                when {{ is_single_purchase("focus_pricing_quantity", "focus_list_unit_price") }}
                then coalesce(list_cost, billed_cost)
                else focus_list_unit_price
            end as any_list_unit_price,
            case
                when focus_charge_category = 'Tax'
                then null
                when {{ is_single_purchase("focus_pricing_quantity", "focus_contracted_unit_price") }}
                then coalesce(contracted_cost, billed_cost)
                else focus_contracted_unit_price
            end as any_contracted_unit_price,
            case
                when
                    focus_charge_category = 'Usage'
                    and not is_unused_part
                    and commitment_discount_status is distinct from 'Unused'
                then focus_consumed_quantity
            end as any_consumed_quantity,
            coalesce(
                service_category,
                max(service_category) over (partition by provider_id, service_name),
                case when is_llm_service then 'AI and Machine Learning' else 'Other' end
            ) as any_service_category,
            coalesce(charge_period_start_utc, billing_period_start_utc) as any_charge_start_utc
        from joined
    )

select
    case when is_unused_part then charge_key || '-unused' else charge_key end as charge_key,
    charge_source,
    provider_id,
    model_id,
    meter,
    is_llm_charge,
    derived_columns,
    billed_cost_rounding,
    _source_file_id,
    case
        when focus_billed_cost = billed_cost then billed_cost_usd else cast(0 as decimal(38, 12))
    end as billed_cost_usd,
    allocated_method_details,
    allocated_method_id,
    allocated_resource_id,
    allocated_resource_name,
    allocated_tags,
    availability_zone,
    focus_billed_cost as billed_cost,
    coalesce(billing_account_id, lower(any_provider_name)) as billing_account_id,
    billing_account_name,
    coalesce(billing_account_type, 'Billing account') as billing_account_type,
    coalesce(billing_currency, 'XXX') as billing_currency,
    coalesce(billing_period_end_utc, {{ month_end("any_charge_start_utc") }}) as billing_period_end_utc,
    coalesce(billing_period_start_utc, {{ month_start("any_charge_start_utc") }}) as billing_period_start_utc,
    capacity_reservation_id,
    case when capacity_reservation_id is not null then capacity_reservation_status end as capacity_reservation_status,
    focus_charge_category as charge_category,
    case when lower(charge_class) = 'correction' then 'Correction' end as charge_class,
    charge_description,
    coalesce(
        {{ spelled("charge_frequency", ["One-Time", "Recurring", "Usage-Based"]) }},
        case when focus_charge_category = 'Usage' then 'Usage-Based' else 'One-Time' end
    ) as charge_frequency,
    coalesce(charge_period_end_utc, any_charge_start_utc + interval '1' day) as charge_period_end_utc,
    any_charge_start_utc as charge_period_start_utc,
    {%- for column in ["category", "id", "name", "quantity", "type", "unit"] %}
        case
            when commitment_discount_id is not null then commitment_discount_{{ column }}
        end as commitment_discount_{{ column }},
    {%- endfor %}
    case
        when commitment_discount_id is not null
        then case when is_unused_part then 'Unused' else commitment_discount_status end
    end as commitment_discount_status,
    commitment_program_eligibility_details,
    any_consumed_quantity as consumed_quantity,
    case when any_consumed_quantity is not null then focus_consumed_unit end as consumed_unit,
    contract_applied,
    coalesce(
        case
            when charge_source = 'azure' then {{ focus_product("any_pricing_quantity", "any_contracted_unit_price") }}
        end,
        contracted_cost,
        {{ focus_product("any_pricing_quantity", "any_contracted_unit_price") }},
        billed_cost
    ) as contracted_cost,
    any_contracted_unit_price as contracted_unit_price,
    focus_effective_cost as effective_cost,
    coalesce(host_provider_name, any_provider_name) as host_provider_name,
    case when invoice_id is not null then invoice_detail_id end as invoice_detail_id,
    invoice_id,
    coalesce(invoice_issuer_name, any_provider_name) as invoice_issuer_name,
    coalesce(list_cost, {{ focus_product("any_pricing_quantity", "any_list_unit_price") }}, billed_cost) as list_cost,
    any_list_unit_price as list_unit_price,
    case
        when focus_charge_category in ('Usage', 'Purchase')
        then coalesce({{ spelled("pricing_category", ["Standard", "Committed", "Dynamic", "Other"]) }}, 'Standard')
        when focus_charge_category <> 'Tax'
        then pricing_category
    end as pricing_category,
    coalesce(pricing_currency, billing_currency, 'XXX') as pricing_currency,
    {%- for column, own in [
        ("contracted_unit_price", "any_contracted_unit_price"),
        ("effective_cost", "focus_effective_cost"),
        ("list_unit_price", "any_list_unit_price"),
    ] %}
        case
            when coalesce(pricing_currency, billing_currency) = billing_currency
            then {{ own }}
            else pricing_currency_{{ column }}
        end as pricing_currency_{{ column }},
    {%- endfor %}
    any_pricing_quantity as pricing_quantity,
    case when any_pricing_quantity is not null then focus_pricing_unit end as pricing_unit,
    any_provider_name as provider_name,
    coalesce(publisher_name, service_provider_name, any_provider_name) as publisher_name,
    region_id,
    case when region_id is not null then coalesce(region_name, region_id) end as region_name,
    resource_id,
    case when resource_id is not null then resource_name end as resource_name,
    case when resource_id is not null then resource_type end as resource_type,
    any_service_category as service_category,
    coalesce(service_name, any_provider_name || ' API') as service_name,
    coalesce(service_provider_name, any_provider_name) as service_provider_name,
    coalesce(
        service_subcategory,
        case when any_service_category = 'AI and Machine Learning' and is_llm_service then 'Generative AI' end,
        'Other (' || any_service_category || ')'
    ) as service_subcategory,
    focus_sku_id as sku_id,
    case when focus_sku_id is not null then sku_meter end as sku_meter,
    case
        when focus_sku_id is not null then {{ sku_details("sku_price_details", "model_id", "meter") }}
    end as sku_price_details,
    case
        when focus_sku_id is null
        then null
        when sku_price_id is null
        then focus_sku_id
        when charge_source = 'focus' or sku_price_id like focus_sku_id || '%'
        then sku_price_id
        else focus_sku_id || '/' || sku_price_id
    end as sku_price_id,
    sub_account_id,
    case when sub_account_id is not null then coalesce(sub_account_name, sub_account_id) end as sub_account_name,
    case when sub_account_id is not null then coalesce(sub_account_type, 'Sub account') end as sub_account_type,
    tags
from charges
