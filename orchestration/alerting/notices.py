"""What is said of an alert: that it holds, or that it is over; each once to every channel.

Put here: a notice, its key and its words. Keep out: which are due (`deliveries`), how they travel (`channels`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from orchestration.alerting.model import Row

OPEN, OVER = "open", "over"


@dataclass(frozen=True)
class Notice:
    """One thing to tell: `alert` is a row of `alerts.alerts`, `state` is `open` or `over`."""

    alert: Row
    state: str

    @property
    def alert_id(self) -> str:
        """The alert it is about."""
        return str(self.alert["alert_id"])

    @property
    def notice_id(self) -> str:
        """Its idempotency key: an alert and its end are two notices, and one that opens again is told anew."""
        if self.state == OVER:
            return f"{self.alert_id}-over-{self.alert['resolved_at_utc']:%Y%m%dT%H%M%S}"
        opened = self.alert.get("opened_at_utc") or self.alert["first_seen_at_utc"]
        is_first = opened == self.alert["first_seen_at_utc"]
        return self.alert_id if is_first else f"{self.alert_id}-open-{opened:%Y%m%dT%H%M%S}"

    @property
    def text(self) -> str:
        """It in one line."""
        owner = f" Owner: {self.alert['owner']}." if self.alert.get("owner") else ""
        if self.state == OVER:
            return f"[over] {self.alert['title']}: {self.alert['resolution']}.{owner}"
        return f"[{self.alert['severity']}] {self.alert['title']}. {self.alert['message']}{owner}"

    def body(self) -> dict[str, Any]:
        """`text` for tools that show only that, and every field for those that read more."""
        names = ("alert_id", "rule", "severity", "subject_type", "subject_id", "owner", "title", "message")
        return {
            "text": self.text,
            "state": self.state,
            **{name: self.alert[name] for name in names},
            "evidence": json.loads(self.alert["evidence"]),
            "first_seen_at_utc": self.alert["first_seen_at_utc"].isoformat(),
        }
