"""What an organisation file is: its columns, what must be filled, what refers to what.

Put here: the declaration's parts. Keep out: the files themselves (`model`, `planning_files`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingestion.sources.org.spec import TABLES
from ingestion.vocabulary.raw_types import columns as raw_columns

DATASET = "raw_org"
SERVICE_SHARES = raw_columns(TABLES["service_shares"].columns)
"""Worked out from `allocation_rules` when they land: who carries a service department's costs in the end."""
ORG_TABLES = {name: raw_columns(table.columns) for name, table in TABLES.items() if name != "service_shares"}


@dataclass(frozen=True)
class OrgFile:
    """One CSV or workbook of the organisation folder; its table has the same name without `.csv`."""

    name: str
    required: tuple[str, ...]
    """Columns the header must have and every row must fill."""
    identity: tuple[str, ...]
    """What may be valid only once at a time."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Column to the table whose first identity column it names."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    amounts: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    """Decimal column to its least and greatest value."""
    one_of: tuple[str, ...] = ()
    """Columns of which the header must have at least one and every row must fill exactly one."""
    may_tell_both: bool = False
    """Whether a row may fill all of those; that they agree is looked at where the row is completed."""
    derived: tuple[str, ...] = ()
    """Columns of the table that the CSV does not have."""
    found_as: str = ""
    """The name it has in the folder, where it has another than usual."""

    @property
    def path(self) -> str:
        """The file's name in the folder."""
        return self.found_as or f"{self.name}.csv"

    @property
    def columns(self) -> list[str]:
        """The columns of the CSV."""
        return [column.removesuffix("_utc") for column in ORG_TABLES[self.name] if column not in self.derived]
