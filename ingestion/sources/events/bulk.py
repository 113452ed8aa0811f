"""The fast way for a big canonical Parquet file in which every row is good: it is imported as it is.

One scan decides; with anything to correct or to refuse the file takes the ordinary way.
Put here: that decision. Keep out: correcting values (`conversion`), the import itself (`ingestion.landing`).
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.landing.database import in_memory, one_file
from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.landing.scan import FoundFile
from ingestion.limits import LimitError
from ingestion.reading.limits import FIRST_CALL
from ingestion.reading.tabular.parquet import keep_limits
from ingestion.sources.events.fields import KINDS, LARGEST_COUNT, LONGEST_OBJECT, LONGEST_TEXT, Kind
from ingestion.sources.events.routing import in_archive
from ingestion.sources.events.rows import latest_instant
from ingestion.sources.events.usage_shapes.cost_kinds import KINDS as COST_KINDS
from ingestion.sources.events.usage_shapes.values import DIGEST

BULK_BYTES = 32 << 20
"""Below that, one load for many files is cheaper than a load for each."""
FILLS = {
    "event_source": "'canonical'",
    "status": "coalesce(status, case when error_type is null then 'ok' else 'error' end)",
    "is_billable": "coalesce(is_billable, true)",
}


def is_bulk(found: FoundFile) -> bool:
    """Whether a file of the events folder may be imported as it is."""
    path = found.relative_path
    is_large = path.lower().endswith(".parquet") and found.size_bytes >= BULK_BYTES
    return is_large and path.startswith("canonical/") and not in_archive(path)


def whole_import(file: SourceFile) -> ParsedBatch | None:
    """The file as one import; None when it has to be read row by row."""
    if not is_bulk(FoundFile(file.path, file.relative_path, file.size_bytes, file.modified_at_utc)):
        return None
    try:
        with pq.ParquetFile(file.path) as opened:
            keep_limits(opened.metadata, file.size_bytes)
        schema = pq.read_schema(file.path)
        names = [name for name in schema.names if name != "event_source"]
        if not _fits(schema, names) or len(set(schema.names)) != len(schema.names):
            return None
        rows, bad, unfilled = _look(file, names, latest_instant(file))
    except (pa.ArrowException, OSError, duckdb.Error, LimitError):  # the ordinary way says what is wrong
        return None
    if bad:
        return None
    fills = {column: FILLS[column] for column in ("event_source", *unfilled)}
    fills |= _cost_fills(schema, names)
    return ParsedBatch(table_name="requests", parquet_path=file.path.resolve(), parquet_rows=rows, parquet_fills=fills)


def _fits(schema: pa.Schema, names: list[str]) -> bool:
    required = {"event_id", "requested_at_utc"} <= set(names)
    return (
        required
        and bool({"requested_model", "served_model"} & set(names))
        and all(name in KINDS and _has_kind(schema.field(name).type, KINDS[name]) for name in names)
    )


def _has_kind(kind: pa.DataType, wanted: Kind) -> bool:
    types = pa.types
    if wanted is Kind.COUNT:
        return types.is_integer(kind)
    if wanted is Kind.INSTANT:
        return types.is_timestamp(kind) and kind.unit in ("us", "ms")
    if wanted is Kind.MONEY:
        return types.is_decimal(kind) and kind.scale <= 12 and kind.precision - kind.scale <= 26
    return types.is_boolean(kind) if wanted is Kind.FLAG else types.is_string(kind) or types.is_large_string(kind)


def _cost_fills(schema: pa.Schema, names: list[str]) -> dict[str, str]:
    """A decimal's scale says how many decimals were printed, unless the file says otherwise."""
    if "recorded_cost_usd" not in names or "recorded_cost_decimals" in names:
        return {}
    scale = schema.field("recorded_cost_usd").type.scale
    return {"recorded_cost_decimals": f"case when recorded_cost_usd is not null then {scale} end"}


def _look(file: SourceFile, names: list[str], latest: datetime) -> tuple[int, bool, list[str]]:
    """Rows, whether any is bad, and the columns of `FILLS` that have gaps: one scan of the file."""
    checks = [check for name in names for check in _checks(name, latest)]
    if {"reasoning_tokens", "output_tokens"} <= set(names):
        checks.append("bool_or(reasoning_tokens > output_tokens)")
    if {"citation_tokens", "output_tokens"} <= set(names):
        checks.append("bool_or(citation_tokens > output_tokens)")
    if "recorded_cost_kind" in names:
        checks.append(f"bool_or(recorded_cost_kind not in {COST_KINDS})")
    models = ", ".join(name for name in ("served_model", "requested_model") if name in names)
    checks.append(f"bool_or(coalesce({models}) is null)")
    gaps = {name: f"count({name})" if name in names else "0" for name in ("status", "is_billable")}
    any_bad = " or ".join(f"coalesce({check}, false)" for check in checks)
    sql = f"select count(*), {any_bad}, {', '.join(gaps.values())}"
    with in_memory() as db:
        found = db.execute(f"{sql} from read_parquet(?)", [one_file(file.path)]).fetchone()
    rows, bad, *filled = found
    return rows, bool(bad), [name for name, count in zip(gaps, filled, strict=True) if count < rows]


def _checks(name: str, latest: datetime) -> list[str]:
    """Aggregates that are true when a column holds a value the ordinary way would correct or refuse."""
    kind = KINDS[name]
    if kind is Kind.COUNT:
        return [f"min({name}) < 0", f"max({name}) > {LARGEST_COUNT}"]
    if kind is Kind.MONEY:
        return [f"min({name}) < 0"]
    if kind is Kind.INSTANT:
        low, high = f"timestamp '{FIRST_CALL}'", f"timestamp '{latest}'"
        return [f"count({name}) < count(*)", f"min({name}) < {low}", f"max({name}) >= {high}"]
    if kind is Kind.OBJECT:
        return [
            f"bool_or(not json_valid({name}) or json_type({name}) <> 'OBJECT')",
            f"max(strlen({name})) > {LONGEST_OBJECT}",
        ]
    if kind is Kind.FLAG:
        return []
    if name == "prompt_hash":
        return [f"bool_or(not regexp_full_match({name}, '{DIGEST}'))"]
    untidy = f"bool_or({name} = '' or {name} <> trim({name}) or contains({name}, chr(0)))"
    missing = [f"count({name}) < count(*)"] if name == "event_id" else []
    return [*missing, f"max(strlen({name})) > {LONGEST_TEXT}", untidy]
