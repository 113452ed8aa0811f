"""The small home: served over HTTP, and opened without a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from costops_client import CostOps
from tests.support.live_server import live
from tests.support.served_home import Served, served_home, small_model


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return served_home(tmp_path_factory.mktemp("client") / "home")


@pytest.fixture(scope="module")
def url(served: Served) -> Iterator[str]:
    with live(served) as found:
        yield found


@pytest.fixture(scope="module")
def costs(served: Served, url: str) -> Iterator[CostOps]:
    with CostOps(served.keys["ann"], url) as client:
        yield client


@pytest.fixture(scope="module")
def local(served: Served) -> Iterator[CostOps]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.serving.http.server.read_model_of", lambda settings: small_model())
        with CostOps.local(served.settings.home) as client:
            yield client
