"""The small home, served in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from orchestration.serving.http.app import create_app
from orchestration.serving.http.server import Options
from tests.support.served_home import Served, served_home, small_model


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return served_home(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[TestClient]:
    options = Options(
        hosts=("testserver",), allow_writes=True, requests_per_minute=1e9, failures_per_minute=1e9, segment_seconds=0.05
    )
    app = create_app(served.settings, options)
    app.state.server._model = small_model()
    with TestClient(app, follow_redirects=False) as opened:
        yield opened
