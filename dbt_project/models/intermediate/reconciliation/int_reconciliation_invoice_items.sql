{#- The differences of the second stage, billed → invoiced, each in one class. What no class covers is 'unknown',
    computed as the gap minus everything else. -#}
with
    months as (
        select
            *,
            sum(invoice_line_count) over (partition by provider_id, account_id, month_date) as month_line_count,
            max(has_currency) over (partition by provider_id, account_id, month_date) as month_has_currency
        from {{ ref("int_reconciliation_invoiced") }}
    ),

    neighbours as (
        select
            months.*,
            invoiced_usd - due_usd as difference_usd,
            lag(invoiced_usd - due_usd) over (
                partition by months.provider_id, account_id, line_kind order by month_date
            ) as before_usd,
            lead(invoiced_usd - due_usd) over (
                partition by months.provider_id, account_id, line_kind order by month_date
            ) as after_usd,
            limits.rounding_usd_per_line * greatest(invoice_line_count, 1) as tolerance_usd,
            round({{ ratio("invoiced_usd", "due_usd", 9) }} * 10000, 0) * 0.0001 as factor,
            -- What the invoice's currency did to usage it did to the other lines too.
            max(
                case
                    when line_kind = 'usage' and month_has_currency = 1 then {{ ratio("invoiced_usd", "due_usd", 4) }}
                end
            ) over (partition by months.provider_id, account_id, month_date) as currency_factor,
            limits.invoice_fx_ratio
        from months
        inner join {{ ref("int_reconciliation_limits") }} as limits on limits.provider_id = months.provider_id
    ),

    converted as (
        select
            neighbours.*,
            cast(
                case
                    when line_kind <> 'usage' and invoiced_usd <> 0 and abs(currency_factor - 1) <= invoice_fx_ratio
                    then {{ scaled("due_usd", "currency_factor") }} - due_usd
                    else 0
                end as decimal(38, 12)
            ) as conversion_usd
        from neighbours
    ),

    judged as (
        select
            *,
            case
                when difference_usd = 0
                then 'rounding'
                when month_line_count > 0 and abs(difference_usd - conversion_usd) <= tolerance_usd
                then 'rounding'
                when
                    abs(difference_usd + coalesce(before_usd, 0)) <= tolerance_usd
                    and before_usd <> 0
                    or abs(difference_usd + coalesce(after_usd, 0)) <= tolerance_usd
                    and after_usd <> 0
                then 'cut_off'
                when month_line_count = 0
                then 'late_arrival'
                when
                    line_kind = 'usage'
                    and month_has_currency = 1
                    and due_usd <> 0
                    and invoiced_usd <> 0
                    and abs(difference_usd)
                    <= abs(cast(due_usd as decimal(26, 12)) * cast(invoice_fx_ratio as decimal(10, 6)))
                then 'fx'
                when line_kind in ('tax', 'credit')
                then line_kind
                when due_usd = 0
                then 'in_cost_not_in_usage'
                when invoiced_usd = 0
                then 'in_usage_not_in_cost'
                when
                    line_kind = 'usage'
                    and factor > 0
                    and factor < 1
                    and factor = round(factor, 2)
                    and abs(invoiced_usd - {{ scaled("due_usd", "factor") }}) <= tolerance_usd
                then 'negotiated_discount'
                else 'unknown'
            end as residual_class
        from converted
    ),

    classified as (
        select
            provider_id,
            account_id,
            month_date,
            line_kind,
            residual_class,
            difference_usd - conversion_usd as amount_usd,
            due_usd,
            invoiced_usd,
            factor,
            invoice_line_count
        from judged
        union all
        select
            provider_id,
            account_id,
            month_date,
            line_kind,
            'cut_off',
            due_usd - billed_cost_usd,
            due_usd,
            billed_cost_usd,
            cast(null as decimal(38, 12)),
            invoice_line_count
        from judged
        union all
        select
            provider_id,
            account_id,
            month_date,
            line_kind,
            'fx',
            conversion_usd,
            due_usd,
            invoiced_usd,
            currency_factor,
            invoice_line_count
        from judged
    )

select
    provider_id,
    account_id,
    month_date,
    line_kind,
    residual_class,
    cast(amount_usd as decimal(38, 12)) as amount_usd,
    due_usd,
    invoiced_usd,
    cast(factor as decimal(10, 4)) as factor,
    invoice_line_count
from classified
where amount_usd <> 0
