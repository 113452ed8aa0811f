"""Billing drop folder → `raw_billing`: which file is of which format, and which delivery counts.

Alone: `python -m ingestion.sources.billing`. Put here: routing and what the run says about restatements.
Keep out: formats, deliveries.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath

from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing import DropFolderSource, LandingReport, land_drop_folder
from ingestion.landing.database import connect
from ingestion.landing.delivery_rules import are_rules, read_rules
from ingestion.landing.model import Parser
from ingestion.landing.notes import Note
from ingestion.landing.registry import RegisteredFile, registered_files
from ingestion.landing.source import Route
from ingestion.reading.packed import ENDINGS
from ingestion.reading.tabular import table_names
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.sources.billing import (
    anthropic_console,
    aws_cur,
    azure,
    deepseek,
    focus,
    github,
    invoices,
    oci,
    openai_dashboard,
)
from ingestion.sources.billing.archives import route_of_archive
from ingestion.sources.billing.charges import parser_of
from ingestion.sources.billing.manifests import is_manifest, read_manifests
from ingestion.sources.billing.model import DATASET, BillingFormat, has_headers
from ingestion.sources.billing.remote import refresh
from ingestion.sources.billing.restated import overwritten
from ingestion.sources.billing.restatements import Restatements
from ingestion.sources.billing.row_ids import parser_with_row_ids
from ingestion.sources.billing.scopes import day_sql, scope_sql
from ingestion.sources.billing.unread import as_focus, holds_charges, is_marker, why_unread
from ingestion.sources.gcp import export as google

FORMATS: dict[str, BillingFormat] = {
    each.name: each
    for each in (focus.FORMAT, aws_cur.FORMAT, azure.FORMAT, oci.FORMAT, openai_dashboard.FORMAT, invoices.FORMAT)
}
"""By name."""
FOLDERS = {**FORMATS, "anthropic": anthropic_console.FORMAT, "deepseek": deepseek.FORMAT, "github": github.FORMAT}
"""By the sub-folder that holds them. A format without a table of its own lands as one of the others."""
SNIFFING_ORDER = ("oci", "aws_cur", "focus", "azure", "openai", "anthropic", "deepseek", "github")
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
ARCHIVES = (".tar", ".tgz", ".tbz2", ".txz")
"""Of files; a ZIP may be one table, too."""
SUFFIXES = frozenset(
    {"", ".csv", ".tsv", ".txt", ".parquet", ".gz", ".gzip", ".zip", ".jsonl", ".ndjson"}.union(
        ENDINGS, WORKBOOKS, ARCHIVES
    )
)
WHATEVER_TEXT = (".txt",)
"""Endings of bills and of everything else: such a file is read where its header is a bill's."""
GCP_FOLDER = "gcp"
"""Of Google's exports. The native ones have a source of their own, wherever they lie; FOCUS is read here."""
_is_like_gcp = has_headers("billingaccountid", "usagestarttime", "cost")
_UNREAD_SUFFIX = (
    "billing files are CSV, JSON or Parquet, plain, .gz or .zip, or .xlsx; save others as CSV, unpack the rest"
)
_OF_GCP = f"passed over; a Google Cloud billing export has {google.FORMAT.expected_headers}"
UNKNOWN = "its header is of no known billing format"


def land(settings: Settings, *, now: datetime, progress: Callable[[str], None] | None = None) -> LandingReport:
    """Land `COSTOPS_BILLING_DIR` and say what was done."""
    copied = refresh(settings, progress)
    restatements = restatements_in(settings.billing_dir)
    before = _registered(settings)
    report = land_drop_folder(source(settings.billing_dir, restatements), settings, now=now, progress=progress)
    report.notes += overwritten(before, _registered(settings))
    if any(UNKNOWN in str(note) for note in report.notes):
        report.notes += [
            Note("known_headers", f"a header of {name} has {each.expected_headers}") for name, each in FOLDERS.items()
        ]
    report.notes += restatements.notes
    report.notes[:0] = copied
    return report


def is_of_gcp(relative_path: str) -> bool:
    """Whether the source of Google's exports names what lies there and is not read."""
    return f"{relative_path}/".lower().startswith(f"{GCP_FOLDER}/")


def _registered(settings: Settings) -> list[RegisteredFile]:
    """The files as they are landed."""
    with connect(settings.warehouse_path) as db:
        has_any = db.execute("select 1 from duckdb_tables() where schema_name = ? and table_name = 'files'", [DATASET])
        return registered_files(db, DATASET) if has_any.fetchone() else []


