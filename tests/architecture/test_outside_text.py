"""Text from outside is data: nothing evaluates it, unpickles it, renders it or puts it into SQL by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ingestion", "orchestration", "ml")
REFUSED = {
    "eval",
    "exec",
    "pickle.load",
    "pickle.loads",
    "marshal.loads",
    "os.system",
    "os.popen",
    "yaml.unsafe_load",
    "yaml.full_load",
    "jinja2.Template",
    "extractall",
}
READS_YAML = ["ingestion/yaml_files.py"]
RUNS_QUERIES_IN_TEMPLATES = [
    "macros/engine/due.sql",
    "macros/engine/materializations.sql",
    "macros/rebuild.sql",
    "macros/spark/due.sql",
    "macros/spark/materializations.sql",
]
"""They read days, fingerprints and numbers of files: what a query gives is rendered into SQL."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of this project's code, with its file."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield str(path.relative_to(ROOT)), node


def test_nothing_evaluates_text() -> None:
    found = [
        (path, name)
        for path, call in calls()
        if (name := ast.unparse(call.func)) in REFUSED or name.endswith(".extractall")
    ]
    assert found == []


def test_yaml_is_read_in_one_place_without_objects_and_aliases() -> None:
    found = {path for path, call in calls() if re.fullmatch(r"yaml\.\w*load\w*", ast.unparse(call.func))}
    assert sorted(found) == READS_YAML


def test_no_shell_is_given_a_line() -> None:
    found = [
        path
        for path, call in calls()
        for keyword in call.keywords
        if keyword.arg == "shell" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert found == []


def test_what_a_query_gives_is_rendered_in_known_places_only() -> None:
    project = ROOT / "dbt_project"
    found = [
        str(path.relative_to(project))
        for folder in ("models", "macros", "tests")
        for path in sorted((project / folder).rglob("*.sql"))
        if re.search(r"\b(run_query|get_column_values|statement)\b\s*\(", path.read_text())
    ]
    assert found == RUNS_QUERIES_IN_TEMPLATES
