"""What goes wrong on demand: failures at random or as scripted, refusals, growing and restated figures.

Put here: deciding whether a request fails, and how. Keep out: how a failure looks (`endpoint`), the figures
(`visibility`).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from ingestion.demo.providers.visibility import Restatement

KINDS = (
    "error_500",
    "error_503",
    "too_many_requests",
    "cut",
    "slow",
    "hang",
    "html",
    "bad_utf8",
    "half_json",
)
"""What can happen to a request:

error_500, error_503: the provider's error body. too_many_requests: 429 with its retry headers. cut: the right
answer, cut in mid-body. slow: the right answer after `slow_seconds`. hang: nothing for `hang_seconds`, then the
connection closes. html: a proxy's 502 page. bad_utf8: 200 with a body that is no text. half_json: 200, a complete
transfer of half the answer.
"""
RANDOM_KINDS = ("error_500", "error_503", "too_many_requests", "cut")


@dataclass
class ScriptedFault:
    """The next `times` requests whose endpoint contains `endpoint`, after `skip` of them, meet `kind`."""

    endpoint: str
    kind: str
    times: int = 1
    skip: int = 0

    def __post_init__(self) -> None:
        _check(self.kind)


def _check(*kinds: str) -> None:
    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"there is no fault {kind!r}: choose from {', '.join(KINDS)}")


@dataclass
class Faults:
    """Everything that can be made to go wrong; by default nothing does.

    failure_rate: the share of requests that fail at random with one of `kinds`, the same for the same `seed`
        and order of requests, but never more than `max_in_a_row` times for one and the same request.
    retry_after_seconds: what `retry-after` says (Azure: the longest of its headers).
    refused_group_by: sets of fields which the cost and usage endpoints refuse together with 400.
    refused_page_tokens: that many of the next page tokens count as expired (400).
    absent_endpoints: endpoints that answer 404.
    lost_days: days of which reports no longer show anything.
    growth_days, restatement: see `visibility`.
    """

    seed: int = 7
    failure_rate: float = 0.0
    kinds: tuple[str, ...] = RANDOM_KINDS
    max_in_a_row: int = 3
    retry_after_seconds: int = 0
    slow_seconds: float = 0.3
    hang_seconds: float = 30.0
    scripted: list[ScriptedFault] = field(default_factory=list)
    refused_group_by: tuple[tuple[str, ...], ...] = ()
    refused_page_tokens: int = 0
    absent_endpoints: tuple[str, ...] = ()
    growth_days: float = 0.0
    restatement: Restatement | None = None
    lost_days: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.failure_rate <= 1:
            raise ValueError(f"failure_rate is a share between 0 and 1, got {self.failure_rate}")
        _check(*self.kinds)
        self._number = 0
        self._in_a_row: Counter[str] = Counter()

    @classmethod
    def of(cls, values: dict[str, Any]) -> Faults:
        """Faults from JSON values, as the control endpoint takes them.

        Raises:
            ValueError: an unknown name or an impossible value.
        """
        known = {one.name for one in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(f"unknown faults: {', '.join(unknown)}")
        read = dict(values)
        for name in ("kinds", "absent_endpoints"):
            if name in read:
                read[name] = tuple(read[name])
        if "refused_group_by" in read:
            read["refused_group_by"] = tuple(tuple(one) for one in read["refused_group_by"])
        if "scripted" in read:
            read["scripted"] = [ScriptedFault(**one) for one in read["scripted"]]
        if "lost_days" in read:
            read["lost_days"] = tuple(date.fromisoformat(day) for day in read["lost_days"])
        if read.get("restatement"):
            period = read["restatement"]
            read["restatement"] = Restatement(
                date.fromisoformat(period["first"]),
                date.fromisoformat(period["last"]),
                datetime.fromisoformat(period["corrected_at"]),
            )
        return cls(**read)

    def decide(self, endpoint: str, request: str) -> str | None:
        """What happens to this request: a kind, or None. `request` is the same text for the same request."""
        for fault in self.scripted:
            if fault.times > 0 and fault.endpoint in endpoint:
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault.kind
        if not self.failure_rate or not self.kinds:
            return None
        self._number += 1
        drawn = random.Random(f"{self.seed}|{self._number}")
        if drawn.random() >= self.failure_rate or self._in_a_row[request] >= self.max_in_a_row:
            self._in_a_row.pop(request, None)
            return None
        self._in_a_row[request] += 1
        return drawn.choice(self.kinds)

    def refuses(self, group_by: list[str]) -> tuple[str, ...] | None:
        """The refused set of fields that is asked for, if any."""
        return next((one for one in self.refused_group_by if set(one) <= set(group_by)), None)

    def expires_page_token(self) -> bool:
        """Whether this page token counts as expired; counts down."""
        if self.refused_page_tokens <= 0:
            return False
        self.refused_page_tokens -= 1
        return True
