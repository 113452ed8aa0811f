"""What a channel of reports is, and what it is handed.

Put here: both. Keep out: channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

MEDIA_TYPES = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".md": "text/markdown",
    ".csv": "text/csv",
}


@dataclass(frozen=True)
class Attached:
    """A file that goes along."""

    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        """By its ending."""
        return MEDIA_TYPES.get(self.name[self.name.rfind(".") :], "application/octet-stream")


@dataclass(frozen=True)
class Parcel:
    """A report on its way. The same parcel may come again under the same `parcel_id`."""

    parcel_id: str
    report_id: str
    template: str
    title: str
    subtitle: str
    period: str
    first: date
    last: date
    stamp: str
    summary: Sequence[tuple[str, str, str]]
    """Key figures: label, value, change."""
    said: Sequence[str]
    """The sentences of what changed."""
    files: Sequence[Attached]
    """The report first."""
    path: str
    """Where the file lies at home."""
    options: Mapping[str, Any]
    """What the schedule gives for this channel."""


Send = Callable[[Parcel], None]
"""Hands a parcel over, or raises `alerting.delivery.DeliveryError`, whose text never holds an address or a key."""


@dataclass(frozen=True)
class ReportChannel:
    """A way a report reaches people. `connect(variables)`: from `COSTOPS_REPORT_*` to how it sends; None where its
    variables are not set. `check(options)`: what is wrong with what a schedule gives, in words, or nothing."""

    name: str
    connect: Callable[[Mapping[str, str]], Send | None]
    variables: tuple[str, ...]
    check: Callable[[Mapping[str, Any]], str]


def only(options: Mapping[str, Any], known: Sequence[str]) -> str:
    """Names of options that nothing reads, in words."""
    unknown = sorted(set(options) - set(known))
    return f"{', '.join(unknown)} is read by nothing; known: {', '.join(known)}" if unknown else ""


def filled(text: str, parcel: Parcel) -> str:
    """`{{ period }}`, `{{ title }}`, `{{ year }}` and `{{ month }}` in a subject, a message or a key."""
    values = {
        "period": parcel.period,
        "title": parcel.title,
        "year": f"{parcel.first:%Y}",
        "month": f"{parcel.first:%m}",
        "template": parcel.template,
    }
    for name, value in values.items():
        text = text.replace("{{ " + name + " }}", value).replace("{{" + name + "}}", value)
    return text
