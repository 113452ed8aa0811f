"""Data flow: `<GPU folder>/<host>/*.csv` → `raw_gpu.gpu_samples` (and the other tables of
`raw_gpu`), `raw_gpu.files`, `raw_gpu.quarantine`.

Put here: the description of the source. Keep out: the log format (`nvidia_smi`). Run alone:
`python -m ingestion.sources.gpu`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import PurePosixPath

from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing import DropFolderSource, LandingReport, land_drop_folder
from ingestion.landing.source import Route
from ingestion.sources.gpu import nvidia_smi, parquet, tables, workloads
from ingestion.sources.gpu.sample_hours import says_durations
from ingestion.sources.gpu.settings import SETTINGS_NAMES

EXPECTED = "nvidia-smi logs in CSV (plain or .gz), gpu_allocations*.csv, served_tokens*.csv, or samples in Parquet"


def route(relative_path: str) -> Route:
    """The format and parser of a file, or why it is passed over."""
    path = PurePosixPath(relative_path)
    name = path.name.lower()
    if name in SETTINGS_NAMES or name.split(".")[0] in ("readme", "license", "source"):
        return ""
    if name.endswith(".parquet"):
        return "gpu_samples_parquet", parquet.samples
    if not name.removesuffix(".gz").endswith((".csv", ".log", ".txt")):
        return f"{relative_path}: expected {EXPECTED}"
    if name == workloads.FILE_NAME:
        return "workloads", workloads.check
    for beginning, parser in tables.PARSERS.items():
        if name.startswith(beginning):
            return beginning, parser
    return "nvidia_smi", nvidia_smi.parse


def companions(relative_path: str) -> tuple[str, ...]:
    """A log reads differently when the settings or workloads of its folder or of the GPU folder change."""
    folder = PurePosixPath(relative_path).parent
    places = [PurePosixPath(".")] if folder == PurePosixPath(".") else [PurePosixPath("."), folder]
    return tuple((place / name).as_posix() for place in places for name in (*SETTINGS_NAMES, workloads.FILE_NAME))


def source(settings: Settings) -> DropFolderSource:
    """The GPU folder as landing sees it."""
    return DropFolderSource(
        name="gpu",
        dataset="raw_gpu",
        folder=settings.gpu_dir,
        folder_variable=DROP_FOLDERS["gpu"],
        route=route,
        companions=companions,
        readers=("ingestion.sources.gpu",),
        is_bulk=lambda found: found.relative_path.lower().endswith(".parquet") and not says_durations(found.path),
    )


def land(settings: Settings, *, now: datetime, progress: Callable[[str], None] | None = None) -> LandingReport:
    """Land what is new or changed in the GPU folder."""
    return land_drop_folder(source(settings), settings, now=now, progress=progress)
