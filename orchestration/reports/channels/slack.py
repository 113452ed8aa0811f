"""Word of a report in Slack: by an incoming webhook, or with the file by a bot's token.

Put here: the message, the upload in Slack's three steps. Keep out: trying again.
Source: Slack's documentation of incoming webhooks, files.getUploadURLExternal and files.completeUploadExternal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from orchestration.alerting.delivery import DeliveryError
from orchestration.alerting.posting import post_json, quiet_http_log
from orchestration.reports.channels.model import Parcel, ReportChannel, Send, filled, only

WEBHOOK, TOKEN, BASE_URL = (
    "COSTOPS_REPORT_SLACK_WEBHOOK_URL", "COSTOPS_REPORT_SLACK_BOT_TOKEN", "COSTOPS_REPORT_SLACK_BASE_URL",
)  # fmt: skip
API = "https://slack.com/api"
TIMEOUT_SECONDS = 30.0
FIGURES_TOLD = 8
_FINAL = {
    "invalid_auth", "not_authed", "account_inactive", "token_revoked", "channel_not_found", "not_in_channel",
    "missing_scope", "is_archived",
}  # fmt: skip


def connect(variables: Mapping[str, str]) -> Send | None:
    """By token where there is one, else by webhook; None without either."""
    if variables.get(TOKEN):
        return partial(upload, token=variables[TOKEN], base_url=(variables.get(BASE_URL) or API).rstrip("/"))
    if variables.get(WEBHOOK):
        return partial(tell, url=variables[WEBHOOK])
    return None


def tell(parcel: Parcel, *, url: str) -> None:
    """The message alone: a webhook takes no files."""
    post_json(url, message(parcel), idempotency_key=parcel.parcel_id, variable=WEBHOOK)


def upload(parcel: Parcel, *, token: str, base_url: str) -> None:
    """The files with the message as their comment, in the schedule's channel (by its id)."""
    channel = str(parcel.options.get("channel_id") or "")
    if not channel:
        raise DeliveryError("slack: a bot's token needs channel_id in the schedule", is_final=True)
    uploaded = []
    for file in parcel.files:
        asked = _call(
            token, f"{base_url}/files.getUploadURLExternal", data={"filename": file.name, "length": len(file.content)}
        )
        _put(str(asked["upload_url"]), file.content)
        uploaded.append({"id": asked["file_id"], "title": file.name})
    _call(
        token,
        f"{base_url}/files.completeUploadExternal",
        json={"files": uploaded, "channel_id": channel, "initial_comment": message(parcel)["text"]},
    )


def message(parcel: Parcel) -> dict[str, Any]:
    """Text and blocks: a title, key figures, what changed."""
    told = filled(str(parcel.options.get("message") or ""), parcel)
    title = f"{parcel.title}: {parcel.period}" + (f" ({parcel.stamp})" if parcel.stamp else "")
    lines = [
        f"*{escaped(label)}*: {escaped(value)}{f' ({escaped(change)})' if change else ''}"
        for label, value, change in parcel.summary
    ]
    said = "\n".join(escaped(sentence) for sentence in parcel.said)
    text = "\n".join(part for part in (escaped(told), f"*{escaped(title)}*", *lines[:FIGURES_TOLD], said) if part)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": title[:150]}}]
    if told:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": escaped(told)[:3000]}})
    fields = [{"type": "mrkdwn", "text": line[:2000]} for line in lines[:FIGURES_TOLD]]
    if fields:
        blocks.append({"type": "section", "fields": fields})
    if said:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": said[:3000]}})
    body = {"text": text, "blocks": blocks}
    return body | ({"channel": parcel.options["channel_name"]} if parcel.options.get("channel_name") else {})


def escaped(text: str) -> str:
    """What Slack would read as a link, a mention or markup is text."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([*_~`])", "\\g<1>\u200b", safe)


def _call(token: str, url: str, **given: Any) -> dict[str, Any]:
    import requests

    try:
        with quiet_http_log():
            answer = requests.post(
                url,
                headers={"Authorization": f"Bearer {token}"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                **given,
            )
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise DeliveryError(f"slack: {type(error).__name__}") from None
    if not isinstance(found, dict) or not found.get("ok"):
        why = str(found.get("error", "")) if isinstance(found, dict) else ""
        said = why if re.fullmatch("[a-z_]{1,60}", why) else f"answered {answer.status_code}"
        asked = answer.headers.get("Retry-After", "")
        raise DeliveryError(
            f"slack: {said}; check {TOKEN}",
            is_final=why in _FINAL,
            wait_seconds=float(asked) if asked.isdigit() else 0.0,
        )
    return found


def _put(url: str, content: bytes) -> None:
    import requests

    try:
        with quiet_http_log():
            answer = requests.post(url, data=content, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise DeliveryError(f"slack: {type(error).__name__} while the file went up") from None
    if not 200 <= answer.status_code < 300:
        raise DeliveryError(f"slack: the upload was answered {answer.status_code}")


CHANNEL = ReportChannel(
    "slack",
    connect,
    (WEBHOOK, TOKEN, BASE_URL),
    lambda options: only(options, ("channel_id", "channel_name", "message")),
)
