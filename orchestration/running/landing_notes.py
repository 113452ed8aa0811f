"""What landing noticed, for people: grouped by kind, most pressing first, each group with its remedy.

Put here: reading and wording of notes for the terminal and the catalogue. Keep out: what is noticed (`ingestion`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import duckdb
from rich.console import Console
from rich.text import Text

from ingestion.config import Settings
from ingestion.landing.counting import counted
from ingestion.landing.note_kind import NoteKind, Pressing
from ingestion.landing.note_kinds import NOTE_KINDS
from ingestion.landing.notes import Note
from orchestration.publishing.query import NothingPublishedError, open_published
from orchestration.running.summary_bills import dollars
from orchestration.text.terminal import stripped
from orchestration.warehouse.connection import connect

EXAMPLES = 3
SET_ASIDE_EXAMPLES = 8
_STYLES = {Pressing.QUESTION: "bold red", Pressing.LOSS: "yellow", Pressing.ASSUMPTION: "cyan"}
_READ_NOTES = """
    select severity_rank, kind, title, remedy, source, file_path, row_number, message, amount, amount_currency
    from {table}
    where {condition}
    order by severity_rank, kind, source, file_path, row_number, message
"""
_DATASETS = """
    select schema_name from duckdb_tables() where table_name = 'quarantine' and schema_name like 'raw_%' order by 1
"""
_READ_QUARANTINE = """
    select source, file_path, row_number, reason, message, count(*) over (partition by source, reason)
    from {table}
    qualify row_number() over (partition by source, reason order by file_path, row_number) = 1
    order by source, reason
