"""Names of fields that say when and by whom a call was made, in envelopes and in answers.

Put here: names. Keep out: reading.
"""

from __future__ import annotations

TIMES = (
    "timestamp",
    "requested_at_utc",
    "requested_at",
    "request_time",
    "start_time",
    "startTime",
    "time",
    "ts",
    "datetime_utc",
    "timestamp_ms",
    "@timestamp",
    "@t",
    "asctime",
    "datetime",
    "event_time",
    "eventTime",
    "started_at",
    "startedAt",
    "requestTime",
    "logged_at",
    "loggedAt",
)
"""Best first; the later ones are what loggers write by themselves."""
BODY_TIMES = ("created", "created_at", "createTime", "createdAt", "createdDate")
IDENTITY = (
    "account_id",
    "project_id",
    "workspace_id",
    "api_key_id",
    "user_id",
    "team_id",
    "customer_id",
    "feature",
    "environment",
    "session_id",
    "trace_id",
)
RESPONSE_IDS = ("id", "responseId", "response_id", "provider_response_id")
