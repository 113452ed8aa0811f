"""What the lake asks of a place: files by name, each there whole or not at all.

Put here: the form. Keep out: places (`orchestration.publishing.places`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """A folder here or in an object store; names are relative and use `/`. Every method may raise what says why the
    place cannot be read or written."""

    def put(self, file: Path, name: str) -> None:
        """Give it a local file under a name; what had the name is replaced in one step."""

    def write(self, name: str, content: bytes) -> None:
        """The same with content."""

    def create(self, name: str, content: bytes) -> bool:
        """The same where nobody has that name; whether it was so."""

    def read(self, name: str) -> bytes | None:
        """A small file; None where there is none."""

    def fetch(self, name: str, file: Path) -> None:
        """A file as a local one."""

    def local(self, name: str) -> Path | None:
        """The file itself where the store is a folder of this machine and has it."""

    def remove(self, name: str) -> None:
        """Take a file out; one that is not there is no matter."""

    def sizes(self, folder: str = "") -> dict[str, int]:
        """Bytes of every file, or of those of a folder."""