"""


@dataclass
class NoteGroup:
    """All notes of one kind; `lines` name file, row and what was found."""

    pressing: Pressing
    title: str
    remedy: str
    warns: bool = False
    mart: str = "rpt_landing_notes"
    examples: int = EXAMPLES
    lines: list[str] = field(default_factory=list)
    count: int = 0
    one: str = ""
    """The title where the group holds one."""

    @property
    def heading(self) -> str:
        """How many there are of what."""
        return counted(self.count, self.one or self.title, self.title)


def _group(kind: NoteKind) -> NoteGroup:
    return NoteGroup(kind.pressing, kind.title, kind.remedy, kind.warns, one=kind.one)


def group_notes(notes: Iterable[Note]) -> list[NoteGroup]:
    """Notes by kind, most pressing first."""
    groups: dict[str, NoteGroup] = {}
    for note in notes:
        kind = NOTE_KINDS[note.kind]
        group = groups.setdefault(note.kind, _group(kind))
        group.lines.append(str(note) + _at_stake(note.amount, note.currency))
        group.count += 1
    return sorted(groups.values(), key=lambda group: group.pressing)


def notes_markdown(notes: Iterable[Note]) -> str:
    """Notes for a page of the catalogue: a heading by kind, every note, the remedy."""
    parts = []
    for group in group_notes(notes):
        lines = "\n".join(f"* `{stripped(line).replace('`', chr(39))}`" for line in group.lines)
        remedy = f"\n\nWhat to do: {group.remedy}" if group.remedy else ""
        parts.append(f"**{group.heading}**\n\n{lines}{remedy}")
    return "\n\n".join(parts)


_KNOWN_BY_MODELS = (
    "(source = 'gpu' and kind = 'rate_missing') or "
    "kind in ('commitment_nowhere', 'exports_overlap', 'offer_nowhere', 'budget_nowhere')"
)
"""What no landing can know."""


def read_groups(settings: Settings) -> list[NoteGroup]:
    """What holds after the newest landing: from the warehouse, where a run keeps that open from the published copy."""
    found = _read_from_warehouse(settings)
    published = _read_from_published(settings, "true" if found is None else _KNOWN_BY_MODELS)
    return sorted([*(found or []), *published], key=lambda group: group.pressing)


def _read_from_warehouse(settings: Settings) -> list[NoteGroup] | None:
    if not settings.warehouse_path.exists():
        return None
    try:
        connection = connect(settings.warehouse_path, read_only=True)
    except (duckdb.Error, OSError):
        return None
    try:
        groups = _grouped(connection, "raw_landing.notes", "true")
        datasets = connection.execute(_DATASETS).fetchall()
        union = " union all ".join(
            f"select source, file_path, row_number, reason, message from {dataset}.quarantine"
            for (dataset,) in datasets
        )
        return groups + (_quarantined(connection, f"({union})") if union else [])
    except duckdb.Error:
        return None
    finally:
        connection.close()


def _read_from_published(settings: Settings, condition: str) -> list[NoteGroup]:
    try:
        connection = open_published(settings)
    except (NothingPublishedError, duckdb.Error, OSError):
        return []
    try:
        groups = _grouped(connection, "rpt_landing_notes", condition)
        return groups + (_quarantined(connection, "fct_quarantined_rows") if condition == "true" else [])
    except duckdb.Error:
        return []
    finally:
        connection.close()


def _grouped(connection: duckdb.DuckDBPyConnection, table: str, condition: str) -> list[NoteGroup]:
    groups: dict[str, NoteGroup] = {}
    rows = connection.execute(_READ_NOTES.format(table=table, condition=condition)).fetchall()
    for rank, kind, title, remedy, source, path, row, message, amount, currency in rows:
        known = NOTE_KINDS.get(kind)
        group = groups.setdefault(kind, _group(known) if known else NoteGroup(Pressing(rank), title, remedy or ""))
        words = str(Note("other", message, path, row))
        group.lines.append(f"{source}: {words}{_at_stake(amount, currency)}")
        group.count += 1
    return list(groups.values())


def _quarantined(connection: duckdb.DuckDBPyConnection, table: str) -> list[NoteGroup]:
    """Rows set aside as one group: an example by source and reason. A whole file, or a row of a bill, is a warning."""
    rows = connection.execute(_READ_QUARANTINE.format(table=table)).fetchall()
    if not rows:
        return []
    remedy = 'mend the row and drop the file again; all rows: costops query "from fct_quarantined_rows"'
    title = "rows (or whole files) set aside, they count nowhere"
    group = NoteGroup(Pressing.LOSS, title, remedy, mart="fct_quarantined_rows", examples=SET_ASIDE_EXAMPLES)
    group.one = "row (or whole file) set aside, it counts nowhere"
    for source, path, row, reason, message, count in rows:
        place = f"{path}{f', row {row}' if row is not None else ''}"
        more = f" ({count:,} such rows)" if count > 1 else ""
        group.lines.append(
            f"{source}: {'' if path is None or path in message else f'{place}: '}{message} [{reason}]{more}"
        )
        group.count += count
        group.warns |= row is None or source.startswith(("billing/", "gcp/"))
    return [group]


def _at_stake(amount: Decimal | None, currency: str | None) -> str:
    return "" if amount is None else f" ({dollars(amount, '')} {currency or 'of unknown currency'})"


def print_groups(groups: list[NoteGroup], console: Console) -> None:
    """Print groups, most pressing first: how many, examples, what to do. Information only takes one line each."""
    if not groups:
        return
    console.print("\n[bold]Noticed while landing[/]")
    for group in groups:
        informs = group.pressing is Pressing.INFORMATION
        console.print(Text(f"  {group.heading}", style=_STYLES.get(group.pressing, "dim")))
        shown = group.lines[: 1 if informs else group.examples]
        for line in shown:
            _print_wrapped(console, f"- {stripped(line)}", "    ")
        if len(group.lines) > len(shown) and not informs:
            _print_wrapped(console, f"- and {len(group.lines) - len(shown):,} more, see {group.mart}", "    ")
        if group.remedy:
            _print_wrapped(console, f"→ {group.remedy}", "    ")


def _print_wrapped(console: Console, line: str, indent: str) -> None:
    """Outside text is `Text`, never markup; long lines are wrapped with an indent so that 80 columns hold them."""
    width = max(min(console.width, 120) - len(indent) - 2, 20)
    for number, piece in enumerate(Text(line).wrap(console, width)):
        console.print(Text(indent + ("  " if number else "") + piece.plain.rstrip()), soft_wrap=True, highlight=False)
