"""The command line `costops`.

Put here: which commands there are, in the order in which they are listed. Keep out: commands (`commands`).
"""

from __future__ import annotations

import typer

from orchestration.commands import (
    bi,
    closing,
    dashboards,
    documenting,
    exporting,
    looking,
    mapping,
    mine,
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
    help="LLM Cost Ops: what your LLMs cost, who spent it, and whether the bill is right.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
for subject in (
    closing,
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
    recommending,
    repairing,
    serving,
    pricing,
    mapping,
    mine,
):
    subject.register(app)


if __name__ == "__main__":
    app()
