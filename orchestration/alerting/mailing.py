"""One message to an SMTP server, and what the answer means.

Put here: the session. Keep out: what is written in it (`channels`, `reports.channels`), trying again.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage

from orchestration.alerting.delivery import DeliveryError

TIMEOUT_SECONDS = 30.0
SECURITIES = ("starttls", "tls", "none")


@dataclass(frozen=True)
class Server:
    """The variables that say where the server is and how it is spoken to; errors name them, never their values."""

    host: str
    port: str
    user: str
    password: str
    security: str

    @classmethod
    def named(cls, prefix: str) -> Server:
        """Those that begin so."""
        return cls(*(f"{prefix}SMTP_{part}" for part in ("HOST", "PORT", "USER", "PASSWORD", "SECURITY")))


def deliver(message: EmailMessage, variables: Mapping[str, str], server: Server, recipients: str) -> None:
    """Hand a message over. `recipients` says whose they are, for errors.

    Raises:
        DeliveryError: it did not arrive, or not everywhere.
    """
    security = (variables.get(server.security) or "starttls").lower()
    security = "tls" if security == "ssl" else security
    if security not in SECURITIES:
        raise DeliveryError(f"email: {server.security} is none of {', '.join(SECURITIES)}", is_final=True)
    try:
        port = int(variables.get(server.port) or (465 if security == "tls" else 587))
    except ValueError:
        raise DeliveryError(f"email: {server.port} is no number", is_final=True) from None
    try:
        with _session(variables[server.host], port, security) as session:
            if variables.get(server.user):
                session.login(variables[server.user], variables.get(server.password, ""))
            refused = session.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise DeliveryError(f"email: the server refuses {server.user} and {server.password}", is_final=True) from None
    except smtplib.SMTPRecipientsRefused:
        raise DeliveryError(f"email: the server refuses every recipient of {recipients}", is_final=True) from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"email: the server answered {error.smtp_code}", is_final=error.smtp_code >= 500) from None
    except (OSError, smtplib.SMTPException) as error:
        names = f"{server.host}, {server.port} and {server.security}"
        raise DeliveryError(f"email: {type(error).__name__}; check {names}") from None
    if refused:
        raise DeliveryError(f"email: {len(refused)} recipients were refused, the others have it", is_final=True)


def one_line(text: str) -> str:
    """No header ends in the middle."""
    return " ".join(text.split())


def _session(host: str, port: int, security: str) -> smtplib.SMTP:
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    session = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if security != "none":
        session.starttls(context=ssl.create_default_context())
    return session
