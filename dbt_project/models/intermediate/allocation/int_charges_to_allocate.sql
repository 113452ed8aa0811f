{#- Charges with what owners carry of them: what was billed, or by effective cost what was drawn of commitments that
    day. A charge without an effective cost counts as billed, one of unknown dollars stays unknown. -#}
{{ config(materialized="view") }}
-- depends_on: {{ ref('int_fx_rates') }}
select
    charges.*,
    {%- if is_allocated_by_effective_cost() %}
        case
            when charges.billed_cost_usd is null
            then cast(null as decimal(38, 12))
            when charges.effective_cost is null or charges.effective_cost = charges.billed_cost
            then charges.billed_cost_usd
            when charges.billing_currency = 'USD'
            then charges.effective_cost
            else coalesce({{ converted("charges.effective_cost", "rates.usd_per_unit") }}, charges.billed_cost_usd)
        end as spend_usd
    {%- else %} charges.billed_cost_usd as spend_usd
    {%- endif %}
from {{ ref("int_charges") }} as charges
{%- if is_allocated_by_effective_cost() %}
    left join
        {{ ref("int_fx_rates") }} as rates
        on rates.currency = upper(charges.billing_currency)
        and {{ valid_on("rates", "charges.charge_date") }}
{%- endif %}
