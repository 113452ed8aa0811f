"""Alerts as warning lines of the log, where no other channel is configured.

Put here: that line. Keep out: what is said (`alerting.notices`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from orchestration.alerting.delivery import AlertChannel, Send
from orchestration.alerting.notices import Digest, Notice

logger = logging.getLogger(__name__)


def send(notice: Notice | Digest) -> None:
    """One warning line in the log."""
    logger.warning("alert %s %s", notice.alert_id, notice.text)


def connect(_: Mapping[str, str]) -> Send:
    """It needs nothing."""
    return send


CHANNEL = AlertChannel("log", connect, for_want_of_another=True)
