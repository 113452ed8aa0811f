"""What the package is: light to import, typed, and documented by examples that run."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import costops_client
from costops_client import AsyncCostOps, CostOps, calls
from tests.support.served_home import Served

ROOT = Path(__file__).resolve().parents[4]
HEAVY = "dagster dbt pandas duckdb pyarrow numpy fastapi orchestration ingestion ml pydantic".split()
QUESTIONS = {
    name for name, each in vars(calls).items() if inspect.isfunction(each) and each.__module__ == calls.__name__
}


def test_importing_it_imports_nothing_heavy() -> None:
    program = (
        "import sys, costops_client as c; client = c.CostOps('key'); client.close();"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT / "tests"
    )
    assert done.stdout.strip() == "[]"


def test_every_question_has_its_name_in_both_clients_and_says_what_it_is() -> None:
    for kind in (CostOps, AsyncCostOps):
        assert {name for name in QUESTIONS if callable(getattr(kind, name, None))} == QUESTIONS
        assert all(getattr(kind, name).__doc__ == getattr(calls, name).__doc__ for name in QUESTIONS)
    client = CostOps("key")
    assert str(inspect.signature(client.teams)) == "() -> 'subjects.Teams'"
    assert list(inspect.signature(client.report).parameters) == ["period_days"]
    client.close()
    assert (Path(costops_client.__file__).parent / "py.typed").exists()
    assert set(costops_client.__all__) <= vars(costops_client).keys()


@pytest.mark.skipif("COSTOPS_TEST_WHEEL" not in os.environ, reason="builds a wheel (COSTOPS_TEST_WHEEL=1)")
def test_a_wheel_holds_it_once_under_its_own_name(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    found = sorted(
        path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("costops_client")
    )
    assert found == ["costops_client"]
    assert (tmp_path / "site" / "costops_client" / "py.typed").exists()
    program = "import costops_client; print(costops_client.__file__)"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert done.stdout.startswith(str(tmp_path / "site"))


def examples() -> list[str]:
    page = (ROOT / "docs" / "client.md").read_text()
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("place", range(len(examples())))
def test_an_example_of_the_docs_runs(served: Served, url: str, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTOPS_URL", url)
    monkeypatch.setenv("COSTOPS_API_KEY", served.keys["ann"])
    monkeypatch.setenv("COSTOPS_HOME", str(served.settings.home))
    exec(compile(examples()[place], "docs/client.md", "exec"), {"__name__": "__main__"})


def test_the_docs_have_examples_and_name_every_question() -> None:
    page = (ROOT / "docs" / "client.md").read_text()
    assert len(examples()) >= 6
    assert {name for name in QUESTIONS if f"`{name}`" not in page} == set()
