"""Alerts in Microsoft Teams, by a workflow's "when a webhook request is received".

Put here: the adaptive card. Keep out: posting (`alerting.posting`), trying again.
Source: Microsoft's documentation of workflows in Teams and of Adaptive Cards 1.4. What comes from outside stands in
`TextRun`s, which know no markup, and in facts with theirs taken out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from orchestration.alerting.delivery import AlertChannel, Send
from orchestration.alerting.notices import OVER, Digest, Notice
from orchestration.alerting.posting import post_json

VARIABLE = "COSTOPS_ALERT_TEAMS_WEBHOOK_URL"
COLOURS = {"critical": "attention", "warning": "warning", "info": "accent", OVER: "good"}
LONGEST_TEXT = 5000
_MARKUP = re.compile(r"([\\`*_\[\]()#>!~|<])")


def connect(variables: Mapping[str, str]) -> Send | None:
    """POSTs to the configured address; None without one."""
    url = variables.get(VARIABLE)
    return partial(send, url=url) if url else None


def send(notice: Notice | Digest, *, url: str) -> None:
    """One card."""
    post_json(url, message(notice), idempotency_key=notice.notice_id, variable=VARIABLE)


def message(notice: Notice | Digest) -> dict[str, Any]:
    """The card in the envelope that workflows expect."""
    colour = COLOURS[OVER if notice.state == OVER else notice.severity]
    body = [
        _block(notice.title, weight="bolder", size="medium", color=colour),
        *(_block(line) for line in notice.message[:LONGEST_TEXT].splitlines() if line.strip()),
        {
            "type": "FactSet",
            "facts": [{"title": plain_fact(label), "value": plain_fact(value)} for label, value in notice.facts],
        },
    ]
    if notice.what_to_do:
        body.append(_block(f"{notice.what_to_do} {notice.command}", isSubtle=True))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def plain_fact(text: str) -> str:
    """Facts know Markdown: what would be some is escaped."""
    return _MARKUP.sub(r"\\\1", text)


def _block(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


CHANNEL = AlertChannel("teams", connect, (VARIABLE,))
