"""The server answers whatever the OpenAPI document allows, and much that it does not, as the document says.

`COSTOPS_TEST_SCHEMA_CASES` is how many cases each route gets.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from orchestration.serving.http.app import create_app
from orchestration.serving.http.server import Options
from tests.support.served_home import served_home, small_model

schemathesis = pytest.importorskip("schemathesis")
CASES = int(os.environ.get("COSTOPS_TEST_SCHEMA_CASES", "1"))
LEAST_ROUTES = 29


def test_no_case_breaks_the_server_and_each_answer_is_as_documented(tmp_path: Path) -> None:
    from schemathesis.checks import load_all_checks
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    load_all_checks()
    home = served_home(tmp_path)
    app = create_app(
        home.settings,
        Options(
            hosts=("testserver",),
            allow_writes=True,
            requests_per_minute=1e9,
            failures_per_minute=1e9,
            segment_seconds=0.1,
        ),
    )
    app.state.server._model = small_model()
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    statuses: Counter[str] = Counter()

    def one(case: schemathesis.Case) -> None:
        answer = case.call(headers=home.headers("ann"))
        statuses[f"{case.operation.label} {answer.status_code}"] += 1
        assert answer.status_code != 500, answer.text
        if answer.status_code == 503:  # /readyz says so of an old publication
            assert answer.json()["remedy"]
            return
        # A parameter of the right form may name nothing, or contradict another: 422 with the field.
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])

    routes = 0
    for found in schema.get_all_operations():
        routes += 1
        case = found.ok().as_strategy()
        settings(
            max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate], derandomize=CASES < 10,
        )(given(case=case)(one))()  # fmt: skip
    assert routes >= LEAST_ROUTES
    assert any(name.endswith(" 200") for name in statuses)
    if CASES >= 100:
        print(sum(statuses.values()), "cases", *sorted(statuses.items()), sep="\n")
