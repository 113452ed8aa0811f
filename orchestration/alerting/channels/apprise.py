"""Alerts by what `apprise` knows: its addresses name a hundred services more.

Put here: handing over to it. Keep out: services that have a channel of their own, trying again.
It is an extra: `pip install llm-cost-ops[apprise]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from orchestration.alerting.delivery import AlertChannel, DeliveryError, Send
from orchestration.alerting.notices import OVER, Digest, Notice
from orchestration.alerting.posting import quiet_http_log

VARIABLE = "COSTOPS_ALERT_APPRISE_URLS"


def connect(variables: Mapping[str, str]) -> Send | None:
    """Notifies every configured address; None without one."""
    urls = variables.get(VARIABLE, "").split()
    return partial(send, urls=tuple(urls)) if urls else None


def send(notice: Notice | Digest, *, urls: tuple[str, ...]) -> None:
    """One notification, as plain text."""
    try:
        from apprise import Apprise, NotifyFormat, NotifyType  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise DeliveryError(f"apprise: {VARIABLE} needs it; install llm-cost-ops[apprise]", is_final=True) from None
    kinds = {"critical": NotifyType.FAILURE, "warning": NotifyType.WARNING, "info": NotifyType.INFO}
    service = Apprise()
    known = [service.add(url) for url in urls]
    if not all(known):
        raise DeliveryError(f"apprise: {VARIABLE} holds an address that it does not know", is_final=True)
    kind = NotifyType.SUCCESS if notice.state == OVER else kinds[notice.severity]
    body = f"{notice.message}\n{notice.what_to_do}\n{notice.command}"
    with quiet_http_log():
        arrived = service.notify(body=body, title=notice.title, notify_type=kind, body_format=NotifyFormat.TEXT)
    if not arrived:
        raise DeliveryError(f"apprise: not every address of {VARIABLE} took it")


CHANNEL = AlertChannel("apprise", connect, (VARIABLE,))
