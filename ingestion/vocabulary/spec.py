"""What a source says of itself: its name, what switches it on, its settings, its raw tables.

Everything that lists sources follows from these: settings, raw tables and their empty forms, Dagster's assets and
descriptions, the order of landing, which names prices are looked up for. A spec is words and types only, so that
reading all of them costs nothing.

Put here: the form of a spec. Keep out: a source (`ingestion/sources/<name>/spec.py`), how one works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ingestion.vocabulary.settings import Setting

SHARED_TABLES = {
    "pulls": "One row per endpoint and day: complete, partial or missing, and how often and by how much restated.",
    "files": "Registry of landed files.",
    "quarantine": "Rows that could not be landed, with the reason and the original record.",
}
"""Tables that many sources have, in one form, and their sentences."""
OF_FILES = ("files", "quarantine")
OF_REPORTS = ("pulls", "files", "quarantine")


class Kind(IntEnum):
    """What a source is; sources land in this order."""

    FILES = 1
    """A drop folder."""
    API = 2
    """A provider that is asked."""
    RECORD = 3
    """What the home itself keeps."""
    DERIVED = 4
    """Reads what the others landed."""


@dataclass(frozen=True)
class RawTable:
    """One raw table: its sentence, and its columns as words (see `raw_types.columns`)."""

    sentence: str
    columns: str
    names_models: bool = False
    """Whether it says what models are called, which prices are then looked up for."""
    has_provenance: bool = True
    """Whether each row says which file and row it came from."""


@dataclass(frozen=True)
class SourceSpec:
    """A source of raw data. `switch` is the variable that turns it on, None where it is always on."""

    name: str
    kind: Kind
    purpose: str
    tables: Mapping[str, RawTable]
    switch: str | None = None
    shared_tables: tuple[str, ...] = OF_FILES
    settings: tuple[Setting, ...] = ()
    address: str | None = None
    """The setting that holds the address that is asked."""
    credentials: tuple[str, ...] = ()
    """Settings without which nothing can be asked."""
    off_reason: Callable[[Any], str | None] | None = None
    """For a source whose credentials are a choice: what keeps it off, by the API settings."""
    sub_folder: str = ""
    """Below the drop folder of `switch`, where the files usually lie of a source that shares it."""
    models_sql: str = ""
    """A select over its raw tables of (provider, model, is batch, service tier, speed, price region) that it names."""
    has_icon: bool = False
    """Whether Dagster has an icon of its name."""

    @property
    def dataset(self) -> str:
        """The raw schema it lands in."""
        return f"raw_{self.name}"

    @property
    def is_api(self) -> bool:
        """Whether it asks a provider."""
        return self.kind is Kind.API

    @property
    def module(self) -> str:
        """Where its `land` is."""
        return f"ingestion.sources.{self.name}.pipeline"

    def missing(self, api: Any) -> str | None:
        """What keeps an API source off, in words; None when it can be asked. Never says the value of a secret."""
        if self.off_reason is not None:
            return self.off_reason(api)
        needed = (each for each in self.settings if each.name in self.credentials)
        return next((f"{each.variable} is not set" for each in needed if not getattr(api, each.name)), None)


PRICE_REGION = (
    "case when lower(trim(coalesce({column}, ''))) in ('', 'global', 'not_available', 'default', 'unspecified') "
    "then '' else lower(trim({column})) end"
)
"""The region that a price is looked up for, as SQL: names of no region are none."""
REQUEST_COLUMNS = " request_window_start_utc:at request_window_end_utc:at page_cursor received_at_utc:at"
"""Which request brought a row: the window asked for, the page's cursor (NULL on a first page), the arrival."""


def asked(sentence: str, columns: str, *, names_models: bool = False) -> RawTable:
    """A table that a provider's answers fill: each row says which request brought it."""
    return RawTable(sentence, columns + REQUEST_COLUMNS, names_models)
