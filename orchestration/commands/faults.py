"""Turns what goes wrong below into one sentence with its remedy: no command ends in a traceback for it.

Put here: catching them. Keep out: the words (`orchestration.home.faults`), errors that a command names itself.
"""

from __future__ import annotations

from typing import Any

import duckdb
from typer.core import TyperGroup

from ingestion.landing.forgotten import UnreadableAccessError
from orchestration.commands.shared import fail
from orchestration.home.faults import words_of


class FaultsInWords(TyperGroup):
    """The command line, whose commands end in words where files, disks or databases fail."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (OSError, duckdb.Error, UnreadableAccessError) as error:
            words = words_of(error)
            if words is None:
                raise
            raise fail(words) from None
