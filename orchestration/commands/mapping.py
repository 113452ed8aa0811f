"""`costops map`: drafts a `mapping.yml` for a file that is of no known format.

Put here: arguments, the printed draft and first rows. Keep out: guessing (`ingestion.sources.events.mapped.drafting`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.shared import console, fail
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from ingestion.sources.events.chunks import Chunk
    from ingestion.sources.events.mapped.drafting import Draft

SHOWN_ROWS = 5
SHOWN = {
    "requested_at_utc": "time (UTC)",
    "model": "model",
    "uncached_input_tokens": "input",
    "cache_read_tokens": "cached",
    "output_tokens": "output",
    "recorded_cost_usd": "cost USD",
}


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command(name="map")(draft_mapping)


def draft_mapping(
    file: Annotated[Path, typer.Argument(help="A CSV, JSON lines, JSON or Parquet file, plain or .gz.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Default: mapping.yml beside the file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a mapping that is there.")] = False,
) -> None:
    """Draft a mapping.yml from a file's columns and show its first rows as they would land."""
    from ingestion.sources.events.chunks import read_chunks
    from ingestion.sources.events.mapped.drafting import draft

    target = output or file.parent / "mapping.yml"
    if not file.is_file():
        raise fail(f"{file} is no file", 2)
    if target.exists() and not force:
        raise fail(f"{target} is there already; --force replaces it, --output writes elsewhere", 2)
    try:
        chunk = next((chunk for chunk in read_chunks(file, file.name) if chunk.rows or chunk.quarantined), None)
    except OSError as error:
        raise fail(f"{file} cannot be read: {error.strerror or error}") from None
    if chunk is None or not chunk.rows:
        why = chunk.quarantined[0].message if chunk is not None and chunk.quarantined else "it has no rows"
        raise fail(f"no row of {file} can be read: {why}")
    found = draft(chunk)
    _write(target, found)
    _print(target, file, chunk, found)


def _write(target: Path, found: Draft) -> None:
    import yaml

    questions = "".join(f"# decide: {_line(each)}\n" for each in found.open_questions)
    unplaced = "".join(f"# not used: {_line(each)}\n" for each in found.unplaced)
    text = yaml.safe_dump(found.content, sort_keys=False, allow_unicode=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(questions + text + unplaced, encoding="utf-8")


def _line(text: str) -> str:
    from orchestration.text.terminal import stripped

    return stripped(text)


def _print(target: Path, file: Path, chunk: Chunk, found: Draft) -> None:
    console.print(f"[bold]Wrote[/] {plain(target)}", highlight=False, soft_wrap=True)
    for name, entry in found.content["columns"].items():
        shown = entry if isinstance(entry, str) else ", ".join(f"{key}: {value}" for key, value in entry.items())
        console.print(f"  {name:22} ← {plain(shown)}", highlight=False, soft_wrap=True)
    if "input_includes_cached" in found.content:
        console.print(
            f"  input_includes_cached: {found.content['input_includes_cached']} (by the totals)", highlight=False
        )
    for each in found.open_questions:
        console.print(f"[yellow]decide[/]  {plain(each)}", highlight=False)
    if found.unplaced:
        console.print(f"not used: {plain('; '.join(found.unplaced[:20]))}", highlight=False)
    _preview(file, chunk, found)
    console.print(
        "Put both into $COSTOPS_EVENTS_DIR/mapped/<name>/ (docs/sources/mapping.md)", highlight=False, soft_wrap=True
    )


def _preview(file: Path, chunk: Chunk, found: Draft) -> None:
    """The first rows through the mapping as it stands, by the code that lands them."""
    from rich.table import Table

    from ingestion.landing.model import SourceFile
    from ingestion.sources.events.mapped.application import canonical_values
    from ingestion.sources.events.mapped.mapping import mapping_from
    from ingestion.sources.events.mapped.values import InvalidMapping
    from ingestion.sources.events.rows import to_batch

    content = dict(found.content)
    is_open = any(each.startswith("input_includes_cached") for each in found.open_questions)
    if is_open:
        content["input_includes_cached"] = True
    try:
        mapping = mapping_from(content)
    except InvalidMapping as error:
        console.print(f"No row can be shown yet: {plain(error.key)} {plain(error)}", highlight=False)
        return
    values, refused = canonical_values(mapping, chunk)
    source = SourceFile(file, file.name, 0, datetime.min, "")  # noqa: DTZ901 (no time of the file is used)
    batch = to_batch(source, "mapped", chunk.rows, values, chunk.original, needs_model=False, refused=refused)
    rows: list[dict[str, Any]] = batch.table.slice(0, SHOWN_ROWS).to_pylist() if batch.table is not None else []
    title = "First rows as they would land" + (", if cached tokens are inside input" if is_open else "")
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, box=None, pad_edge=False)
    for name, header in SHOWN.items():
        table.add_column(header, justify="left" if name in ("requested_at_utc", "model") else "right", no_wrap=True)
    for row in rows:
        row["model"] = row.get("served_model") or row.get("requested_model")
        table.add_row(*(_cell(row.get(name)) for name in SHOWN))
    console.print(table)
    for bad in batch.quarantined[:SHOWN_ROWS]:
        words = f"row {bad.row_number}, {bad.field}: {bad.message}"
        console.print(f"[yellow]would be set aside[/]  {plain(words)}", highlight=False)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, int):
        return f"{value:,}"
    return plain(value if isinstance(value, str) else f"{value.normalize():f}")[:24]
