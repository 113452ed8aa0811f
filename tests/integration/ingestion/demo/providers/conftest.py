"""A small sample company and its simulator, shared by these tests; every test begins without faults."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest
import requests

from ingestion.demo.company import GroundTruth, generate
from ingestion.demo.providers import Faults, Simulator, Urls, running

LAST = date(2026, 11, 21)
Buckets = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def truth(tmp_path_factory: pytest.TempPathFactory) -> GroundTruth:
    """Forty-five days of a sixteenth of the company."""
    return generate(tmp_path_factory.mktemp("simulated_company"), last_date=LAST, days=45, scale=0.06)


@pytest.fixture(scope="session")
def reached(truth: GroundTruth) -> pd.DataFrame:
    """Requests that reached a provider."""
    every = truth.requests()
    return every[every["is_billable"]].assign(request_count=1)


@pytest.fixture(scope="session")
def session_urls(truth: GroundTruth) -> Iterator[Urls]:
    """The server of all these tests."""
    with running(Simulator(truth)) as urls:
        yield urls


@pytest.fixture
def urls(session_urls: Urls) -> Iterator[Urls]:
    """The server without faults, at its own now."""
    simulator = session_urls.simulator
    simulator.faults, simulator.now = Faults(), simulator.company.default_now
    simulator.journal.clear()
    yield session_urls
    simulator.faults, simulator.now = Faults(), simulator.company.default_now


@pytest.fixture
def openai(urls: Urls) -> requests.Session:
    """A session with OpenAI's admin key."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {urls.simulator.keys.openai_admin_key}"
    return session


@pytest.fixture
def anthropic(urls: Urls) -> requests.Session:
    """A session with Anthropic's admin key."""
    session = requests.Session()
    session.headers.update({"x-api-key": urls.simulator.keys.anthropic_admin_key, "anthropic-version": "2023-06-01"})
    return session


@pytest.fixture
def azure(urls: Urls) -> requests.Session:
    """A session with a token of Azure."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {urls.simulator.keys.azure_access_token}"
    return session


def read_all(session: requests.Session, address: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    """The buckets of every page; the last page has no successor."""
    found: list[dict[str, Any]] = []
    page: str | None = None
    while True:
        answer = session.get(address, params={**params, **({"page": page} if page else {})}, timeout=10)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found.extend(body["data"])
        page = body["next_page"]
        assert body["has_more"] is (page is not None)
        if page is None:
            return found


@pytest.fixture
def openai_buckets(urls: Urls, openai: requests.Session) -> Buckets:
    """All buckets of an OpenAI report: `openai_buckets("usage/completions", start_time=...)`."""
    return lambda name, **params: read_all(openai, f"{urls.openai}/organization/{name}", params)


@pytest.fixture
def anthropic_buckets(urls: Urls, anthropic: requests.Session) -> Buckets:
    """All buckets of an Anthropic report: `anthropic_buckets("cost_report", starting_at=...)`."""
    return lambda name, **params: read_all(anthropic, f"{urls.anthropic}/v1/organizations/{name}", params)
