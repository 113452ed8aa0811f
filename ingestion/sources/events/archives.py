"""Archives of files, as a portal's "download all" gives them: every file in one is read as if it lay in its place.

They are unpacked for the time of reading, within the limits of any packed file. Put here: what is said of
their members. Keep out: opening archives (`reading.archives`), which reader a member has (`routing`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ingestion.landing.counting import counted
from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.landing.scan import digest
from ingestion.landing.source import Route
from ingestion.limits import LimitError
from ingestion.reading.archives import ARCHIVE_DAMAGE, of_member, passed_over, unpack


def read_archive(file: SourceFile, route: Callable[[str], Route]) -> Iterator[ParsedBatch]:
    """The rows of every file in an archive, each read by who would read it in the archive's place."""
    with tempfile.TemporaryDirectory(prefix="costops-archive-") as folder:
        place = Path(folder)
        try:
            names = unpack(file.path, place)
        except LimitError as error:
            yield ParsedBatch(quarantined=[QuarantinedRow(None, "too_large", f"the archive {error}", None)])
            return
        except ARCHIVE_DAMAGE:
            message = "the archive breaks off, is damaged or locked: deliver it again, or unpack it"
            yield ParsedBatch(quarantined=[QuarantinedRow(None, "unreadable_file", message, None)])
            return
        read = 0
        same: dict[str, str] = {}
        for name in names:
            found = route(f"{file.relative_path}/{name}")
            if isinstance(found, tuple):
                content = digest(place / name)
                if same.setdefault(content, name) != name:
                    words = f"{name} in it is {same[content]} again: it counts once"
                    yield ParsedBatch(notes=[Note("repeated_rows", words)])
                    continue
                read += 1
                inner = place / name
                size = inner.stat().st_size
                member = replace(file, path=inner, relative_path=f"{file.relative_path}/{name}", size_bytes=size)
                yield from (of_member(name, batch) for batch in found[1](member))
            elif found:
                yield passed_over(name, found)
        if not read:
            words = f"none of {counted(len(names), 'file', 'files')} in it can be read: nothing of it counts"
            yield ParsedBatch(notes=[Note("nothing_in_file", words)])
