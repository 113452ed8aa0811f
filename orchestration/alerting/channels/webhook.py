"""Alerts as a JSON POST to a webhook.

Put here: what is posted. Keep out: posting (`alerting.posting`), trying again (`alerting.delivery`), what is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from orchestration.alerting.delivery import AlertChannel, Send
from orchestration.alerting.notices import Digest, Notice
from orchestration.alerting.posting import TIMEOUT_SECONDS, post_json

VARIABLE, SECRET = "COSTOPS_ALERT_WEBHOOK_URL", "COSTOPS_ALERT_WEBHOOK_SECRET"


def connect(variables: Mapping[str, str]) -> Send | None:
    """POSTs to the configured address; None without one."""
    url = variables.get(VARIABLE)
    return partial(post, url=url, secret=variables.get(SECRET)) if url else None


def post(
    notice: Notice | Digest, *, url: str, secret: str | None = None, timeout_seconds: float = TIMEOUT_SECONDS
) -> None:
    """POST the notice under its idempotency key, signed where there is a secret."""
    post_json(
        url,
        notice.body(),
        idempotency_key=notice.notice_id,
        variable=VARIABLE,
        timeout_seconds=timeout_seconds,
        secret=secret,
    )


CHANNEL = AlertChannel("webhook", connect, (VARIABLE, SECRET))
