{{ config(meta={"dagster": {"ref": {"name": "fct_charges"}}}) }}
with
    reported as (
        select
            charge_source,
            provider_id,
            cast(charge_period_start_utc as date) as charge_date,
            count(*) as charge_count,
            sum(billed_cost) as billed_cost
        from {{ ref("int_charges_reported") }}
        group by 1, 2, 3
    ),

    charged as (
        select charge_source, provider_id, charge_date, count(*) as charge_count, sum(billed_cost) as billed_cost
        from {{ ref("fct_charges") }}
        where charge_source not in ('focus', 'aws_cur', 'azure', 'oci')
        group by 1, 2, 3
    )

select reported.*, charged.billed_cost as charged_cost
from reported
left join
    charged
    on charged.charge_source = reported.charge_source
    and charged.provider_id = reported.provider_id
    and charged.charge_date = reported.charge_date
where
    (
        charged.charge_count is distinct from reported.charge_count
        or charged.billed_cost is distinct from reported.billed_cost
    )
    and not exists (
        select 1
        from {{ ref("int_filed_charge_days") }} as filed
        where filed.provider_id = reported.provider_id and filed.charge_date = reported.charge_date
    )
