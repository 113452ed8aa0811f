{#- The page finance prints: for each account and month what was metered, what the provider charged, what it invoiced,
    and between them every class of difference. Contracted + its classes = billed, billed + its classes = invoiced. -#}
with
    classes as (select * from {{ ref("fct_reconciliation_monthly") }}),

    listed as (
        select provider_id, account_id, cell_month as month_date, {{ money_sum("list_cost_usd") }} as list_cost_usd
        from {{ ref("int_reconciliation_metered") }}
        group by 1, 2, 3
    ),

    documents as (
        select
            provider_id,
            account_id,
            month_date,
            count(*) as kind_count,
            sum(charge_count) as charge_count,
            sum(invoice_line_count) as invoice_line_count,
            sum(unknown_charge_count) as unknown_charge_count,
            sum(unknown_line_count) as unknown_line_count
        from {{ ref("int_reconciliation_invoiced") }}
        group by 1, 2, 3
    ),

    months as (
        select
            classes.provider_id,
            classes.account_id,
            classes.month_date,
            max(classes.month_metered_cost_usd) as contracted_usd,
            max(classes.month_billed_cost_usd) as billed_usd,
            max(classes.month_invoiced_usd) as invoiced_usd,
            {{ money_sum("case when residual_class= 'unknown' then amount_usd else 0 end") }} as unexplained_usd,
            {%- for stage in ["metered_to_billed", "billed_to_invoiced"] %}
                {{
                    money_sum(
                        "case when residual_class in ('unknown', 'late_arrival') and stage = '"
                        ~ stage
                        ~ "' then abs(amount_usd) else 0 end"
                    )
                }} as {{ stage }}_open_usd {{- ',' if not loop.last }}
            {%- endfor %}
        from classes
        group by 1, 2, 3
    ),

    judged as (
        select
            months.*,
            coalesce(listed.list_cost_usd, 0) as listed_usd,
            case
                when coalesce(documents.charge_count, 0) = 0 and coalesce(documents.invoice_line_count, 0) = 0
                then 'no_bill_yet'
                when
                    documents.unknown_charge_count > 0
                    or metered_to_billed_open_usd > greatest(
                        limits.billed_open_usd,
                        cast(
                            abs(cast(billed_usd as decimal(26, 12)))
                            * cast(limits.billed_open_ratio as decimal(10, 6)) as decimal(38, 12)
                        )
                    )
                then 'open'
                when coalesce(documents.invoice_line_count, 0) = 0
                then 'no_invoice_yet'
                when
                    documents.unknown_line_count > 0
                    or billed_to_invoiced_open_usd > greatest(
                        limits.invoiced_open_usd,
                        cast(
                            abs(cast(billed_usd as decimal(26, 12)))
                            * cast(limits.invoiced_open_ratio as decimal(10, 6)) as decimal(38, 12)
                        )
                    )
                then 'open'
                else 'reconciled'
            end as status,
            coalesce(documents.unknown_charge_count, 0)
            + coalesce(documents.unknown_line_count, 0) as unknown_amount_count
        from months
        inner join {{ ref("int_reconciliation_limits") }} as limits on limits.provider_id = months.provider_id
        left join
            listed
            on listed.provider_id = months.provider_id
            and listed.account_id = months.account_id
            and listed.month_date = months.month_date
        left join
            documents
            on documents.provider_id = months.provider_id
            and documents.account_id = months.account_id
            and documents.month_date = months.month_date
    ),

    lines as (
        {%- for number, line_type, label, amount in [
            (10, "listed", "Metered usage at list prices", "listed_usd"),
            (20, "contracted", "Metered usage at contracted prices", "contracted_usd"),
            (40, "billed", "Cost as the provider reports or bills it", "billed_usd"),
            (60, "invoiced", "Invoiced", "invoiced_usd"),
            (70, "unexplained", "Unexplained", "unexplained_usd"),
        ] %}
            select
                provider_id,
                account_id,
                month_date,
                {{ number }} as line_number,
                '{{ line_type }}' as line_type,
                cast(null as string) as residual_class,
                '{{ label }}' as line_label,
                {{ amount }} as amount_usd
            from judged
            union all
        {%- endfor %}
        select
            provider_id,
            account_id,
            month_date,
            case stage when 'metered_to_billed' then 20 else 40 end + case
                residual_class
                {%- for class in residual_classes() %} when '{{ class }}' then {{ loop.index }} {%- endfor %}
            end,
            stage,
            residual_class,
            case
                residual_class
                {%- for class, label in residual_labels().items() %} when '{{ class }}' then '{{ label }}' {%- endfor %}
            end,
            amount_usd
        from classes
        where amount_usd <> 0
    )

select
    {{ surrogate_key(["lines.provider_id", "lines.account_id", "lines.month_date", "lines.line_number"]) }}
    as reconciliation_line_key,
    lines.provider_id,
    lines.account_id,
    lines.month_date,
    cast(lines.line_number as bigint) as line_number,
    lines.line_type,
    lines.residual_class,
    lines.line_label,
    cast(lines.amount_usd as decimal(38, 12)) as amount_usd,
    {{ ratio("lines.amount_usd", "judged.billed_usd") }} as billed_share_ratio,
    judged.status,
    cast(judged.unknown_amount_count as bigint) as unknown_amount_count
from lines
inner join
    judged
    on judged.provider_id = lines.provider_id
    and judged.account_id = lines.account_id
    and judged.month_date = lines.month_date
