"""Telling people: a JSON POST to a webhook, or a line in the log.

Put here: sending and its retries. Keep out: rules, SQL.
The webhook's address is a secret: it is in no log, error or table.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from orchestration.alerting.store import mark_delivered, mark_recovery_told, undelivered_alerts, untold_recoveries

logger = logging.getLogger(__name__)

Sender = Callable[[Mapping[str, Any]], str]
"""Sends one row of `alerts.alerts`, returns the channel's name, raises DeliveryError."""


class DeliveryError(RuntimeError):
    """An alert could not be handed over. The text never holds the address."""


@dataclass(frozen=True)
class DeliveryParams:
    """Patience of the webhook sender."""

    timeout_seconds: float = 10.0
    attempts: int = 4
    backoff_seconds: float = 1.0
    longest_wait_seconds: float = 30.0


@dataclass(frozen=True)
class DeliveryReport:
    """What became of the undelivered alerts. `errors`: one text per failed alert."""

    delivered: int
    failed: int
    errors: tuple[str, ...] = ()


def make_sender(
    webhook_url: str | None, params: DeliveryParams | None = None, sleep: Callable[[float], None] = time.sleep
) -> Sender:
    """The webhook when an address is configured, else the log."""
    if not webhook_url:
        return send_to_log
    chosen = params or DeliveryParams()
    return lambda alert: send_to_webhook(alert, webhook_url, chosen, sleep)


def deliver_pending(connection: Any, send: Sender, *, now: datetime) -> DeliveryReport:
    """Send each undelivered alert, and once that an alert is over, and note it. `now`: naive UTC.

    A failed one stays undelivered for the next run and does not hold up the others. Killed between sending and
    noting, the next run sends again under the same `Idempotency-Key`; the row stays one.
    """
    delivered, errors = 0, []
    for alert in undelivered_alerts(connection):
        try:
            channel = send(alert)
        except DeliveryError as error:
            logger.error("alert %s was not delivered: %s", alert["alert_id"], error)
            errors.append(str(error))
            continue
        mark_delivered(connection, alert["alert_id"], delivered_to=channel, now=now)
        delivered += 1
    for alert in untold_recoveries(connection):
        try:
            send(alert)
        except DeliveryError as error:
            logger.error("the end of alert %s was not delivered: %s", alert["alert_id"], error)
            errors.append(str(error))
            continue
        mark_recovery_told(connection, alert["alert_id"], now=now)
        delivered += 1
    return DeliveryReport(delivered, len(errors), tuple(errors))


def payload(alert: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON body: `text` for chat tools that show only that, and every field for those that read more."""
    owner = f" Owner: {alert['owner']}." if alert.get("owner") else ""
    resolution = alert.get("resolution")
    text = f"[{alert['severity']}] {alert['title']}. {alert['message']}{owner}"
    return {
        "text": f"[over] {alert['title']}: {resolution}.{owner}" if resolution else text,
        "state": "over" if resolution else "open",
        "alert_id": alert["alert_id"],
        "rule": alert["rule"],
        "severity": alert["severity"],
        "subject_type": alert["subject_type"],
        "subject_id": alert["subject_id"],
        "owner": alert["owner"],
        "title": alert["title"],
        "message": alert["message"],
        "evidence": json.loads(alert["evidence"]),
        "first_seen_at_utc": alert["first_seen_at_utc"].isoformat(),
    }


def _idempotency_key(alert: Mapping[str, Any]) -> str:
    """One per notice: an alert and its end are two, and one that opens again is told anew."""
    if not alert.get("resolution"):
        return str(alert["alert_id"])
    return f"{alert['alert_id']}-over-{alert['resolved_at_utc']:%Y%m%dT%H%M%S}"


def send_to_log(alert: Mapping[str, Any]) -> str:
    """One warning line in the log."""
    body = payload(alert)
    logger.warning("alert %s %s", body["alert_id"], body["text"])
    return "log"


def send_to_webhook(
    alert: Mapping[str, Any], url: str, params: DeliveryParams, sleep: Callable[[float], None] = time.sleep
) -> str:
    """POST the alert; 429, 5xx and connection errors are tried again with doubling waits, anything else is final.

    Redirects are not followed: an alert goes where it was configured to go. Raises DeliveryError.
    """
    body = json.dumps(payload(alert)).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": _idempotency_key(alert)}
    problem = "no attempt was made"
    for attempt in range(params.attempts):
        wait = params.backoff_seconds * 2**attempt
        try:
            with _quiet_http_log():
                answer = requests.post(
                    url,
                    data=body,
                    headers=headers,
                    timeout=params.timeout_seconds,
                    allow_redirects=False,
                    stream=True,  # what it says beside the status is not read, however long it is
                )
                answer.close()
        except requests.RequestException as error:
            problem = f"webhook: {type(error).__name__}"
            if not isinstance(error, requests.ConnectionError | requests.Timeout):
                raise DeliveryError(f"{problem}; check COSTOPS_ALERT_WEBHOOK_URL") from None
        else:
            if 200 <= answer.status_code < 300:
                return "webhook"
            problem = f"webhook answered {answer.status_code}"
            if answer.status_code != 429 and answer.status_code < 500:
                raise DeliveryError(f"{problem}; check COSTOPS_ALERT_WEBHOOK_URL")
            wait = max(wait, _retry_after_seconds(answer))
        if attempt + 1 < params.attempts:
            sleep(min(wait, params.longest_wait_seconds))
    raise DeliveryError(f"{problem} after {params.attempts} attempts; it will be tried again at the next run")


def _retry_after_seconds(answer: requests.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0


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
