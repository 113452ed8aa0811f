"""What a file source tells landing about itself.

Put here: the description of a drop folder. Keep out: anything that acts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.landing.model import Parser
from ingestion.landing.notes import Note
from ingestion.landing.reader_code import code_version
from ingestion.landing.registry import RegisteredFile
from ingestion.landing.scan import FoundFile

Route = tuple[str, Parser] | Note | str | None
"""A source format with its parser; or a note (or its words) that says why a file is passed over ('' = nothing to
say); None = not ours, with the usual note."""

Superseded = tuple[int, str, int]
"""File, scope, and the days of it, as bits, whose rows must go."""
EVERY_DAY = (1 << 63) - 1


@dataclass(frozen=True)
class DropFolderSource:
    """One drop folder and the raw dataset its files go to.

    `companions` names files, relative to the drop folder, whose change makes a file count as changed.
    `find_superseded` and `scope_sql` serve deliveries that restate earlier ones: what must go (file, scope, and days
    as bits), and the SQL expressions that give a row's scope and day, by table.
    `keeps_removed` says that a file which is gone from the folder keeps its rows.
    `unique_columns` names, by table, the column whose value may occur once among all files.
    `is_bulk` says that a file deserves a load of its own, so that it may be imported as it is.
    """

    name: str
    dataset: str
    folder: Path
    folder_variable: str
    route: Callable[[str], Route]
    find_superseded: Callable[[list[RegisteredFile]], list[Superseded]] | None = None
    scope_sql: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    keeps_removed: Callable[[str], bool] = lambda relative_path: False
    companions: Callable[[str], tuple[str, ...]] = lambda relative_path: ()
    unique_columns: Mapping[str, str] = field(default_factory=dict)
    repeated: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By table, what rows must be like to have relatives at all, and a query of the ids of those that repeat what rows
    of other files tell (`landing.repeated`)."""
    is_bulk: Callable[[FoundFile], bool] = lambda file: False
    mounts: tuple[tuple[str, Path], ...] = ()
    """Folders elsewhere that are read in place, each with the path under which its files are known."""
    meaning: Callable[[str], str] = lambda relative_path: ""
    """What of the settings decides how a file is read; a file whose meaning changes is read again."""
    tells: Callable[[str], bool] = lambda relative_path: True
    """Whether what lies there and is not read is for this source to name; another may read the same folder."""
    readers: tuple[str, ...] = ()
    """Packages whose code decides what is made of a file; when it changes, files are read again."""

    def reading_of(self, relative_path: str) -> tuple[str, ...]:
        """What besides the bytes of a file and of its companions decides what is made of it."""
        return tuple(each for each in (self.meaning(relative_path), code_version(*self.readers)) if each)
