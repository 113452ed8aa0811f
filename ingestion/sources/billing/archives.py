"""Archives of several bills, as a portal's "download all" gives them: one file where each charges days of its own.

Two bills of one archive that charge the same days would count twice, and which of them is the later neither says: such
an archive is refused. Put here: bills of one archive. Keep out: opening archives (`reading.archives`), formats.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pyarrow.compute as pc

from ingestion.landing.model import ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.landing.source import Route
from ingestion.limits import LimitError
from ingestion.reading.archives import ARCHIVE_DAMAGE, of_member, passed_over, unpack
from ingestion.sources.billing.paths import part_of
from ingestion.sources.billing.scopes import VERSION, Coverage, coverages, line_of

RouteOf = Callable[[Path, str], Route]
_REMEDY = "unpack it and drop its files"


def route_of_archive(folder: Path, relative_path: str, route: RouteOf) -> tuple[str, Parser] | None:
    """The reader of an archive of bills of one format; None for anything else."""
    with tempfile.TemporaryDirectory(prefix="costops-archive-") as place:
        try:
            names = unpack(folder / relative_path, Path(place) / relative_path)
        except (LimitError, *ARCHIVE_DAMAGE):
            return None
        routes = [route(Path(place), f"{relative_path}/{name}") for name in names]
    formats = {found[0] for found in routes if isinstance(found, tuple)}
    return (formats.pop(), lambda file: _read(file, route)) if len(formats) == 1 else None


def _read(file: SourceFile, route: RouteOf) -> Iterator[ParsedBatch]:
    with tempfile.TemporaryDirectory(prefix="costops-archive-") as place:
        folder = Path(place)
        names = unpack(file.path, folder / file.relative_path)
        parsers: dict[str, Parser] = {}
        for name in names:
            found = route(folder, f"{file.relative_path}/{name}")
            if isinstance(found, tuple):
                parsers[name] = found[1]
            elif found:
                yield passed_over(name, found)
        files = {name: _member(file, folder, name) for name in parsers}
        scopes = {name: _scopes(parser(files[name])) for name, parser in parsers.items()}
        if why := _meeting(scopes):
            yield ParsedBatch(
                quarantined=[QuarantinedRow(None, "unreadable_file", f"{why}: {_REMEDY}", None)],
                scopes=frozenset({f"{VERSION}|empty"}),
            )
            return
        above = 0
        for name, parser in parsers.items():
            last = above
            for batch in parser(files[name]):
                last = max(last, _number_on(batch, above))
                batch.scopes = frozenset()
                yield of_member(name, batch)
            above = last
        yield ParsedBatch(scopes=_together(scopes))


def _number_on(batch: ParsedBatch, above: int) -> int:
    """Let a batch's rows go on behind those of the files before: within a file landed each has a number of its own."""
    if batch.table is None or not batch.table.num_rows:
        return above
    at = batch.table.schema.get_field_index("_source_row")
    numbers = pc.add(batch.table.column(at), above)
    batch.table = batch.table.set_column(at, batch.table.schema.field(at), numbers)
    last: int = pc.max(numbers).as_py()
    return last


def _member(file: SourceFile, folder: Path, name: str) -> SourceFile:
    path = folder / file.relative_path / name
    return replace(file, path=path, size_bytes=path.stat().st_size, relative_path=f"{file.relative_path}/{name}")


def _scopes(batches: Iterator[ParsedBatch]) -> frozenset[str]:
    return frozenset(line for batch in batches for line in batch.scopes)


def _meeting(scopes: dict[str, frozenset[str]]) -> str:
    """Why two of the bills may be one bill twice; '' where each charges days of its own. Parts of one bill share the
    day of their cut."""
    for one, other in combinations(scopes, 2):
        parts = part_of(one), part_of(other)
        if parts[0].is_strict and parts[1].is_strict and parts[0].stem == parts[1].stem:
            continue
        theirs = {each.row_scope: each.mask for each in coverages(scopes[other])}
        for each in coverages(scopes[one]):
            if each.mask & theirs.get(each.row_scope, 0):
                return f"{one} and {other} in it charge the same days, and which of them counts their archive hides"
    return ""


def _together(scopes: dict[str, frozenset[str]]) -> frozenset[str]:
    """The scopes of all as those of one file."""
    lines = [line for each in scopes.values() for line in each]
    found: dict[str, Coverage] = {}
    for each in coverages(lines):
        found[each.row_scope] = each.joined(found.get(each.row_scope))
    marks = [line for line in lines if line.startswith(f"{VERSION}|!|")]
    return frozenset([*marks[:1], *map(line_of, found.values())]) or frozenset(lines)
