"""`costops run --explain`: what a run would build, and because of what.

Put here: the words on screen. Keep out: what is due (`running.due`).
"""

from __future__ import annotations

from collections import defaultdict

from rich.console import Console

from ingestion.config import Settings
from orchestration.commands.shared import fail
from orchestration.home.clock import utc_now
from orchestration.home.lock import HomeIsBusyError, WarehouseIsLockedError, hold_home, wait_until_free
from orchestration.text.terminal import plain

SHOWN = 8


def explain_due(settings: Settings, console: Console) -> None:
    """Print what is due on what is landed, by reason; nothing is landed, built or sent."""
    from orchestration.home.dbt_project import DbtError
    from orchestration.home.paths import prepare_home
    from orchestration.running.due.home import find_due

    if not settings.warehouse_path.exists():
        console.print("Everything: nothing has been built in this home yet.")
        return
    prepare_home(settings)
    try:
        with hold_home(settings):
            wait_until_free(settings.warehouse_path, patience_seconds=0, tell=lambda _: None)
            due = find_due(settings, utc_now(), prepare=False)
    except (HomeIsBusyError, WarehouseIsLockedError, DbtError) as error:
        raise fail(str(error)) from None
    console.print(f"[bold]{plain(due.words[:1].upper() + due.words[1:])}[/]", highlight=False, soft_wrap=True)
    by_reason: dict[str, list[str]] = defaultdict(list)
    nodes = due.plan.project.nodes
    for key, reason in due.plan.reasons.items():
        by_reason[reason].append(nodes[key].name if key in nodes else key.removeprefix("step."))
    for reason, names in sorted(by_reason.items(), key=lambda each: -len(each[1])):
        shown = ", ".join(sorted(names)[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        console.print(f"  {plain(reason)}\n    [dim]{plain(shown)}[/]", highlight=False, soft_wrap=True)
    reached = len(due.names) - len([name for name in due.names if name == "published.marts"])
    if reached:
        console.print(f"\nAt most {reached} tables are built: those whose input is the same in the end keep theirs.")
    console.print("Files and providers are asked by the run itself: what they bring is due as well.", highlight=False)
