{#- What landing noticed, and what only the warehouse can know of landed files: GPUs that no rate covers, commitments
    whose cost is in no total, offers and budgets that fit nothing, exports of one bill beside one another. -#}
with
    unrated as (
        select coalesce(gpu_name, gpu_type) as gpu_name, cast(count(*) as bigint) as gpu_count, min(host) as first_host
        from {{ ref("dim_gpus") }}
        where unrated_hour_count > 0
        group by 1
    ),

    unpaid as (
        select commitment_id, {{ money_sum("amortized_cost_usd") }} as amount_usd
        from {{ ref("int_commitment_days") }}
        where spend_source = 'nowhere'
        group by 1
    )

select
    source,
    file_path,
    row_number,
    kind,
    severity,
    severity_rank,
    title,
    message,
    remedy,
    affected_count,
    amount,
    amount_currency,
    first_seen_at_utc,
    last_seen_at_utc
from {{ ref("stg_landing__notes") }}
union all
select
    'gpu',
    cast(null as string),
    cast(null as bigint),
    'rate_missing',
    'loss',
    cast(1 as bigint),
    'kind of usage without a rate, of unknown cost',
    'no rate for the GPU '
    || coalesce(gpu_name, '(no name)')
    || ' ('
    || cast(gpu_count as string)
    || ' of them, first on host '
    || first_host
    || '): the cost of its hours is unknown',
    'add a gpu_hour to infrastructure_rates.csv, or name the GPU in gpu_inventory.csv, see docs/gpu.md',
    gpu_count,
    cast(null as decimal(38, 12)),
    cast(null as string),
    cast(null as timestamp),
    cast(null as timestamp)
from unrated
union all
select
    'org',
    'commitments.csv',
    cast(null as bigint),
    'commitment_nowhere',
    'loss',
    cast(1 as bigint),
    'commitment whose cost is in no total',
    'no bill and no item of own costs is called ' || commitment_id || ': its cost is in no total',
    'if no bill will come: an item of that id in tco_items.csv, see docs/commitments.md',
    cast(1 as bigint),
    amount_usd,
    'USD',
    cast(null as timestamp),
    cast(null as timestamp)
from unpaid
union all
select
    'org',
    file_path,
    _source_row,
    kind,
    'loss',
    cast(1 as bigint),
    title,
    message,
    remedy,
    cast(1 as bigint),
    cast(null as decimal(38, 12)),
    cast(null as string),
    cast(null as timestamp),
    cast(null as timestamp)
from {{ ref("int_rows_that_fit_nothing") }}
union all
select
    'gcp',
    cast(null as string),
    cast(null as bigint),
    'exports_overlap',
    'question',
    cast(0 as bigint),
    'bill that two exports tell, of which one counts',
    'account '
    || coalesce(billing_account_id, '(none)')
    || ', invoice month '
    || coalesce(invoice_month, '(none)')
    || ': the standard export has '
    || cast(standard_cost as string)
    || ' and the detailed one '
    || cast(detailed_cost as string)
    || ' for '
    || cast(hour_count as string)
    || ' hour(s) of a SKU and project that both have, the first at '
    || cast(first_hour_utc as string)
    || ' UTC; the detailed one counts',
    'export both up to the same time, or take the standard export out of the folder, see docs/sources/gcp.md',
    hour_count,
    cast(standard_cost - detailed_cost as decimal(38, 12)),
    currency,
    cast(null as timestamp),
    cast(null as timestamp)
from {{ ref("int_gcp_standard_differences") }}
union all
select
    'billing',
    cast(null as string),
    cast(null as bigint),
    'exports_overlap',
    'question',
    cast(0 as bigint),
    'bill that two exports tell, of which one counts',
    provider
    || ', '
    || cast(month_start_date as string)
    || ': on '
    || cast(day_count as string)
    || ' day(s), the first '
    || cast(first_date as string)
    || ', its own export has '
    || cast(left_out_cost as string)
    || ' and FOCUS files have '
    || cast(counted_cost as string)
    || case when provider = 'openai' then ' for accounts that may be one' else ' for the same accounts' end
    || '; FOCUS counts',
    'deliver one export per bill; if FOCUS has less than the other, take the FOCUS files out of the folder',
    day_count,
    left_out_cost,
    billing_currency,
    cast(null as timestamp),
    cast(null as timestamp)
from {{ ref("int_exports_of_one_bill") }}
