"""Alerts by e-mail: plain text, and HTML with a small chart.

Put here: one message. Keep out: the session (`alerting.mailing`), the page (`alerting.mail_page`), trying again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from functools import partial

from orchestration.alerting.delivery import AlertChannel, DeliveryError, Send
from orchestration.alerting.mail_page import mail_page
from orchestration.alerting.mailing import Server, deliver, one_line
from orchestration.alerting.notices import Digest, Notice

SERVER = Server.named("COSTOPS_ALERT_")
SENDER, RECIPIENTS, LINK = "COSTOPS_ALERT_EMAIL_FROM", "COSTOPS_ALERT_EMAIL_TO", "COSTOPS_ALERT_LINK_URL"
_ADDRESS = re.compile(r"[^@\s<>,;\r\n]+@[^@\s<>,;\r\n]+\Z")


def connect(variables: Mapping[str, str]) -> Send | None:
    """Sends through the configured server; None without one, or without a recipient."""
    return partial(send, variables=variables) if variables.get(SERVER.host) and variables.get(RECIPIENTS) else None


def send(notice: Notice | Digest, *, variables: Mapping[str, str]) -> None:
    """One message; its id is that of the notice, so that a second one is known as the same."""
    deliver(written(notice, variables), variables, SERVER, RECIPIENTS)


def written(notice: Notice | Digest, variables: Mapping[str, str]) -> EmailMessage:
    """The message with both its parts."""
    to = [part.strip() for part in re.split("[,;]", variables.get(RECIPIENTS, "")) if part.strip()]
    if not to or not all(_ADDRESS.match(each) for each in to):
        raise DeliveryError(f"email: {RECIPIENTS} is no list of addresses joined by commas", is_final=True)
    link = variables.get(LINK, "")
    message = EmailMessage()
    message["From"] = one_line(variables.get(SENDER) or variables.get(SERVER.user) or "costops@localhost")
    message["To"] = ", ".join(to)
    message["Subject"] = one_line(notice.title)[:200]
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{notice.notice_id}@costops>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [notice.title, "", notice.message, ""]
    lines += [f"{label}: {value}" for label, value in notice.facts]
    lines += ["", notice.what_to_do, *([link] if link else []), f"Seen? {notice.command}"]
    message.set_content("\n".join(lines))
    message.add_alternative(mail_page(notice, link), subtype="html")
    return message


CHANNEL = AlertChannel(
    "email",
    connect,
    (SERVER.host, SERVER.port, SERVER.user, SERVER.password, SERVER.security, SENDER, RECIPIENTS, LINK),
)
