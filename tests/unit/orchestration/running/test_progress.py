"""What a run says it checked: what was made, and every warning that stands."""

from __future__ import annotations

import logging

import dagster as dg
from rich.console import Console

from orchestration.running.progress import SKIPPED, SOURCE_STATE, ProgressDisplay, skipped_words


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


@dg.asset(name="land_bank")
def off_by_a_key() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={SOURCE_STATE: dg.MetadataValue.text(f"{SKIPPED}BANK_KEY is not set")})


@dg.asset(name="land_files")
def off_by_a_folder() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={SOURCE_STATE: dg.MetadataValue.text(f"{SKIPPED}no folder")})


@dg.asset(name="land_on")
def on() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={SOURCE_STATE: dg.MetadataValue.text("on")})


def test_a_source_that_is_off_is_no_success_and_told_once() -> None:
    console = Console(width=80)
    with console.capture() as capture:
        display = ProgressDisplay(console, total_assets=3)
        display.on_message(logging.WARNING, skipped_words("files", "no folder"))
        for event in dg.materialize([off_by_a_key, off_by_a_folder, on]).all_events:
            display.on_event(event)
    said = capture.get().splitlines()
    assert [line for line in said if "bank" in line] == ["  – bank: skipped, BANK_KEY is not set"]
    assert [line for line in said if "files" in line] == ["  ! files: skipped, no folder"]
    assert [line.rpartition(" land on ")[0] for line in said if "land on" in line] == ["  ✓"]
