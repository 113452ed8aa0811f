"""What holds for every test.

Put here: what one test could leave to the next in the same process, and how the process is set. Keep out: fixtures of a
subject.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine is, is no result: a busy one draws and runs as many examples, only later.
settings.register_profile("any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_machine")


def pytest_configure() -> None:
    """A shell has what runs in its background ignore SIGINT. Dagster takes that over for SIGTERM, and processes that
    tests start and end would live on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Tests and imported libraries stay to the end: a search for garbage need not go through all of them each time.

    A small dbt run in a test process took 1.2 CPU seconds with Python's own settings, and 0.6 with no search at all.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are no name for a test: a packed file holds the second in which it was made, and workers must agree."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def the_umask_of_before() -> Iterator[None]:
    """Commands keep a home's files private by the umask of the process, which is this one where a test calls them."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(autouse=True, scope="module")
def the_environment_of_before() -> Iterator[None]:
    """A home that is prepared in this process says where it lies to its children, and to later tests."""
    before = dict(os.environ)
    yield
    if os.environ != before:
        os.environ.clear()
        os.environ.update(before)
