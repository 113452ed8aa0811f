"""Billing drop folder → `raw_billing`: which file is of which format, and which delivery counts.

Alone: `python -m ingestion.sources.billing`. Put here: routing and what the run says about restatements.
Keep out: formats, deliveries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing import DropFolderSource, LandingReport, RegisteredFile, land_drop_folder
from ingestion.landing.notes import Note
from ingestion.landing.source import Route
from ingestion.sources.billing import aws_cur, azure, focus, invoices, oci, openai_dashboard
from ingestion.sources.billing.charges import parser_of
from ingestion.sources.billing.deliveries import Delivery, group, scope_sql, superseded, vanished_parts
from ingestion.sources.billing.manifests import Manifests, read_manifests
from ingestion.sources.billing.model import DATASET, BillingFormat, has_headers
from ingestion.sources.billing.remote import refresh
from ingestion.sources.tabular import open_table
from ingestion.sources.tabular.model import UnreadableTable

FORMATS: dict[str, BillingFormat] = {
    each.name: each
    for each in (focus.FORMAT, aws_cur.FORMAT, azure.FORMAT, oci.FORMAT, openai_dashboard.FORMAT, invoices.FORMAT)
}
"""By the sub-folder that holds them."""
SNIFFING_ORDER = ("oci", "aws_cur", "focus", "azure", "openai")
SUFFIXES = frozenset({"", ".csv", ".tsv", ".parquet", ".gz", ".gzip", ".jsonl", ".ndjson"})
GCP_FOLDER = "gcp"
"""Its native exports have a source of their own; those in FOCUS shape are read here."""
is_native_gcp = has_headers("billingaccountid", "usagestarttime", "cost")
UNKNOWN = "its header is of no known billing format"
SHRUNK_RATIO = 0.5


def land(settings: Settings, *, now: datetime, progress: Callable[[str], None] | None = None) -> LandingReport:
    """Land `COSTOPS_BILLING_DIR` and say what was done."""
    folder = settings.billing_dir
    copied = refresh(settings, progress)
    restatements = Restatements(folder, now, read_manifests(folder))
    source = DropFolderSource(
        name="billing",
        dataset=DATASET,
        folder=folder,
        folder_variable=DROP_FOLDERS["billing"],
        route=lambda relative_path: route(folder, relative_path),
        find_superseded=restatements.find,
        scope_sql={each.table: scope_sql(each) for each in FORMATS.values() if each.scope},
    )
    report = land_drop_folder(source, settings, now=now, progress=progress)
    if any(str(note).endswith(UNKNOWN) for note in report.notes):
        report.notes += [
            Note("known_headers", f"a {each.name} header has {each.expected_headers}") for each in FORMATS.values()
        ]
    report.notes += restatements.notes
    report.notes[:0] = copied
    return report


def route(folder: Path, relative_path: str) -> Route:
    """Who reads a file: its sub-folder says so, elsewhere its header does."""
    path = PurePosixPath(relative_path)
    is_gcp = len(path.parts) > 1 and path.parts[0].lower() == GCP_FOLDER
    if path.suffix.lower() == ".json" and not is_gcp:
        return ""
    if path.suffix.lower() not in SUFFIXES and not is_gcp:
        return f"{relative_path}: passed over; billing files are .csv, .csv.gz or .parquet"
    named = FORMATS.get(path.parts[0].lower()) if len(path.parts) > 1 else None
    if named and named is not openai_dashboard.FORMAT:
        return named.name, parser_of(named)
    try:
        reader = open_table(folder / relative_path)
    except UnreadableTable as error:
        if named:
            return named.name, parser_of(named)
        return "" if is_gcp else Note("unreadable_file", f"passed over; {error}")
    reader.close()
    if is_gcp:
        return (focus.FORMAT.name, parser_of(focus.FORMAT)) if focus.FORMAT.recognises(reader.names) else ""
    if openai_dashboard.is_empty_export(reader.names):
        return Note("other", "passed over; an export of OpenAI's dashboard over a span without usage")
    if named:
        return named.name, parser_of(named)
    if is_native_gcp(reader.names):
        return f"{relative_path}: passed over; a Google Cloud billing export belongs in the folder {GCP_FOLDER}/"
    for name in SNIFFING_ORDER:
        if FORMATS[name].recognises(reader.names):
            return name, parser_of(FORMATS[name])
    return Note("unknown_format", f"passed over; {UNKNOWN}")


@dataclass
class Restatements:
    """Finds what newer deliveries restate and remembers what a reader should know about it."""

    folder: Path
    now: datetime
    manifests: Manifests
    notes: list[Note] = field(default_factory=list)

    def find(self, files: list[RegisteredFile]) -> list[tuple[int, str]]:
        """Pairs of file and scope whose rows must go: by row scope, and as the registry spells it."""
        deliveries = group(files, self.manifests)
        gone = superseded(deliveries)
        gone += vanished_parts(deliveries, lambda path: (self.folder / path).exists())
        self._note_shrinking(deliveries, {each.file_id: each.by for each in gone})
        pairs = {(each.file_id, each.scope) for each in gone}
        spelled = {
            (file.file_id, scope)
            for file in files
            for scope in file.scopes
            if (file.file_id, scope.rpartition("|")[0]) in pairs
        }
        return sorted(pairs | spelled)

    def _note_shrinking(self, deliveries: list[Delivery], by: dict[int, str]) -> None:
        """A restated closed month that lost more than half its rows may be a broken delivery."""
        newest = {delivery.key: delivery for delivery in deliveries}
        now = self.now.astimezone(UTC) if self.now.tzinfo else self.now
        for older in deliveries:
            key = next((by[file.file_id] for file in older.files if file.file_id in by), None)
            before = sum(file.row_count for file in older.files)
            if key is None or key == older.key or not before:
                continue
            newer = newest[key]
            months = {c.month for c in newer.coverage.values()}
            after = sum(file.row_count for file in newer.files)
            closed = sorted({c.month for c in older.coverage.values() if c.month < f"{now:%Y-%m}"})
            if closed and months.issuperset(closed) and after < SHRUNK_RATIO * before:
                restated = ", ".join(closed) if len(closed) < 4 else f"{closed[0]} to {closed[-1]}"
                self._note(
                    newer.files[0].path,
                    f"{newer.key} restates {restated} ({older.source_format}) with {after:,} rows where "
                    f"{older.key} had {before:,}: if that is a partial delivery, remove it and deliver the month again",
                )

    def _note(self, file: str, message: str) -> None:
        note = Note("delivery_shrank", message, file)
        if note not in self.notes:
            self.notes.append(note)