def restatements_in(folder: Path) -> Restatements:
    """What decides which deliveries of a folder count: its manifests and rules."""
    return Restatements(read_manifests(folder), read_rules(folder))


def source(folder: Path, restatements: Restatements) -> DropFolderSource:
    """The billing folder as landing sees it."""
    return DropFolderSource(
        name="billing",
        dataset=DATASET,
        folder=folder,
        folder_variable=DROP_FOLDERS["billing"],
        route=lambda relative_path: route(folder, relative_path),
        find_superseded=restatements.find,
        scope_sql={each.table: (scope_sql(each), day_sql(each)) for each in FORMATS.values() if each.scope},
        unique_columns={oci.FORMAT.table: "row_id"},
        tells=lambda relative_path: not is_of_gcp(relative_path),
        readers=("ingestion.sources.billing",),
    )


def _parser(billing_format: BillingFormat) -> Parser:
    if billing_format is not oci.FORMAT:
        return parser_of(billing_format)
    return parser_with_row_ids(oci.FORMAT, without=("my_cost_text",), own=oci.of_one_file)


def _recognised(names: list[str]) -> BillingFormat | None:
    return next((FOLDERS[name] for name in SNIFFING_ORDER if FOLDERS[name].recognises(names)), None)


def _route_of_json(path: Path, named: BillingFormat | None) -> Route:
    """The reader of a bill as JSON; other JSON lies beside exports and is named only."""
    try:
        names = table_names(path)
    except UnreadableTable:
        names = []
    if google.FORMAT.recognises(names):
        return ""
    found = named if named and named.recognises(names) else _recognised(names)
    if found is not None:
        return found.name, _parser(found)
    if _is_like_gcp(names):
        return Note("passed_over", _OF_GCP)
    if unread := why_unread(names):
        return Note("unknown_format", f"passed over; {unread}")
    if holds_charges(path):
        return Note("passed_over", "passed over; its charges are inside another object: write a list of them alone")
    return Note("other", "passed over; a JSON file that is neither a bill nor the manifest of one")


def route(folder: Path, relative_path: str) -> Route:
    """Who reads a file: its header says so; one that no header tells is refused by the format of its sub-folder."""
    path = PurePosixPath(relative_path)
    if rules := are_rules(relative_path):
        return "" if rules is True else rules
    suffix = path.suffix.lower()
    is_any_text = suffix in WHATEVER_TEXT
    is_gcp = len(path.parts) > 1 and path.parts[0].lower() == GCP_FOLDER
    named = FOLDERS.get(path.parts[0].lower()) if len(path.parts) > 1 else None
    if suffix == ".json" and not is_gcp:
        return "" if is_manifest(path.name) else _route_of_json(folder / relative_path, named)
    if is_marker(path.name):
        return ""
    if suffix not in SUFFIXES and not is_gcp:
        return f"{relative_path}: passed over; {_UNREAD_SUFFIX}"
    try:
        names = table_names(folder / relative_path)
    except UnreadableTable as error:
        if is_any_text:
            return Note("passed_over", f"passed over; {_UNREAD_SUFFIX}")
        if error.holds_files and (of_bills := route_of_archive(folder, relative_path, route)):
            return of_bills
        if named:
            return named.name, _parser(named)
        return "" if is_gcp else Note("unreadable_file", f"passed over; {error}")
    if google.FORMAT.recognises(names):
        return ""
    if named is invoices.FORMAT and not is_any_text:
        return named.name, _parser(named)
    if is_gcp:
        return (focus.FORMAT.name, _parser(focus.FORMAT)) if focus.FORMAT.recognises(names) else ""
    if openai_dashboard.is_empty_export(names):
        return Note("other", "passed over; an export of OpenAI's dashboard over a span without usage")
    found = named if named and named.recognises(names) else _recognised(names) or named
    if found and (found.recognises(names) or not is_any_text):
        return found.name, _parser(found)
    if _is_like_gcp(names):
        return Note("passed_over", _OF_GCP)
    if unread := why_unread(names):
        return Note("unknown_format", f"passed over; {unread}")
    if is_any_text:
        return Note("passed_over", f"passed over; {_UNREAD_SUFFIX}")
    return Note("unknown_format", f"passed over; {UNKNOWN}{as_focus(names)}")
