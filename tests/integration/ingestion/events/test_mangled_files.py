"""Three hundred mangled files: the run never dies, nothing good is lost, each bad row is quarantined with a reason."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from pathlib import Path

from ingestion.config import Settings
from ingestion.landing import connect
from ingestion.sources.events.pipeline import land
from tests.integration.ingestion.events.mangled_formats import FORMATS
from tests.integration.ingestion.events.mangling import MangledFile, mangle
from tests.integration.ingestion.landing.toy import NOW

FILES = 300
SEED = 20_260_506


def _write(drop: Path) -> list[MangledFile]:
    rng = random.Random(SEED)
    files = []
    for number in range(FILES):
        event_format = FORMATS[number % len(FORMATS)]
        files.append(mangle(event_format, drop, number // len(FORMATS), rng))
    for event_format in FORMATS:
        for name, text in event_format.beside.items():
            (drop / event_format.folder / name).write_text(text)
    return files


def test_three_hundred_mangled_files(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    files = _write(settings.events_dir)
    assert len({file.damage for file in files}) >= 12
    report = land(settings, now=NOW)
    assert report.files_landed == FILES
    with connect(settings.warehouse_path) as db:
        landed = db.execute(
            "select path, event_id from raw_events.requests as requests "
            "join raw_events.files as files on files.file_id = requests._source_file_id"
        ).fetchall()
        quarantined = db.execute(
            "select file_path, row_number, reason, message, original_record, source from raw_events.quarantine"
        ).fetchall()
    ids_by_path, rows_by_path = defaultdict(set), defaultdict(set)
    for path, event_id in landed:
        ids_by_path[path].add(event_id)
    for path, row, reason, message, record, source in quarantined:
        assert re.fullmatch("[a-z_]+", reason)
        assert message
        assert source.startswith("events/")
        assert record is None or len(record) < 200_000
        rows_by_path[path].add(row)
    for file in files:
        told = (file.relative_path, file.damage)
        assert ids_by_path[file.relative_path] == file.good_ids, told
        assert rows_by_path[file.relative_path] == file.bad_rows, told
    assert len(landed) == sum(len(file.good_ids) for file in files)
    assert report.quarantined_rows == len(quarantined)
    print(
        f"{FILES} files, {len(landed)} good rows landed, {len(quarantined)} quarantined: {list(map(str, report.notes))}"
    )
