"""What a run says it checked: what was made, and every warning that stands."""

from __future__ import annotations

import dagster as dg
from rich.console import Console

from orchestration.running.progress import ProgressDisplay


@dg.asset(
    check_specs=[
        dg.AssetCheckSpec(name, asset="table") for name in ("made", "stands", "warned", "still_warns", "failed")
    ]
)
def table() -> dg.MaterializeResult:
    warns, unchanged = dg.AssetCheckSeverity.WARN, {"unchanged": "nothing it is made from has changed"}
    return dg.MaterializeResult(
        check_results=[
            dg.AssetCheckResult(check_name="made", passed=True),
            dg.AssetCheckResult(check_name="stands", passed=True, metadata=unchanged),
            dg.AssetCheckResult(check_name="warned", passed=False, severity=warns),
            dg.AssetCheckResult(check_name="still_warns", passed=False, severity=warns, metadata=unchanged),
            dg.AssetCheckResult(check_name="failed", passed=False),
        ]
    )


def test_checks_that_stand_are_not_counted_as_made_and_their_warnings_are_told() -> None:
    display = ProgressDisplay(Console(quiet=True), total_assets=1)
    for event in dg.materialize([table]).all_events:
        display.on_event(event)
    tally = display.tally
    assert tally.checks_passed == 1
    assert tally.checks_warned == ["warned", "still_warns"]
    assert tally.checks_failed == ["failed"]
