{{ config(materialized="view") }}

select source, file_path, row_number, field, reason, message, original_record, quarantined_at_utc
from {{ ref("stg_landing__quarantined_rows") }}
