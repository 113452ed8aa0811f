"""Alerts as incidents of PagerDuty, which closes them when they are over.

Put here: the event. Keep out: posting (`alerting.posting`), trying again.
Source: PagerDuty's documentation of the Events API v2 (severity, `dedup_key` up to 255, `summary` up to
1024 characters).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from orchestration.alerting.delivery import AlertChannel, Send
from orchestration.alerting.notices import OVER, Digest, Notice
from orchestration.alerting.posting import post_json

VARIABLE, BASE_URL = "COSTOPS_ALERT_PAGERDUTY_ROUTING_KEY", "COSTOPS_ALERT_PAGERDUTY_BASE_URL"
API = "https://events.pagerduty.com"


def connect(variables: Mapping[str, str]) -> Send | None:
    """POSTs with the configured routing key; None without one."""
    key = variables.get(VARIABLE)
    base = (variables.get(BASE_URL) or API).rstrip("/")
    return partial(send, key=key, url=f"{base}/v2/enqueue") if key else None


def send(notice: Notice | Digest, *, key: str, url: str) -> None:
    """One event."""
    post_json(url, event(notice, key), idempotency_key=notice.notice_id, variable=VARIABLE)


def event(notice: Notice | Digest, key: str) -> dict[str, Any]:
    """An alert and its end share a key, so that the end closes the incident; a worse one updates it."""
    common = {"routing_key": key, "dedup_key": notice.alert_id[:255]}
    if notice.state == OVER:
        return {**common, "event_action": "resolve"}
    return {
        **common,
        "event_action": "trigger",
        "payload": {
            "summary": f"{notice.title}. {notice.message}"[:1024],
            "source": "costops",
            "severity": notice.severity,
            "custom_details": dict(notice.facts) | {"What to do": notice.what_to_do},
        },
    }


CHANNEL = AlertChannel("pagerduty", connect, (VARIABLE, BASE_URL), one_by_one=True)
