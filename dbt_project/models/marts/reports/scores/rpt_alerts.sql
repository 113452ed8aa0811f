select
    alert_id,
    rule,
    severity,
    subject_type,
    subject_id,
    owner,
    title,
    message,
    evidence,
    first_seen_at_utc,
    last_seen_at_utc,
    delivered_at_utc,
    delivered_to,
    acknowledged_at_utc,
    resolved_at_utc,
    resolution,
    acknowledged_at_utc is null and resolved_at_utc is null as is_open
from {{ source("alerts", "alerts") }}
