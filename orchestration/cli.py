"""The command line `costops`.

Put here: which commands there are, and how the help lists them. Keep out: commands (`commands`).
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer
from typer.models import CommandInfo, TyperInfo

from orchestration.commands import (
    alerts,
    api,
    assistants,
    bi,
    closing,
    committing,
    dashboards,
    documenting,
    estimating,
    exporting,
    forgetting,
    gpus,
    identities,
    lake,
    looking,
    mapping,
    metrics,
    mine,
    owning,
    pricing,
    recommending,
    repairing,
    reporting,
    repricing,
    running,
    schedules,
    serving,
    why,
)
from orchestration.commands.faults import FaultsInWords

app = typer.Typer(
    name="costops",
    cls=FaultsInWords,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"costops {version('llm-cost-ops')}")
        raise typer.Exit


@app.callback()
def costops(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """LLM Cost Ops: what your LLMs cost, who spent it, and whether the bill is right."""


for subject in (
    closing,
    alerts,
    repricing,
    running,
    looking,
    exporting,
    dashboards,
    bi,
    why,
    reporting,
    schedules,
    documenting,
    metrics,
    gpus,
    recommending,
    repairing,
    forgetting,
    identities,
    lake,
    serving,
    api,
    assistants,
    pricing,
    estimating,
    owning,
    committing,
    mapping,
    mine,
):
    subject.register(app)


PANELS = {
    "Begin": ("demo", "run", "up", "doctor", "mine"),
    "Look": (
        *("today", "month", "team", "model", "budget", "why", "query", "dashboard", "report", "alerts", "recommend"),
        *("commitments", "tco"),
    ),
    "Ask what it will cost": ("price", "compare-models", "conversation", "estimate"),
    "End a month": ("close", "reopen", "verify-close", "chargeback", "reprice"),
    "Pass on": ("export", "bi", "schedules", "docs", "serve", "keys", "mcp", "metrics", "ui"),
    "Look after": ("backfill", "map", "gpu-sample", "repair", "forget", "identities", "lake"),
}
"""Commands by what somebody wants to do, as the help lists them."""


def _by_panel() -> None:
    panels = {name: panel for panel, names in PANELS.items() for name in names}
    places = list(panels)
    for command in app.registered_commands:
        command.rich_help_panel = panels[_name(command)]
    for group in app.registered_groups:
        group.rich_help_panel = panels[_name(group)]
    app.registered_commands.sort(key=lambda command: places.index(_name(command)))
    app.registered_groups.sort(key=lambda group: places.index(_name(group)))


def _name(info: CommandInfo | TyperInfo) -> str:
    return str(info.name or getattr(info.callback, "__name__", "").replace("_", "-"))


_by_panel()


if __name__ == "__main__":
    app()
