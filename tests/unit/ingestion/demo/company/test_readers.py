"""The ordinary readers take every file of the company: nothing in quarantine, sums equal to the truth."""

from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc

from ingestion.demo.company import GroundTruth
from ingestion.landing.model import SourceFile
from ingestion.sources.events import routing

Company = tuple[Path, GroundTruth]


def _file(path: Path, folder: Path) -> SourceFile:
    modified = datetime.fromtimestamp(path.stat().st_mtime)  # noqa: DTZ006
    return SourceFile(path, path.relative_to(folder).as_posix(), path.stat().st_size, modified, "hash")


def test_event_readers_find_every_token_of_every_day(company: Company) -> None:
    folder, truth = company
    found: dict[tuple[str, str], int] = defaultdict(int)
    for path in sorted((folder / "events").rglob("*")):
        if path.is_dir():
            continue
        file = _file(path, folder / "events")
        routed = routing.route(file.relative_path)
        if routed == "":
            continue
        assert isinstance(routed, tuple), routed
        for batch in routed[1](file):
            assert batch.quarantined == []
            if batch.table is None:
                continue
            days = pc.strftime(batch.table["requested_at_utc"], format="%Y-%m-%d").to_pylist()
            for name in batch.table.column_names:
                if name.endswith("_tokens") or name == "web_searches":
                    for day, count in zip(days, batch.table[name].to_pylist(), strict=True):
                        found[day, name] += count or 0
    logged = truth.usage[truth.usage["is_logged"]]
    names = [name for name in logged.columns if name.endswith("_tokens") or name == "web_searches"]
    expected = logged.groupby("usage_date")[names].sum()
    for day, row in expected.iterrows():
        for name in names:
            assert found[str(day), name] == row[name], (day, name)
