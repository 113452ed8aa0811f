with
    source as (select * from {{ source("raw_landing", "notes") }}),

    renamed as (
        select
            cast(source as string) as source,
            cast({{ without_people("file_path") }} as string) as file_path,
            cast(row_number as bigint) as row_number,
            cast(kind as string) as kind,
            cast(severity as string) as severity,
            cast(severity_rank as bigint) as severity_rank,
            cast(title as string) as title,
            cast({{ without_people("message") }} as string) as message,
            cast({{ without_people("remedy") }} as string) as remedy,
            cast(affected_count as bigint) as affected_count,
            cast(amount as decimal(38, 12)) as amount,
            cast(amount_currency as string) as amount_currency,
            cast(first_seen_at_utc as timestamp) as first_seen_at_utc,
            cast(last_seen_at_utc as timestamp) as last_seen_at_utc
        from source
    )

select *
from renamed
