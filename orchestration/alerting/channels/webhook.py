"""Alerts as a JSON POST to a webhook.

Put here: one request and what its answer means. Keep out: trying again (`alerting.delivery`), what is said.
The address is a secret: it is in no log, error or table.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from orchestration.alerting.delivery import AlertChannel, DeliveryError, Send
from orchestration.alerting.notices import Notice

VARIABLE = "COSTOPS_ALERT_WEBHOOK_URL"
TIMEOUT_SECONDS = 10.0


def connect(variables: Mapping[str, str]) -> Send | None:
    """POSTs to the configured address; None without one."""
    url = variables.get(VARIABLE)
    return partial(post, url=url) if url else None


def post(notice: Notice, *, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
    """POST the notice under its idempotency key; 429, 5xx and connection errors may be tried again, all else is final.

    Redirects are not followed: an alert goes where it was configured to go.
    """
    import requests

    body = json.dumps(notice.body()).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": notice.notice_id}
    try:
        with _quiet_http_log():
            answer = requests.post(
                url,
                data=body,
                headers=headers,
                timeout=timeout_seconds,
                allow_redirects=False,
                stream=True,  # what it says beside the status is not read, however long it is
            )
            answer.close()
    except requests.RequestException as error:
        if isinstance(error, requests.ConnectionError | requests.Timeout):
            raise DeliveryError(f"webhook: {type(error).__name__}") from None
        raise DeliveryError(f"webhook: {type(error).__name__}; check {VARIABLE}", is_final=True) from None
    if 200 <= answer.status_code < 300:
        return
    problem = f"webhook answered {answer.status_code}"
    if answer.status_code != 429 and answer.status_code < 500:
        raise DeliveryError(f"{problem}; check {VARIABLE}", is_final=True)
    asked = answer.headers.get("Retry-After", "")
    raise DeliveryError(problem, wait_seconds=float(asked) if asked.isdigit() else 0.0)


@contextmanager
def _quiet_http_log() -> Iterator[None]:
    """urllib3 writes host and path at debug level; both are part of the secret."""
    loggers = [logging.getLogger(name) for name in ("urllib3", "urllib3.connectionpool", "urllib3.util.retry")]
    levels = [log.level for log in loggers]
    for log in loggers:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(loggers, levels, strict=True):
            log.setLevel(level)


CHANNEL = AlertChannel("webhook", connect, (VARIABLE,))
