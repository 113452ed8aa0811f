"""One JSON POST to an address that is a secret, and what the answer means.

Put here: the request. Keep out: bodies, trying again. The address is in no log and no error.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orchestration.alerting.delivery import DeliveryError

TIMEOUT_SECONDS = 10.0


def post_json(
    url: str,
    body: Mapping[str, Any],
    *,
    idempotency_key: str,
    variable: str,
    timeout_seconds: float = TIMEOUT_SECONDS,
    secret: str | None = None,
) -> None:
    """POST under an idempotency key; 429, 5xx and connection errors may be tried again, all else is final.

    Redirects are not followed: it goes where it was configured to go. `variable` is what an error says to check.
    With a `secret` it is signed: `X-Costops-Signature` is `sha256=` and the HMAC of `X-Costops-Timestamp`, a dot and
    the body.

    Raises:
        DeliveryError: it did not arrive.
    """
    import requests

    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
    if secret:
        sent_at = str(int(time.time()))
        signature = hmac.new(secret.encode(), f"{sent_at}.".encode() + data, hashlib.sha256).hexdigest()
        headers |= {"X-Costops-Timestamp": sent_at, "X-Costops-Signature": f"sha256={signature}"}
    try:
        with quiet_http_log():
            answer = requests.post(
                url,
                data=data,
                headers=headers,
                timeout=timeout_seconds,
                allow_redirects=False,
                stream=True,  # what it says beside the status is not read, however long it is
            )
            answer.close()
    except requests.RequestException as error:
        if isinstance(error, requests.ConnectionError | requests.Timeout):
            raise DeliveryError(f"webhook: {type(error).__name__}") from None
        raise DeliveryError(f"webhook: {type(error).__name__}; check {variable}", is_final=True) from None
    if 200 <= answer.status_code < 300:
        return
    problem = f"webhook answered {answer.status_code}"
    if answer.status_code != 429 and answer.status_code < 500:
        raise DeliveryError(f"{problem}; check {variable}", is_final=True)
    asked = answer.headers.get("Retry-After", "")
    raise DeliveryError(problem, wait_seconds=float(asked) if asked.isdigit() else 0.0)


@contextmanager
def quiet_http_log() -> Iterator[None]:
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
