select
    alert_id,
    rule,
    severity,
    subject_type,
    {{ without_people("subject_id") }} as subject_id,
    {{ without_people("owner") }} as owner,
    {{ without_people("title") }} as title,
    {{ without_people("message") }} as message,
    {{ without_people("evidence") }} as evidence,
    first_seen_at_utc,
    last_seen_at_utc,
    delivered_at_utc,
    delivered_to,
    acknowledged_at_utc,
    resolved_at_utc,
    {{ without_people("resolution") }} as resolution,
    acknowledged_at_utc is null and resolved_at_utc is null as is_open
from {{ source("alerts", "alerts") }}
