"""What every provider API shares: polite requests, a spool of what was said, a ledger of what is complete.

Data flow: API → spool of one file per endpoint and UTC day → ordinary landing → `raw_<source>`.
Put here: what no provider owns. Keep out: paths, fields and meanings of any one provider.
"""

from ingestion.api.buckets import BucketEndpoint
from ingestion.api.client import ApiClient
from ingestion.api.errors import (
    ApiError,
    BadRequestError,
    MalformedResponseError,
    NotEntitledError,
    NotFoundError,
    TransportError,
    WrongCredentialError,
)
from ingestion.api.model import ApiSource, DayPages, Endpoint, Record, RequestInfo
from ingestion.api.numbers import PrintedNumber, decimal_of, dumps, loads, text_of
from ingestion.api.paging import CursorPaginator
from ingestion.api.pulls import Ledger, PullState
from ingestion.api.session import PatientSession, RetryPolicy
from ingestion.api.snapshots import SnapshotEndpoint
from ingestion.api.source import pull_and_land
from ingestion.api.spool import Spool
from ingestion.api.windows import DateRange

__all__ = [
    "ApiClient",
    "ApiError",
    "ApiSource",
    "BadRequestError",
    "BucketEndpoint",
    "CursorPaginator",
    "DateRange",
    "DayPages",
    "Endpoint",
    "Ledger",
    "MalformedResponseError",
    "NotEntitledError",
    "NotFoundError",
    "PatientSession",
    "PrintedNumber",
    "PullState",
    "Record",
    "RequestInfo",
    "RetryPolicy",
    "SnapshotEndpoint",
    "Spool",
    "TransportError",
    "WrongCredentialError",
    "decimal_of",
    "dumps",
    "loads",
    "pull_and_land",
    "text_of",
]
