"""Reports by e-mail, with the files attached.

Put here: one message and what the server's answer means. Keep out: trying again.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from functools import partial
from typing import Any

from orchestration.alerting.delivery import DeliveryError
from orchestration.reports.channels.model import Parcel, ReportChannel, Send, filled, only

HOST, PORT, USER, PASSWORD, SENDER, SECURITY = (
    "COSTOPS_REPORT_SMTP_HOST", "COSTOPS_REPORT_SMTP_PORT", "COSTOPS_REPORT_SMTP_USER", "COSTOPS_REPORT_SMTP_PASSWORD",
    "COSTOPS_REPORT_EMAIL_FROM", "COSTOPS_REPORT_SMTP_SECURITY",
)  # fmt: skip
TIMEOUT_SECONDS = 30.0
_ADDRESS = re.compile(r"[^@\s<>,;\r\n]+@[^@\s<>,;\r\n]+\Z")


def connect(variables: Mapping[str, str]) -> Send | None:
    """Sends through the configured server; None without one."""
    return partial(send, variables=variables) if variables.get(HOST) else None


def send(parcel: Parcel, *, variables: Mapping[str, str]) -> None:
    """One message; its id is that of the parcel, so that a second one is known as the same."""
    message = written(parcel, variables)
    security = variables.get(SECURITY) or "starttls"
    try:
        port = int(variables.get(PORT) or (465 if security == "tls" else 587))
    except ValueError:
        raise DeliveryError(f"email: {PORT} is no number", is_final=True) from None
    try:
        with _session(variables[HOST], port, security) as session:
            if variables.get(USER):
                session.login(variables[USER], variables.get(PASSWORD, ""))
            refused = session.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise DeliveryError(f"email: the server refuses {USER} and {PASSWORD}", is_final=True) from None
    except smtplib.SMTPRecipientsRefused:
        raise DeliveryError("email: the server refuses every recipient of the schedule", is_final=True) from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"email: the server answered {error.smtp_code}", is_final=error.smtp_code >= 500) from None
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"email: {type(error).__name__}; check {HOST}, {PORT} and {SECURITY}") from None
    if refused:
        raise DeliveryError(f"email: {len(refused)} recipients were refused, the others have it", is_final=True)


def written(parcel: Parcel, variables: Mapping[str, str]) -> EmailMessage:
    """The message with its attachments."""
    options = parcel.options
    message = EmailMessage()
    sender = variables.get(SENDER) or variables.get(USER) or "costops@localhost"
    message["From"] = sender
    message["To"] = ", ".join(options["to"])
    if options.get("cc"):
        message["Cc"] = ", ".join(options["cc"])
    message["Subject"] = _line(filled(str(options.get("subject") or "{{ title }}: {{ period }}"), parcel))
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{parcel.parcel_id}@costops>"
    body = [filled(str(options["body"]), parcel), ""] if options.get("body") else []
    body += [f"{parcel.title}, {parcel.period}", *([parcel.stamp.upper()] if parcel.stamp else []), ""]
    body += [f"{label}: {value}{f' ({change})' if change else ''}" for label, value, change in parcel.summary]
    body += ["", *parcel.said]
    message.set_content("\n".join(body))
    for file in parcel.files:
        kind, _, subkind = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subkind, filename=file.name)
    return message


def _session(host: str, port: int, security: str) -> smtplib.SMTP:
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    session = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if security != "none":
        session.starttls(context=ssl.create_default_context())
    return session


def _line(text: str) -> str:
    """No header ends in the middle."""
    return " ".join(text.split())


def check(options: Mapping[str, Any]) -> str:
    """Recipients are needed."""
    if wrong := only(options, ("to", "cc", "subject", "body")):
        return wrong
    for name in ("to", "cc"):
        given = options.get(name, [])
        if not isinstance(given, list) or not all(isinstance(each, str) and _ADDRESS.match(each) for each in given):
            return f"{name} {given!r} is no list of addresses"
    return "" if options.get("to") else "to is empty; list at least one address"


CHANNEL = ReportChannel("email", connect, (HOST, PORT, USER, PASSWORD, SENDER, SECURITY), check)
