{#- The seed reconciliation_tolerances with one row per provider: its own tolerances where it has any, else the general
    ones. -#}
{%- set limits = [
    ("rounding_usd_per_charge", "metered_to_billed", "rounding", "usd_per_charge"),
    ("late_days", "metered_to_billed", "late_arrival", "days"),
    ("discount_ratio", "metered_to_billed", "negotiated_discount", "ratio"),
    ("discount_charges", "metered_to_billed", "negotiated_discount", "charges"),
    ("fx_ratio", "metered_to_billed", "fx", "ratio"),
    ("billed_open_usd", "metered_to_billed", "unknown", "usd"),
    ("billed_open_ratio", "metered_to_billed", "unknown", "ratio"),
    ("rounding_usd_per_line", "billed_to_invoiced", "rounding", "usd_per_line"),
    ("invoice_fx_ratio", "billed_to_invoiced", "fx", "ratio"),
    ("invoiced_open_usd", "billed_to_invoiced", "unknown", "usd"),
    ("invoiced_open_ratio", "billed_to_invoiced", "unknown", "ratio"),
] %}
with
    providers as (select distinct provider_id from {{ ref("int_reconciliation_accounts") }}),

    ranked as (
        select
            providers.provider_id,
            tolerances.stage,
            tolerances.residual_class,
            tolerances.unit,
            tolerances.tolerance,
            row_number() over (
                partition by providers.provider_id, tolerances.stage, tolerances.residual_class, tolerances.unit
                order by case when tolerances.provider_id is null then 1 else 0 end, tolerances.tolerance
            ) as tolerance_rank
        from providers
        inner join
            {{ ref("reconciliation_tolerances") }} as tolerances
            on tolerances.provider_id = providers.provider_id
            or tolerances.provider_id is null
    )

select
    provider_id
    {%- for name, stage, residual_class, unit in limits %}
        ,
        cast(
            coalesce(
                max(
                    case
                        when stage = '{{ stage }}' and residual_class = '{{ residual_class }}' and unit = '{{ unit }}'
                        then tolerance
                    end
                ),
                0
            ) as decimal(38, 12)
        ) as {{ name }}
    {%- endfor %}
from ranked
where tolerance_rank = 1
group by provider_id
