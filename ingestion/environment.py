"""The only module that reads the environment: variables as they were meant, and which of them somebody asked for.

A file of variables for a container keeps the quotes around a value, and a secret read from a file ends in a newline:
neither is part of a path, an address or a key. Put here: that. Keep out: what variables mean (`ingestion.config`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values

OURS = "COSTOPS_"
"""How the names of this project's own variables begin."""


class Environment(Mapping[str, str]):
    """Variables without blanks and quotes around their values; `asked` holds the names that were looked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: as_meant(value) for name, value in values.items()}
        self.asked: set[str] = set()

    @classmethod
    def of(cls, values: Mapping[str, str] | None) -> Environment:
        """These variables, those of this process for None."""
        return values if isinstance(values, cls) else cls(of_this_process() if values is None else values)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def starting_with(self, prefix: str) -> dict[str, str]:
        """Those that are set and begin so: whoever gets them knows their names."""
        return {name: value for name, value in self._values.items() if name.startswith(prefix) and value}

    def unread(self, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        """Names of ours that are set, that nobody asked for, and that begin like none of `prefixes`."""
        ours = self.starting_with(OURS).keys() - self.asked
        return tuple(sorted(name for name in ours if not name.startswith(prefixes)))


def as_meant(text: str) -> str:
    """A value without blanks around it, and without a pair of quotes around all of it."""
    text = text.strip()
    quote = text[:1]
    if len(text) > 1 and quote in ("'", '"') and text.endswith(quote) and quote not in text[1:-1]:
        return text[1:-1].strip()
    return text


def of_this_process() -> dict[str, str]:
    """The environment, and below it the `.env` of the working folder: also for a child that works elsewhere."""
    return of_file(Path(".env")) | dict(os.environ)


def of_file(path: Path) -> dict[str, str]:
    """Variables of a `.env`; none where there is no such file.

    Raises:
        ValueError: it is there and is no text in UTF-8, or cannot be opened.
    """
    if not path.is_file():
        return {}
    try:
        return {name: value for name, value in dotenv_values(path, encoding="utf-8-sig").items() if value}
    except UnicodeDecodeError:
        raise ValueError(f"{path} cannot be read: it is not UTF-8; save it as UTF-8, or take it away") from None
    except OSError as error:
        raise ValueError(
            f"{path} cannot be read ({error.strerror}); let the user of the run read it, or take it away"
        ) from None
