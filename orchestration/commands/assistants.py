"""`costops mcp`: the published figures for AI assistants, over the Model Context Protocol.

Put here: options, who asks. Keep out: the tools (`orchestration.serving.assistants`).
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.shared import HomeOption, fail, settings_of

if TYPE_CHECKING:
    from ingestion.config import Settings
    from orchestration.serving.viewers import Viewer

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
    """Answer an AI assistant's questions about cost on standard input and output (needs the extra `mcp`)."""
    try:
        from orchestration.serving.assistants.desk import Desk
        from orchestration.serving.assistants.server import server_of
        from orchestration.serving.audit import AuditLog
        from orchestration.serving.publications import Publications
        from orchestration.serving.queries.semantic import read_model_of

        settings = settings_of(home)
        desk = Desk(
            settings,
            _viewer(settings, as_, os.environ.get(KEY)),
            Publications(settings.published_database),
            lambda: read_model_of(settings),
            AuditLog(settings.home),
        )
        server = server_of(desk, version("llm-cost-ops"))
    except ModuleNotFoundError:
        raise fail(MISSING) from None
    server.run("stdio")


def _viewer(settings: Settings, name: str | None, key: str | None) -> Viewer:
    """Whose rows are answered: a principal's, a key's, else all: whoever can start this can read the files."""
    from orchestration.serving.keys import KeyStore
    from orchestration.serving.principals import FILE, read_principals
    from orchestration.serving.viewers import Role, Viewer

    principals = read_principals(settings.org_dir)
    if name is not None:
        found = principals.valid(name)
        if found is None:
            raise fail(f"{name} is no principal of {FILE} today", 2)
        return found.viewer()
    if key:
        known = KeyStore(settings.home).find(key)
        owner = principals.valid(known.principal_id) if known else None
        if known is None or owner is None:
            raise fail(f"the key in {KEY} is not good: costops keys list", 2)
        return owner.viewer(key_id=known.key_id)
    return Viewer("local user", Role.ADMIN)
