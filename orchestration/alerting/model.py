"""The vocabulary of alerts: what a rule looks at, what it says, when that is over.

Put here: these types. Keep out: rules (`rules`), sending (`channels`), SQL (`store`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from orchestration.alerting.owners import Owners
from orchestration.alerting.rulebook import RuleBook

SEVERITIES = ("critical", "warning", "info")
"""Most pressing first."""
Row = Mapping[str, Any]
"""One row of a table; what is missing is None."""


@dataclass(frozen=True)
class AlertDraft:
    """An alert that holds now. The same problem has the same `alert_id` in every run.

    `is_new` is false where it is stored already: then only its last sighting changes.
    """

    alert_id: str
    rule: str
    severity: str
    subject_type: str
    subject_id: str
    owner: str | None
    title: str
    message: str
    evidence: dict[str, Any] = field(default_factory=dict)
    is_new: bool = True


@dataclass(frozen=True)
class Recovery:
    """An open alert whose state is over. `is_told` is false where another alert says more already.

    `may_return`: it is a measurement that fell and may rise again, so the alert stays open for a while.
    """

    alert_id: str
    resolution: str
    is_told: bool = True
    may_return: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class AlertParams:
    """Settings of the rules; units are in the names.

    `alert_at_pct`: budget utilisation that makes an alert where a budget names no thresholds of its own.
    `warning_from_pct`, `critical_from_pct`: from which threshold on an alert is a warning, or critical; `info` below.
    `projection_days`: days of a period (a quarter of it, if that is less) before a projection is taken seriously.
    `root_cause_ratio`: the most specific scope that holds this share of the broadest impact is named as the cause.
    `incident_gap_days`: flagged days at most this far apart are one incident (a weekend lies in between).
    """

    alert_at_pct: tuple[Decimal, ...] = (Decimal(75), Decimal(90), Decimal(100))
    warning_from_pct: Decimal = Decimal(80)
    critical_from_pct: Decimal = Decimal(100)
    lookback_days: int = 7
    projection_days: int = 7
    alert_severities: tuple[str, ...] = ("warning", "critical")
    root_cause_ratio: float = 0.5
    incident_gap_days: int = 3
    default_owner: str | None = None


@dataclass(frozen=True)
class Situation:
    """What rules are asked about: the day after the last that is complete, the tables they read, who owns what."""

    as_of: date
    tables: Mapping[str, Sequence[Row]]
    """Rows by `schema.table`; one that cannot be read is not in it."""
    existing: Mapping[str, Row] = field(default_factory=dict)
    """Rows of `alerts.alerts` by id."""
    owners: Owners = field(default_factory=Owners)
    params: AlertParams = field(default_factory=AlertParams)
    book: RuleBook = field(default_factory=RuleBook)
    """What the home says about its alerts."""
    now: datetime | None = None
    """Naive UTC; without it an alert that may return is over at once."""

    def rows(self, table: str) -> Sequence[Row]:
        """The rows of a table; none where it is empty or not there."""
        return self.tables.get(table, ())


def no_longer_holds(alert: Row, _: Situation, __: Collection[AlertDraft]) -> Recovery:
    """The plainest end of an alert: its rule does not raise it any more."""
    return Recovery(str(alert["alert_id"]), "it no longer holds", may_return=True)


@dataclass(frozen=True)
class AlertRule:
    """A rule: a pure function of the situation. `RULE` of each module in `alerting/rules/` is one."""

    name: str
    reads: tuple[str, ...]
    """The tables it looks at, as `schema.table`: they are in the situation when it is asked, and built before."""
    holding: Callable[[Situation], Iterable[AlertDraft]]
    """Every alert that holds now, each under the name of this rule."""
    ending: Callable[[Row, Situation, Collection[AlertDraft]], Recovery | None] = no_longer_holds
    """Why an open alert is over that no longer holds; given it and all that hold. None where nothing is known."""
    query: str | None = None
    """SQL whose rows it is shown under its own name, instead of the whole tables; `$as_of` is the situation's day."""
    yields_to: tuple[str, ...] = ()
    """Rules that say more of the same subject: where one of them speaks, this one does not."""

    helped_by: tuple[str, ...] = ()
    """Tables it looks at where they are there, as `schema.table`: it is asked without them too."""
    given: tuple[str, ...] = ()
    """What it looks at that is in no table; whoever asks hands it in."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What a home's rows may change, by column of the rule file."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names under which the situation holds what it looks at."""
        return (self.name,) if self.query else (*self.reads, *self.given)


def day_of(value: Any) -> date:
    """A date, also of an instant."""
    return value.date() if isinstance(value, datetime) else value


def decimal_of(value: object) -> Decimal:
    """An amount, exactly."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def text_of(value: object) -> str | None:
    """Text, or None where there is none."""
    return None if value is None else str(value)
