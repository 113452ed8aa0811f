"""Word of a report as a JSON POST: report_id, report_type, period, url, and its key figures.

Put here: the body. Keep out: posting (`alerting.channels.webhook`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from orchestration.alerting.posting import post_json
from orchestration.reports.channels.model import Parcel, ReportChannel, Send, only

VARIABLE = "COSTOPS_REPORT_WEBHOOK_URL"


def connect(variables: Mapping[str, str]) -> Send | None:
    """POSTs to the configured address; None without one."""
    return partial(send, url=variables[VARIABLE]) if variables.get(VARIABLE) else None


def send(parcel: Parcel, *, url: str) -> None:
    """One request under the parcel's idempotency key."""
    post_json(url, body(parcel), idempotency_key=parcel.parcel_id, variable=VARIABLE)


def body(parcel: Parcel) -> dict[str, Any]:
    """What is said; `url` is where the file lies."""
    return {
        "report_id": parcel.report_id,
        "report_type": parcel.template,
        "title": parcel.title,
        "period": parcel.period,
        "from": parcel.first.isoformat(),
        "to": parcel.last.isoformat(),
        "url": str(parcel.options.get("url") or f"file://{parcel.path}"),
        "stamp": parcel.stamp,
        "summary": [{"label": label, "value": value, "change": change} for label, value, change in parcel.summary],
    }


CHANNEL = ReportChannel("webhook", connect, (VARIABLE,), lambda options: only(options, ("url",)))
