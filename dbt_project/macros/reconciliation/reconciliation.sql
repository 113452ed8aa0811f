{#- What one comparison of metered with billed is about. -#}
{% macro reconciliation_cell() %}
    {{ return(["provider_id", "account_id", "cell_date", "model_key", "meter_key"]) }}
{% endmacro %}

{#- Equality of two cells. -#}
{% macro same_cell(left, right) -%}
    {% for column in reconciliation_cell() -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Joins what a provider's bill or usage calls an account with the account it is compared as. -#}
{% macro join_accounts(provider_id, source_account_id) -%}
    inner join
        {{ ref("int_reconciliation_accounts") }} as accounts
        on accounts.provider_id = {{ provider_id }}
        and accounts.source_account_id = coalesce({{ source_account_id }}, '')
{%- endmacro %}

{#- Joins rows of an account's month with how finely its bill can be compared: `months` for the account, `models` for
    the model. -#}
{% macro join_grains(relation) -%}
    left join
        {{ ref("int_reconciliation_grains") }} as months
        on months.provider_id = {{ relation }}.provider_id
        and months.account_id = {{ relation }}.account_id
        and months.cell_month = {{ relation }}.cell_month
        and months.model_id = ''
    left join
        {{ ref("int_reconciliation_grains") }} as models
        on models.provider_id = {{ relation }}.provider_id
        and models.account_id = {{ relation }}.account_id
        and models.cell_month = {{ relation }}.cell_month
        and models.model_id = {{ relation }}.model_id
        and models.model_id <> ''
{%- endmacro %}

{#- Joins charges with the unit prices they may have been rated at (`rates`) and what may be off by rounding
    (`limits`). -#}
{% macro join_rates(charges) -%}
    inner join
        {{ ref("int_reconciliation_rates") }} as rates
        on rates.provider_id = {{ charges }}.provider_id
        and rates.account_id = {{ charges }}.account_id
        and rates.cell_month = {{ charges }}.cell_month
        and rates.model_key = {{ charges }}.model_key
        and rates.meter_key = {{ charges }}.meter_key
    inner join {{ ref("int_reconciliation_limits") }} as limits on limits.provider_id = {{ charges }}.provider_id
{%- endmacro %}

{#- The prices that usage of a cell was metered at: of two that explain a charge, one of these is the better. -#}
{% macro rates_used() -%}
    select distinct {{ reconciliation_cell() | join(", ") }}, rate from {{ ref("int_reconciliation_metered") }}
{%- endmacro %}

{#- The residual classes in order of precedence: the first whose evidence holds takes the difference. -#}
{% macro residual_classes() %}
    {{
        return(
            [
                "tax",
                "credit",
                "unpriced_sku",
                "tier_or_context_misrated",
                "cut_off",
                "late_arrival",
                "in_cost_not_in_usage",
                "in_usage_not_in_cost",
                "fx",
                "negotiated_discount",
                "rounding",
                "unknown",
            ]
        )
    }}
{% endmacro %}

{#- An amount times a factor of four places, rounded once. -#}
{% macro scaled(amount, factor) -%}
    cast(cast({{ amount }} as decimal(24, 12)) * cast({{ factor }} as decimal(10, 4)) as decimal(38, 12))
{%- endmacro %}

{#- How a class reads on a statement. -#}
{% macro residual_labels() %}
    {{
        return(
            {
                "tax": "Tax",
                "credit": "Credits and adjustments",
                "unpriced_sku": "Charged, but no price is known here",
                "tier_or_context_misrated": "Charged at the price of another tier or context step",
                "cut_off": "Counted in another day or month",
                "late_arrival": "Not arrived yet",
                "in_cost_not_in_usage": "Charged, but not in usage",
                "in_usage_not_in_cost": "In usage, but not charged",
                "fx": "Exchange rate",
                "negotiated_discount": "Discount that the price data does not have",
                "rounding": "Rounding",
                "unknown": "Unexplained",
            }
        )
    }}
{% endmacro %}

{#- What speaks for the class of a difference, in words; for rows of rpt_reconciliation_items. -#}
{% macro reconciliation_evidence() -%}
    case
        when stage = 'billed_to_invoiced'
        then
            case
                residual_class
                when 'late_arrival'
                then 'no invoice for this month has been landed'
                when 'cut_off'
                then 'charged in one month and invoiced in another'
                when 'tax'
                then 'tax on the invoice that the bill does not have, or the other way round'
                when 'credit'
                then 'credit on the invoice that the bill does not have, or the other way round'
                when 'fx'
                then 'the invoice is in another currency; the same factor explains its lines'
                when 'negotiated_discount'
                then 'the invoice is the bill times ' || cast(factor as string)
                when 'in_cost_not_in_usage'
                then 'on the invoice, but nothing like it on the bill: ' || charge_description
                when 'in_usage_not_in_cost'
                then 'on the bill, but nothing like it on the invoice: ' || charge_description
                else 'no rule explains it'
            end
        else
            case
                residual_class
                when 'tax'
                then 'charge category Tax: ' || coalesce(charge_description, '')
                when 'credit'
                then 'credit, adjustment or negative charge: ' || coalesce(charge_description, '')
                when 'unpriced_sku'
                then 'metered without a price, and charged for no more than that quantity'
                when 'tier_or_context_misrated'
                then 'quantity agrees; the unit price charged is that of another tier or context step of the model'
                when 'cut_off'
                then
                    'missing here and too much on an adjacent day or in the month, or the other way round; '
                    || 'the sums agree'
                when 'late_arrival'
                then
                    case
                        when has_no_bill
                        then 'no bill or cost report of this month has been landed'
                        else 'the newest days of one side, or a report the provider has not finished'
                    end
                when 'in_cost_not_in_usage'
                then
                    case
                        when grain = 'charge'
                        then 'nothing meters this charge: ' || coalesce(charge_description, '')
                        else
                            'charged for '
                            || coalesce(cast(cast(billed_quantity as bigint) as string), 'an unstated quantity')
                            || ', metered '
                            || coalesce(cast(cast(metered_quantity as bigint) as string), 'none')
                    end
                when 'in_usage_not_in_cost'
                then
                    'metered '
                    || coalesce(cast(cast(metered_quantity as bigint) as string), 'none')
                    || ', charged for '
                    || coalesce(cast(cast(billed_quantity as bigint) as string), 'none')
                when 'fx'
                then
                    'billed in another currency; amounts are contracted prices times '
                    || coalesce(cast(factor as string), 'one constant')
                when 'negotiated_discount'
                then
                    'amounts are contracted prices times one constant'
                    || coalesce(' (' || cast(factor as string) || ')', '')
                else 'no rule explains it'
            end
    end
{%- endmacro %}
