"""Which reader a file of the events folder gets: its first folder names the format.

Put here: folder names and extensions. Keep out: reading. Readers are imported when the first file of
their format turns up.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ingestion.agent_folders import SESSION_ENDINGS, is_local
from ingestion.landing.model import ParsedBatch, Parser, SourceFile
from ingestion.landing.notes import Note
from ingestion.landing.source import Route
from ingestion.reading.packed import ENDINGS, without_packing

READERS = {
    "canonical": "ingestion.sources.events.canonical",
    "provider_bodies": "ingestion.sources.events.provider_bodies",
    "litellm": "ingestion.sources.events.litellm",
    "otel": "ingestion.sources.events.otel",
    "langfuse": "ingestion.sources.events.langfuse",
    "claude_code": "ingestion.sources.events.claude_code",
    "codex": "ingestion.sources.events.codex",
    "bedrock": "ingestion.sources.events.bedrock",
    "vertex": "ingestion.sources.events.exports.vertex",
    "langsmith": "ingestion.sources.events.exports.langsmith",
    "helicone": "ingestion.sources.events.exports.helicone",
    "portkey": "ingestion.sources.events.exports.portkey",
    "posthog": "ingestion.sources.events.exports.posthog",
    "openrouter": "ingestion.sources.events.exports.openrouter",
    "cursor": "ingestion.sources.events.exports.cursor",
    "ollama": "ingestion.sources.events.exports.ollama",
    "mapped": "ingestion.sources.events.mapped",
}
FOLDERS = f"{', '.join(f'{name}/' for name in READERS if name != 'mapped')} or mapped/<name>/"
_JSON = (".jsonl", ".ndjson", ".json")
TABLES = (".csv", ".parquet")
EXTENSIONS = (*_JSON, *TABLES)
_ARCHIVE = ".har"
"""Exchanges that a browser or proxy wrote down, as JSON."""
CONTAINERS = {
    "provider_bodies": (*EXTENSIONS, _ARCHIVE),
    "claude_code": _JSON,
    "codex": _JSON,
    "bedrock": (*_JSON, ".csv", ".txt", ""),
    "ollama": _JSON,
}
"""What a folder's reader can read, where that is not every extension. An empty one: any name that has none."""
BESIDE_SESSIONS = (".txt", ".md", ".meta.json", "sessions-index.json")
"""Endings of files that agents keep beside their sessions, without calls."""
BATCH_MANIFEST = "manifest.json.out"
"""Sums of a batch job of Bedrock beside its results."""
PROTOBUF = (".pb", ".binpb", ".proto")
"""Endings of OTLP in protobuf; what a file is decides, not its name."""
_ROTATED = re.compile(r"(?<=[a-z])(\.\d{1,3}|[.-]\d{4}-?\d{2}-?\d{2}([-_.t]\d{2,6})?)$")
"""What log rotation puts behind a name: a number, a date."""
RESULTS = (".out",)
"""What jobs put behind the name of their input."""
ARCHIVES = (".zip", ".tar", ".tgz", ".tbz2", ".txz")
"""Endings of archives of files, which are read; behind `.tar` may stand how it is packed."""
PACKED = (*ARCHIVES, ".7z", ".rar")
NO_TEXT = (".xlsx", ".xls", ".ods", ".pdf", ".avro", ".duckdb", ".sqlite", ".db", *PACKED)
"""Endings of files that are no text, for folders that read files of any name."""
MOST_NESTED = 2
"""Archives within one another; more are no delivery."""
MAPPING_FILE = "mapping.yml"
SILENT_NAMES = ("readme", "license", "source")
"""Names, without extension, of files that people put beside data."""


def in_folder(relative_path: str) -> bool:
    """Whether a file lies in the folder of a format."""
    return relative_path.partition("/")[0] in READERS


