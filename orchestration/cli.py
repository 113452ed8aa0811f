"""The command line `costops`.

Put here: which commands there are, in the order in which they are listed. Keep out: commands (`commands`).
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

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


if __name__ == "__main__":
    app()
