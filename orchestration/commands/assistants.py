"""`costops mcp`: the published figures for AI assistants, over the Model Context Protocol.

Put here: options, who asks. Keep out: the tools (`orchestration.serving.assistants`).
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, fail, settings_of

MISSING = "costops mcp needs more packages (5 MB): pip install 'llm-cost-ops[mcp]'"
KEY = "COSTOPS_API_KEY"


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(mcp)


def mcp(
    as_: Annotated[
        str | None,
        typer.Option("--as", help=f"Answer with rows of this principal of principals.csv; else {KEY}'s."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Answer an AI assistant's questions about cost on standard input and output (needs the extra `mcp`).

    Over HTTP `costops serve` does, at /mcp.
    """
    try:
        from orchestration.serving.assistants.desk import Desk
        from orchestration.serving.assistants.server import server_of
        from orchestration.serving.audit import AuditLog
        from orchestration.serving.faults import NotAllowed
        from orchestration.serving.local import viewer_on_this_machine
        from orchestration.serving.publications import Publications
        from orchestration.serving.queries.semantic import read_model_of

        settings = settings_of(home)
        desk = Desk(
            settings,
            viewer_on_this_machine(settings, as_, os.environ.get(KEY)),
            Publications(settings.published_database),
            lambda: read_model_of(settings),
            AuditLog(settings.home),
        )
        server = server_of(lambda _: desk, version("llm-cost-ops"))
    except ModuleNotFoundError:
        raise fail(MISSING) from None
    except NotAllowed as error:
        raise fail(f"{error.message}; {error.remedy}", 2) from None
    server.run("stdio")