def route(relative_path: str) -> Route:
    """The source format and reader of a file, or why it is passed over."""
    path = PurePosixPath(relative_path)
    folder = path.parts[0] if len(path.parts) > 1 else ""
    if path.name.lower().split(".")[0] in SILENT_NAMES:
        return ""
    if not folder:
        return Note("outside_folder", f"it lies in no folder of a format: put it into {FOLDERS}")
    if folder not in READERS:
        return Note("outside_folder", f"unknown folder {folder}/: expected one of {FOLDERS}")
    if folder == "mapped":
        if len(path.parts) < 3:
            beside = f"put it into mapped/<name>/ beside its {MAPPING_FILE}"
            return Note("outside_folder", f"it lies in no folder of a mapping: {beside}")
        if path.name in (MAPPING_FILE, "mapping.yaml"):
            return ""
    if is_local(relative_path) and not path.name.lower().endswith(SESSION_ENDINGS):
        return ""
    if folder in ("claude_code", "codex") and path.name.lower().endswith(BESIDE_SESSIONS):
        return ""
    if path.name.lower() == BATCH_MANIFEST:
        return ""
    if path.name.lower().endswith(ENDINGS) and without_packing(path.name).endswith(".parquet"):
        return f"{relative_path}: a packed Parquet file; unpack it (Parquet packs its columns itself)"
    if _is_archive(path.name) and folder != "mapped":
        is_nested = sum(map(_is_archive, path.parts)) > MOST_NESTED
        return f"{relative_path}: an archive within archives; unpack it" if is_nested else (folder, _of_archive)
    is_protobuf = folder == "otel" and path.name.lower().removesuffix(".gz").endswith(PROTOBUF)
    if not is_protobuf and (refusal := _refused(relative_path, folder)):
        return refusal
    return (f"mapped/{path.parts[1]}" if folder == "mapped" else folder), _reader(folder)


def _is_archive(name: str) -> bool:
    return without_packing(name).endswith(ARCHIVES)


def in_archive(relative_path: str) -> bool:
    """Whether a file is one of an archive's."""
    return any(map(_is_archive, PurePosixPath(relative_path).parts[:-1]))


def _of_archive(file: SourceFile) -> Iterator[ParsedBatch]:
    from ingestion.sources.events.archives import read_archive

    return read_archive(file, route)


def _refused(relative_path: str, folder: str) -> str | None:
    """Why a folder cannot read a file of this type, with the remedy."""
    known = CONTAINERS.get(folder, EXTENSIONS)
    extension = data_extension(relative_path)
    if extension in known:
        return None
    if extension is None:
        extension = PurePosixPath(without_packing(relative_path)).suffix
        if "" in known and extension not in NO_TEXT:
            return None
    names = ", ".join(each for each in known if each)
    kind = f"{extension} files" if extension else "files without an ending"
    remedy = f"unpack it to {names}" if extension in PACKED else f"export it as {names}, plain or .gz"
    if extension in (".tsv", ".tab") and ".csv" in known:
        remedy = "rename it to .csv: tabs between columns are seen"
    if extension in EXTENSIONS:
        remedy += ", or put it into mapped/<name>/ with a mapping"
    return f"{relative_path}: {folder}/ cannot read {kind}; {remedy}"


def data_extension(name: str) -> str | None:
    """`.jsonl`, `.csv` or the like, without `.gz`; None for a file that holds no data we know."""
    name = without_packing(name)
    name = without_packing(_ROTATED.sub("", name))
    for ending in RESULTS:
        name = name.removesuffix(ending)
    return next((ending for ending in (*EXTENSIONS, _ARCHIVE) if name.endswith(ending)), None)


def companions(relative_path: str) -> tuple[str, ...]:
    """A mapped file changes its meaning with the mapping of its folder."""
    parts = PurePosixPath(relative_path).parts
    return (f"mapped/{parts[1]}/{MAPPING_FILE}",) if parts[0] == "mapped" and len(parts) > 2 else ()


def _reader(folder: str) -> Parser:
    def parse(file):  # type: ignore[no-untyped-def]
        return importlib.import_module(READERS[folder]).parse(file)

    return parse
