with
    source as (select * from {{ source("raw_ledger", "closed_lines") }}),

    renamed as (
        select
            cast(statement_period_date as date) as statement_period_date,
            cast(line_number as bigint) as line_number,
            cast(charge_period_date as date) as charge_period_date,
            cast(cost_center_id as string) as cost_center_id,
            cast(team_id as string) as team_id,
            cast(provider_id as string) as provider_id,
            cast(category as string) as category,
            cast(allocation_type as string) as allocation_type,
            cast(line_type as string) as line_type,
            cast(amount_usd as decimal(38, 12)) as amount_usd,
            cast(statement_amount_usd as decimal(38, 12)) as statement_amount_usd,
            cast(request_count as bigint) as request_count,
            cast(unknown_cost_item_count as bigint) as unknown_cost_item_count,
            cast(cost_kind as string) as cost_kind,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
