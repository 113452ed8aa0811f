"""Samples of GPUs in Parquet, in the columns of `raw_gpu.gpu_samples`: summed by hour where each says how long it
stands for (`sample_hours`), else imported as they are.

Put here: which columns a file may and must have, what its rows must satisfy. Keep out: CSV logs (`nvidia_smi`).
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.landing.database import in_memory, one_file
from ingestion.landing.forgotten import is_anyone_forgotten
from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.raw_schemas import DUCKDB_TYPES
from ingestion.reading.limits import FIRST_CALL
from ingestion.reading.lines import quarantined
from ingestion.sources.gpu import sample_hours

COLUMNS = sample_hours.FILE_COLUMNS
REQUIRED = ("sampled_at_utc", "host", "gpu_id", "gpu_utilization_pct")
CHECKS = {
    "a sample has no time, host or gpu_id": "sampled_at_utc is null or host is null or gpu_id is null",
    "a time is before 2000 or after 2199": f"sampled_at_utc < '{FIRST_CALL}' or sampled_at_utc >= '2200-01-01'",
    "gpu_utilization_pct is not from 0 to 100": "gpu_utilization_pct < 0 or gpu_utilization_pct > 100",
    "duration_seconds is not from 0 to 3600": "duration_seconds < 0 or duration_seconds > 3600",
    "share_parts is not from 0 to 840": "share_parts < 0 or share_parts > 840",
}


def samples(file: SourceFile) -> Iterator[ParsedBatch]:
    """The whole file, or why it is refused: a file that is made by a program is right or wrong as a whole."""
    try:
        schema = pq.read_schema(file.path)
        with in_memory() as db:
            rows, problem = _look(db, file, schema)
            if problem is None and sample_hours.says_durations(file.path):
                for table in sample_hours.summed(db, file.path, set(schema.names)):
                    yield ParsedBatch(table, sample_hours.TABLE)
                return
    except (pa.ArrowException, OSError, duckdb.Error) as error:
        yield _refused("unreadable_file", f"{file.relative_path} cannot be read ({str(error)[:200]}). Write it again.")
        return
    if problem:
        yield _refused("invalid_file", f"{file.relative_path}: {problem}. Correct it and write the file again.")
        return
    if is_anyone_forgotten():
        yield from _looked_through(file)
        return
    yield ParsedBatch(table_name="gpu_samples", parquet_path=file.path.resolve(), parquet_rows=rows)


def _looked_through(file: SourceFile) -> Iterator[ParsedBatch]:
    """The rows in memory, where landing sees whom they mention."""
    with in_memory() as db:
        numbered = "* exclude (file_row_number), file_row_number + 1 as _source_row"
        rows = db.execute(f"select {numbered} from read_parquet(?, file_row_number = true)", [one_file(file.path)])
        for batch in rows.to_arrow_reader(sample_hours.BATCH_ROWS):
            yield ParsedBatch(pa.Table.from_batches([batch]), "gpu_samples")


def _refused(reason: str, message: str) -> ParsedBatch:
    return ParsedBatch(quarantined=[quarantined(None, reason, message, None)])


def _look(db: duckdb.DuckDBPyConnection, file: SourceFile, schema: pa.Schema) -> tuple[int, str | None]:
    lacking = [name for name in REQUIRED if name not in schema.names]
    if lacking:
        return 0, f"column {lacking[0]} is missing"
    for field in schema:
        if field.name not in COLUMNS:
            return 0, f"column {field.name} is none of {', '.join(COLUMNS)}"
        if field.type != COLUMNS[field.name] and not _is_like(field.type, COLUMNS[field.name]):
            return 0, f"column {field.name} is {field.type}, not {DUCKDB_TYPES[COLUMNS[field.name]]}"
    names = set(schema.names)
    checks = {text: sql for text, sql in CHECKS.items() if all(_is_there(word, names) for word in sql.split())}
    query = ", ".join(f"coalesce(bool_or({sql}), false)" for sql in checks.values())
    found = db.execute(f"select count(*), {query} from read_parquet(?)", [one_file(file.path)]).fetchone() or (0,)
    problem = next((text for text, is_bad in zip(checks, found[1:], strict=True) if is_bad), None)
    return int(found[0]), problem


def _is_there(word: str, names: set[str]) -> bool:
    return word not in COLUMNS or word in names


def _is_like(found: pa.DataType, wanted: pa.DataType) -> bool:
    types = pa.types
    if types.is_decimal(wanted):
        return types.is_decimal(found) and found.scale <= 12 and found.precision - found.scale <= 26
    if types.is_int64(wanted):
        return types.is_integer(found)
    return types.is_timestamp(wanted) and types.is_timestamp(found) and found.unit in ("us", "ms") and found.tz is None
