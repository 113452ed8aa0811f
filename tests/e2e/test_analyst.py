"""An assistant answers twenty questions of an analyst over HTTP: each figure is SQL's, to the last decimal.

`COSTOPS_TEST_ANALYST_HOME` asks another home than the small demo; it is only read.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any

import duckdb
import pytest
from genai_prices.data_snapshot import get_snapshot

from ingestion.config import Settings
from orchestration.serving.assistants.desk import MOST_CHARACTERS
from orchestration.serving.keys import KeyStore
from orchestration.serving.queries.semantic import read_model_of
from tests.support.analyst_questions import MAKERS, QUESTIONS, Asked, words_of
from tests.support.assistant import asked
from tests.support.live_server import live
from tests.support.served_home import Served

PAGE = Path(__file__).resolve().parents[2] / "docs" / "assistants.md"
OTHER = os.environ.get("COSTOPS_TEST_ANALYST_HOME")


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A home of its own with the published copy and the parsed definitions of another."""
    source = Settings.from_env({}, home=Path(OTHER) if OTHER else request.getfixturevalue("demo")[0])
    home = tmp_path_factory.mktemp("analyst")
    settings = Settings.from_env({}, home=home)
    settings.published_database.parent.mkdir(parents=True)
    shutil.copyfile(source.published_database, settings.published_database)
    target = settings.dbt_dir / "target"
    target.mkdir(parents=True)
    for name in ("manifest.json", "manifest.stamp"):
        shutil.copyfile(source.dbt_dir / "target" / name, target / name)
    settings.org_dir.mkdir(parents=True)
    (settings.org_dir / "principals.csv").write_text("principal_id,role\nann,admin\n")
    return Served(settings, {"ann": KeyStore(home).create("ann")[1]})


@pytest.fixture(scope="module")
def marts(served: Served) -> Iterator[duckdb.DuckDBPyConnection]:
    with served.marts as connection:
        yield connection


@pytest.fixture(scope="module")
def words(marts: duckdb.DuckDBPyConnection) -> dict[str, str]:
    providers = [provider for provider in get_snapshot().providers if provider.id in MAKERS]
    unfit = {
        f"{each.id}/{model.id}" for each in providers for model in each.models
        if model.deprecated or (model.context_window is not None and model.context_window < 11_000)
    }  # fmt: skip
    return words_of(marts, unfit)


@pytest.fixture(scope="module")
def said(served: Served, words: dict[str, str]) -> dict[str, str]:
    """Every answer by its question, of one connection."""
    with live(served, read_model_of(served.settings)) as url:
        texts = asked(url, served.keys["ann"], [each.call(words) for each in QUESTIONS])
    return dict(zip((each.question for each in QUESTIONS), texts, strict=True))


@pytest.mark.parametrize("each", QUESTIONS, ids=lambda each: re.sub(r"\W+", "_", each.question.lower()).strip("_"))
def test_an_answer_is_that_of_sql(
    each: Asked, said: dict[str, str], marts: duckdb.DuckDBPyConnection, words: dict[str, str]
) -> None:
    answer: dict[str, Any] = json.loads(said[each.question])
    assert "error" not in answer, answer
    assert answer["source"]["marts"]
    assert answer["source"]["published_at_utc"]
    assert len(said[each.question]) <= MOST_CHARACTERS
    expected = each.worked_out(marts.execute(Template(each.sql).substitute(words)).fetchall())
    left_out = answer.get("rows_left_out", 0)
    found = each.shown(answer)
    assert found == expected[: len(expected) - left_out]
    assert left_out == 0 or found


def test_most_questions_have_figures_in_this_home(said: dict[str, str]) -> None:
    figures = {each.question: each.shown(json.loads(said[each.question])) for each in QUESTIONS}
    amounts = {name: [cell for row in rows for cell in row if isinstance(cell, Decimal | float | int)]
               for name, rows in figures.items()}  # fmt: skip
    without = [name for name, cells in amounts.items() if not cells]
    assert len(without) <= (0 if OTHER else 3), without


def test_the_page_lists_these_questions_with_their_calls() -> None:
    listed = re.findall(r"^\| \d+ \| (.*?) \| `(\w+)` `(\{.*\})` \|$", PAGE.read_text(), re.MULTILINE)
    assert [(question, tool, json.loads(given)) for question, tool, given in listed] == [
        (each.question, each.tool, dict(each.arguments)) for each in QUESTIONS
    ]
    assert len(QUESTIONS) == 20
