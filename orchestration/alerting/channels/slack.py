"""Alerts in Slack, by an incoming webhook.

Put here: the message. Keep out: posting (`alerting.posting`), trying again.
Source: Slack's documentation of incoming webhooks and of Block Kit. Texts are of type `plain_text`: a name from outside
is never markup, and mentions nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from orchestration.alerting.delivery import AlertChannel, Send
from orchestration.alerting.notices import Digest, Notice
from orchestration.alerting.posting import post_json

VARIABLE = "COSTOPS_ALERT_SLACK_WEBHOOK_URL"
LONGEST_HEADER, LONGEST_TEXT, MOST_FIELDS = 150, 3000, 10


def connect(variables: Mapping[str, str]) -> Send | None:
    """POSTs to the configured address; None without one."""
    url = variables.get(VARIABLE)
    return partial(send, url=url) if url else None


def send(notice: Notice | Digest, *, url: str) -> None:
    """One message."""
    post_json(url, message(notice), idempotency_key=notice.notice_id, variable=VARIABLE)


def message(notice: Notice | Digest) -> dict[str, Any]:
    """The blocks, and the line that notifications show."""
    fields = [_text(f"{label}: {value}", 2000) for label, value in notice.facts][:MOST_FIELDS]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _text(notice.title, LONGEST_HEADER)},
        {"type": "section", "text": _text(notice.message, LONGEST_TEXT)},
    ]
    if fields:
        blocks.append({"type": "section", "fields": fields})
    if notice.what_to_do:
        blocks.append({"type": "context", "elements": [_text(f"{notice.what_to_do} {notice.command}", LONGEST_TEXT)]})
    return {"text": escaped(notice.title), "blocks": blocks}


def escaped(text: str) -> str:
    """Slack's three control characters, as it asks for them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(text: str, longest: int) -> dict[str, Any]:
    text = text.strip() or "-"
    return {"type": "plain_text", "text": text if len(text) <= longest else text[: longest - 1] + "…", "emoji": False}


CHANNEL = AlertChannel("slack", connect, (VARIABLE,))
