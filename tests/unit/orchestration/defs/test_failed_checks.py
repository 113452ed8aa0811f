"""What the rule on failed checks is told of a home: causes, without what the same run is about to mend."""

from __future__ import annotations

from datetime import datetime, timedelta

from orchestration.defs.alerting import failed_checks
from orchestration.publishing.mart_health import Cause, Health

NOW = datetime(2026, 6, 2, 6)  # noqa: DTZ001


def told(key: str, ago: timedelta) -> list[object]:
    cause = Cause("its build did not end", "costops run", ("model.p.a",), (NOW - ago).isoformat())
    return [row["cause"] for row in failed_checks(Health({key: cause}, {}), NOW)]


def test_reports_that_a_killed_run_left_unfinished_are_no_alert_of_the_run_that_builds_them() -> None:
    hour = timedelta(hours=1)
    assert told("unfinished.build_scored_reports", hour) == [None]
    assert told("unfinished.build_scored_reports", 25 * hour) == ["unfinished.build_scored_reports"]
    assert told("unfinished.build_warehouse", hour) == ["unfinished.build_warehouse"]
