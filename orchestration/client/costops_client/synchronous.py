"""The client for programs and notebooks that wait for each answer.

Put here: sending, waiting, paging, one name for each question. Keep out: what is asked (`calls`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import httpx

from costops_client import calls
from costops_client.connecting import LOCAL_URL, Pages, connection_of, local_transport
from costops_client.costs import Record, RecordPage
from costops_client.errors import error_of, unreachable
from costops_client.questions import ARROW, JSON, Call, name_as
from costops_client.retrying import Retrying
from costops_client.tables import pandas_of

if TYPE_CHECKING:
    import pandas
    import pyarrow

P = ParamSpec("P")
T = TypeVar("T")


def _asking(call: Callable[P, Call[T]]) -> Callable[Concatenate[CostOps, P], T]:
    """A question as a method."""

    def method(self: CostOps, /, *given: P.args, **named: P.kwargs) -> T:
        return self.ask(call(*given, **named))

    name_as(method, call)
    return method


class CostOps:
    """A connection to `costops serve`. Use it as a context manager, or close it; it may be shared by threads.

    `api_key`: else `COSTOPS_API_KEY`. `url`: else `COSTOPS_URL`, else this machine at port 8080. `timeout`: seconds for
    each attempt. `retries`: further attempts after what is transient.

    Raises:
        CostOpsError: there is no key, or the url is none.
    """

    def __init__(
        self, api_key: str | None = None, url: str | None = None, *, timeout: float = 30.0, retries: int = 3,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._retrying = Retrying(retries)
        options = connection_of(api_key, url, timeout, needs_key=transport is None)
        self._http = httpx.Client(transport=transport, **options)

    @classmethod
    def local(
        cls, place: str | PathLike[str], *, principal: str | None = None, api_key: str | None = None,
        allow_writes: bool = False,
    ) -> CostOps:  # fmt: skip
        """The same questions to a home of this machine, or to a published file, without a server.

        `principal`, `api_key`: whose rows are answered; else all: whoever can read the file sees it. Needs the extra
        `serve`.
        """
        transport = local_transport(place, principal, api_key, allow_writes=allow_writes)
        return cls(url=LOCAL_URL, timeout=600.0, transport=transport)

    metrics = _asking(calls.metrics)
    breakdown = _asking(calls.breakdown)
    trend = _asking(calls.trend)
    report = _asking(calls.report)
    aggregate = _asking(calls.aggregate)
    records_page = _asking(calls.records_page)
    estimate = _asking(calls.estimate)
    budgets = _asking(calls.budgets)
    budget_status = _asking(calls.budget_status)
    check_budgets = _asking(calls.check_budgets)
    create_budget = _asking(calls.create_budget)
    alerts = _asking(calls.alerts)
    create_alert = _asking(calls.create_alert)
    acknowledge_alert = _asking(calls.acknowledge_alert)
    suggestions = _asking(calls.suggestions)
    roi = _asking(calls.roi)
    admin_optimize = _asking(calls.admin_optimize)
    admin_costs = _asking(calls.admin_costs)
    list_metrics = _asking(calls.list_metrics)
    metric = _asking(calls.metric)
    me = _asking(calls.me)
    person = _asking(calls.person)
    identity = _asking(calls.identity)
    teams = _asking(calls.teams)
    projects = _asking(calls.projects)
    send_events = _asking(calls.send_events)
    ready = _asking(calls.ready)

    def records(
        self, filters: calls.Filters | None = None, start_date: calls.Day | None = None,
        end_date: calls.Day | None = None, time_range: str | None = None, page_size: int = 1000,
    ) -> Records:  # fmt: skip
        """Single requests, oldest first: iterate over them; pages are fetched as they are needed."""
        return Records(self, calls.records_page(filters, start_date, end_date, time_range, page_size))

    def ask(self, call: Call[T]) -> T:
        """The answer of a question."""
        return call.answer(self.fetch(call))

    def fetch(self, call: Call[T], accept: str = JSON) -> httpx.Response:
        """The answer as bytes; tried again where that may help.

        Raises:
            ApiError: the server says what is wrong.
            Unreachable: nothing answered.
        """
        attempt = 0
        while True:
            outcome = self._once(call, accept)
            if isinstance(outcome, httpx.Response) and outcome.is_success:
                return outcome
            pause = self._retrying.pause(outcome, attempt, is_repeatable=call.is_repeatable)
            if pause is None:
                if isinstance(outcome, httpx.Response):
                    raise error_of(outcome)
                raise unreachable(outcome, self._http.base_url) from outcome
            time.sleep(pause)
            attempt += 1

    def _once(self, call: Call[T], accept: str) -> httpx.Response | httpx.TransportError:
        try:
            return self._http.send(call.request(self._http, accept))
        except httpx.TransportError as error:
            return error

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def __enter__(self) -> CostOps:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"CostOps({str(self._http.base_url)!r})"


class Records:
    """Single requests of a question: iterating asks page by page, each time from the beginning."""

    def __init__(self, client: CostOps, call: Call[RecordPage]) -> None:
        self._client, self._call = client, call

    def __iter__(self) -> Iterator[Record]:
        for page in self.pages():
            yield from page.rows

    def pages(self) -> Iterator[RecordPage]:
        """Page by page."""
        call: Call[RecordPage] | None = self._call
        while call is not None:
            page = self._client.ask(call)
            yield page
            call = call.with_parameter("cursor", page.next_cursor) if page.next_cursor else None

    def to_arrow(self) -> pyarrow.Table:
        """All of them as one table, fetched as the server's Arrow streams."""
        pages = Pages(self._call)
        while pages.call is not None:
            pages.take(self._client.fetch(pages.call, ARROW))
        return pages.table()

    def to_pandas(self) -> pandas.DataFrame:
        """The same as a frame."""
        return pandas_of(self.to_arrow())
