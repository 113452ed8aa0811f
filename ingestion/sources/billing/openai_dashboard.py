"""The cost export of OpenAI's dashboard (CSV) → `raw_billing.openai_costs`.

The same figures as the costs API, for who has no admin key, or for days from before the key. Times come as Unix
seconds and as ISO text, with and without an offset; a day without cost is a row of times without an amount.
Put here: the dashboard's names. Keep out: which of API and export counts, which is dbt's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.tabular.values import by_distinct, exact_decimal
from ingestion.sources.billing.model import BillingFormat, Cells, RowRule, ScopeRule, has_headers, squash
from ingestion.vocabulary.raw_types import PROVENANCE

OPENAI_COSTS = RAW_SCHEMAS["raw_billing"]["openai_costs"]

_TIMES = {"start_time": "bucket_start_utc", "end_time": "bucket_end_utc"}
_ALIASES = {
    **{squash(name): name for name in OPENAI_COSTS if name not in PROVENANCE},
    "starttimeiso": "bucket_start_utc",
    "endtimeiso": "bucket_end_utc",
    "amountvalue": "amount",
    "amountcurrency": "currency",
}
_WHOSE = ("organization_id", "organization_name")
_WHOSE_ELSE = frozenset(map(squash, _WHOSE))
_DERIVED = {"amount_text", "quantity_text", "extra_columns"}


def canonical(header: str) -> tuple[str, int] | None:
    """The raw column of the dashboard's header."""
    column = _ALIASES.get(squash(header))
    return (column, 0) if column and column not in _DERIVED else None


def adapt(cells: Cells) -> None:
    """Where the ISO time is empty, the one from the Unix seconds beside it."""
    for header, column in _TIMES.items():
        seconds = next((name for name in cells.extra if squash(name) == squash(header)), None)
        if seconds is not None:
            told = by_distinct(cells.extra.pop(seconds), _iso, pa.string()).values
            given = cells.known.get(column)
            cells.known[column] = told if given is None else pc.coalesce(given, told)


def is_empty_day(cells: Cells) -> pa.Array | None:
    """Rows that hold nothing but times and whose they are: the dashboard's way to say that a day had no cost."""
    known = [column for name, column in cells.known.items() if name not in (*_TIMES.values(), *_WHOSE)]
    told = known + [column for name, column in cells.extra.items() if squash(name) not in _WHOSE_ELSE]
    empty = [pc.is_null(column) for column in told]
    return reduce(pc.and_, empty) if empty else None


def _iso(text: str) -> str:
    """Text of the instant, or the text itself where it is none, so that the row says what is wrong."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(exact_decimal(text)))
    except (ValueError, OverflowError):
        return text
    return moment.isoformat()


FORMAT = BillingFormat(
    name="openai",
    table="openai_costs",
    canonical=canonical,
    recognises=has_headers("starttime", "amountvalue"),
    expected_headers="at least start_time and amount_value, as the dashboard exports costs",
    required=(
        RowRule("amount", "missing_cost", "a cost needs its amount (0 if it is free); export the costs again"),
        RowRule("bucket_start_utc", "missing_time", "a cost needs the start of its day; export the costs again"),
    ),
    text_copies={"amount": "amount_text", "quantity": "quantity_text"},
    adapt=adapt,
    scope=ScopeRule(
        parent="organization_id",
        account="organization_id",
        period_start="bucket_start_utc",
        charge_start="bucket_start_utc",
        amount="amount",
        currency="currency",
        identity=("line_item", "project_id"),
        period="%Y-%m-%d",
    ),
    day_first_columns=("bucket_start_utc", "bucket_end_utc"),
    is_blank=is_empty_day,
)


def is_empty_export(names: list[str]) -> bool:
    """Whether a header has times and nothing else: an export of a span without any usage."""
    return {squash(name) for name in names} == {"starttime", "endtime", "starttimeiso", "endtimeiso"}
