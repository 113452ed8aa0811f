"""Reports by e-mail, with the files attached.

Put here: one message and what the server's answer means. Keep out: trying again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from functools import partial
from typing import Any

from orchestration.alerting.mailing import Server, deliver, one_line
from orchestration.reports.channels.model import Parcel, ReportChannel, Send, filled, only

SERVER = Server.named("COSTOPS_REPORT_")
SENDER = "COSTOPS_REPORT_EMAIL_FROM"
_ADDRESS = re.compile(r"[^@\s<>,;\r\n]+@[^@\s<>,;\r\n]+\Z")


def connect(variables: Mapping[str, str]) -> Send | None:
    """Sends through the configured server; None without one."""
    return partial(send, variables=variables) if variables.get(SERVER.host) else None


def send(parcel: Parcel, *, variables: Mapping[str, str]) -> None:
    """One message; its id is that of the parcel, so that a second one is known as the same."""
    deliver(written(parcel, variables), variables, SERVER, "the schedule")


def written(parcel: Parcel, variables: Mapping[str, str]) -> EmailMessage:
    """The message with its attachments."""
    options = parcel.options
    message = EmailMessage()
    sender = variables.get(SENDER) or variables.get(SERVER.user) or "costops@localhost"
    message["From"] = sender
    message["To"] = ", ".join(options["to"])
    if options.get("cc"):
        message["Cc"] = ", ".join(options["cc"])
    message["Subject"] = one_line(filled(str(options.get("subject") or "{{ title }}: {{ period }}"), parcel))
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


def check(options: Mapping[str, Any]) -> str:
    """Recipients are needed."""
    if wrong := only(options, ("to", "cc", "subject", "body")):
        return wrong
    for name in ("to", "cc"):
        given = options.get(name, [])
        if not isinstance(given, list) or not all(isinstance(each, str) and _ADDRESS.match(each) for each in given):
            return f"{name} {given!r} is no list of addresses"
    return "" if options.get("to") else "to is empty; list at least one address"


CHANNEL = ReportChannel(
    "email", connect, (SERVER.host, SERVER.port, SERVER.user, SERVER.password, SENDER, SERVER.security), check
)
