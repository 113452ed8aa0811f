"""Closes a month and opens it again: the acts that write to the ledger.

Put here: the order of steps. Keep out: questions and tables (`orchestration.commands.closing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

from ingestion.config import Settings
from ingestion.sources.ledger.records import Record, read_ledger, write_record
from orchestration.closing.periods import name_of
from orchestration.closing.readiness import UNFORCED, Check, blocking, check_period, may_be_forced
from orchestration.closing.statement import Statement, read_statement
from orchestration.home.lock import hold_home
from orchestration.home.paths import prepare_home


class CloseRefusedError(RuntimeError):
    """The month cannot be closed or opened; the message gives the reasons."""


@dataclass(frozen=True)
class Proposal:
    """What closing a month would freeze, and what speaks against it."""

    statement: Statement
    checks: Sequence[Check]

    @property
    def reasons(self) -> list[str]:
        """Why the month may not be closed, one line each."""
        return [check.words for check in blocking(self.checks)]

    @property
    def remedy(self) -> str:
        """What may be done about the reasons."""
        if may_be_forced(self.checks):
            return 'Mend these, or close it nevertheless: --force --reason "..."'
        firm = [check.name for check in blocking(self.checks) if check.name in UNFORCED]
        return "\n".join(f"{name} cannot be forced: {UNFORCED[name]}" for name in firm)


def propose(settings: Settings, period: date, now: datetime) -> Proposal:
    """Read the statement of a month as published and check it.

    Raises:
        CloseRefusedError: it is closed already.
        NothingPublishedError: no run has published yet.
    """
    ledger = read_ledger(settings.ledger_dir)
    if name_of(period) in ledger.closed:
        raise CloseRefusedError(
            f"{name_of(period)} is closed. What changed since is a correction in the next open month; "
            f"to close it anew: costops reopen {name_of(period)} --reason ..."
        )
    return Proposal(read_statement(settings, period), check_period(settings, period, ledger, now))


def close_period(
    settings: Settings, period: date, now: datetime, reason: str | None = None, shown: Proposal | None = None
) -> Record:
    """Freeze the statement of a month in the ledger; `reason` closes it in spite of failed checks and is kept.

    `shown` is what was agreed to: nothing else is frozen.

    Raises:
        CloseRefusedError: a check speaks against it and no reason is given, the ledger is damaged, or figures or
            failed checks are no longer those of `shown`.
        HomeIsBusyError: a run holds the home, so that what is published may be about to change.
    """
    prepare_home(settings)
    with hold_home(settings):
        proposal = propose(settings, period, now)
        if shown and (proposal.statement.digest, proposal.reasons) != (shown.statement.digest, shown.reasons):
            raise CloseRefusedError(
                f"the figures of {name_of(period)} changed since they were shown; look again: "
                f"costops close {name_of(period)}"
            )
        if not may_be_forced(proposal.checks):
            raise CloseRefusedError("\n".join(proposal.reasons))
        if proposal.reasons and not reason:
            raise CloseRefusedError("\n".join(proposal.reasons))
        statement = proposal.statement
        return _write(
            settings,
            "close",
            period,
            statement.files(),
            {
                "closed_at_utc": _instant(now),
                "forced_reason": reason if proposal.reasons else None,
                "checks": [_facts(check) for check in proposal.checks],
                "totals": {
                    "amount_usd": format(statement.amount_usd, "f"),
                    "statement_amount_usd": format(statement.statement_amount_usd, "f"),
                    "correction_usd": format(statement.correction_usd, "f"),
                    "cost_centers": len(statement.cost_centers),
                    "lines": len(statement.lines),
                    "unknown_cost_item_count": statement.unknown_cost_item_count,
                },
                "program_version": version("llm-cost-ops"),
            },
        )


def reopen_period(settings: Settings, period: date, now: datetime, reason: str) -> Record:
    """Open the month that was closed last; its frozen statement stays in the ledger.

    Raises:
        CloseRefusedError: the month is not closed, a later one is, or the ledger is damaged.
        HomeIsBusyError: a run holds the home.
    """
    prepare_home(settings)
    with hold_home(settings):
        closed = list(read_ledger(settings.ledger_dir).closed)
        name = name_of(period)
        if name not in closed:
            raise CloseRefusedError(f"{name} is not closed")
        if closed[-1] != name:
            raise CloseRefusedError(
                f"{closed[-1]} is closed after {name}: its statement rests on this one, so open {closed[-1]} first"
            )
        return _write(settings, "reopen", period, {}, {"reopened_at_utc": _instant(now), "reason": reason})


def _write(
    settings: Settings, action: str, period: date, files: Mapping[str, bytes], facts: Mapping[str, Any]
) -> Record:
    try:
        return write_record(settings.ledger_dir, action, name_of(period), files, facts)
    except ValueError as error:
        raise CloseRefusedError(str(error)) from None


def _facts(check: Check) -> dict[str, Any]:
    figures = {
        name: format(value, "f") if value is not None else None
        for name, value in (("measured", check.measured), ("maximum", check.maximum))
    }
    return {"name": check.name, "is_passed": check.is_passed, "is_blocking": check.is_blocking, **figures} | (
        {"detail": check.detail} if check.detail else {}
    )


def _instant(now: datetime) -> str:
    return now.replace(microsecond=0).isoformat() + "Z"
