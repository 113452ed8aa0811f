"""What is said of an alert: that it holds, that it got worse, that it is over; each once to every channel.

Put here: a notice, its key and its words, several notices as one message. Keep out: which are due (`deliveries`,
`outbox`), how they travel (`channels`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ml.identity import stable_id
from orchestration.alerting.model import SEVERITIES, Row

OPEN, WORSE, OVER = "open", "worse", "over"
FACTS = {
    "value": "Value",
    "threshold": "Alert from",
    "amount_usd": "Amount, USD",
    "spend_to_date_usd": "Spent, USD",
    "impact_usd": "Above expectation, USD",
    "scope_type": "Applies to",
    "scope_id": "Which",
}
"""What of the evidence a message shows, and how it is called."""
SINCE = ("first_date", "crossed_on", "since")
"""What of the evidence says when it began."""
_ADDRESS = re.compile(r"[\w.+-]+@(?=[\w-]+(\.[\w-]+)+)")


def masked(text: object) -> str:
    """Text without whose address it is: chat rooms and mailboxes have other readers than the warehouse."""
    return _ADDRESS.sub("***@", str(text))


@dataclass(frozen=True)
class Notice:
    """One thing to tell: `alert` is a row of `alerts.alerts`, `state` is `open`, `worse` or `over`."""

    alert: Row
    state: str

    @property
    def alert_id(self) -> str:
        """The alert it is about."""
        return str(self.alert["alert_id"])

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Itself: what a message of several has more of."""
        return (self,)

    @property
    def notice_id(self) -> str:
        """Its idempotency key: an alert and its end are two notices, and one that opens again is told anew."""
        if self.state == OVER:
            return f"{self.alert_id}-over-{self.alert['resolved_at_utc']:%Y%m%dT%H%M%S}"
        if self.state == WORSE:
            return f"{self.alert_id}-worse-{self.alert['escalated_at_utc']:%Y%m%dT%H%M%S}"
        opened = self.alert.get("opened_at_utc") or self.alert["first_seen_at_utc"]
        is_first = opened == self.alert["first_seen_at_utc"]
        return self.alert_id if is_first else f"{self.alert_id}-open-{opened:%Y%m%dT%H%M%S}"

    @property
    def severity(self) -> str:
        """That of its alert."""
        return str(self.alert["severity"])

    @property
    def evidence(self) -> dict[str, Any]:
        """What the alert rests on."""
        found: dict[str, Any] = json.loads(masked(self.alert.get("evidence") or "{}"))
        return found

    @property
    def title(self) -> str:
        """Its first line."""
        mark = {OVER: "over", WORSE: f"now {self.severity}"}.get(self.state, self.severity)
        return f"[{mark}] {masked(self.alert['title'])}"

    @property
    def message(self) -> str:
        """What is the matter, or why it no longer is."""
        if self.state == OVER:
            return f"{masked(self.alert['resolution'])}."
        over = self.alert.get("resolved_at_utc")
        late = f" It was over at {over:%Y-%m-%d %H:%M} UTC: {self.alert['resolution']}." if over else ""
        return f"{masked(self.alert['message'])}{late}"

    @property
    def what_to_do(self) -> str:
        """The next step of whoever reads it."""
        return "" if self.state == OVER else str(self.evidence.get("what_to_do") or "See what drives it: costops why.")

    @property
    def command(self) -> str:
        """How it is told that somebody has seen it."""
        return f"costops alerts ack {self.alert_id[:12]}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Figures and dates, each under its name."""
        seen = self.alert.get("opened_at_utc") or self.alert["first_seen_at_utc"]
        evidence = self.evidence
        found = [(label, str(evidence[name])) for name, label in FACTS.items() if evidence.get(name)]
        since = next((str(evidence[name]) for name in SINCE if evidence.get(name)), None)
        found += [("Since", since)] if since else []
        found.append(("Seen first", f"{seen:%Y-%m-%d %H:%M} UTC"))
        if self.alert.get("owner"):
            found.append(("Owner", str(self.alert["owner"])))
        return found

    @property
    def text(self) -> str:
        """It in one line."""
        owner = f" Owner: {self.alert['owner']}." if self.alert.get("owner") else ""
        if self.state == OVER:
            return f"{self.title}: {self.message}{owner}"
        return f"{self.title}. {self.message}{owner}"

    def body(self) -> dict[str, Any]:
        """`text` for tools that show only that, and every field for those that read more."""
        names = ("alert_id", "rule", "severity", "subject_type", "owner")
        said = ("subject_id", "title", "message")
        return {
            "text": self.text,
            "state": self.state,
            **{name: self.alert[name] for name in names},
            **{name: masked(self.alert[name]) for name in said},
            "evidence": self.evidence,
            "first_seen_at_utc": self.alert["first_seen_at_utc"].isoformat(),
        }


@dataclass(frozen=True)
class Digest:
    """Several notices as one message: what is of little weight, or more than anybody reads one by one."""

    notices: Sequence[Notice]

    state = OPEN
    command = "costops alerts list"
    what_to_do = "See them one by one: costops alerts list."

    @property
    def alert_id(self) -> str:
        """It stands for no alert of its own."""
        return self.notice_id

    @property
    def notice_id(self) -> str:
        """The same notices make the same key."""
        return f"digest-{stable_id('digest', *sorted(each.notice_id for each in self.notices))}"

    @property
    def severity(self) -> str:
        """The most pressing one."""
        return min((each.severity for each in self.notices), key=SEVERITIES.index)

    @property
    def evidence(self) -> dict[str, Any]:
        """None of its own."""
        return {}

    @property
    def title(self) -> str:
        """Its first line."""
        return f"[{self.severity}] {len(self.notices)} alerts"

    @property
    def message(self) -> str:
        """Each in one line."""
        return "\n".join(each.text for each in self.notices)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """How many of each."""
        counted = [(name, sum(each.severity == name for each in self.notices)) for name in SEVERITIES]
        return [(name.capitalize(), str(number)) for name, number in counted if number]

    @property
    def text(self) -> str:
        """All of it as text."""
        return f"{self.title}\n{self.message}"

    def body(self) -> dict[str, Any]:
        """`text`, and each notice with every field."""
        return {
            "text": self.text,
            "state": "digest",
            "severity": self.severity,
            "alerts": [each.body() for each in self.notices],
        }
