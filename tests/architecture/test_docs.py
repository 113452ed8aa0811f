"""Documents point at things that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_test_that_the_rules_name_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "rules.md").read_text()))
    defined = {
        name for path in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert named - defined == set()


def test_every_dbt_test_that_the_rules_name_exists() -> None:
    text = (ROOT / "docs" / "rules.md").read_text()
    named = set(re.findall(r"`(assert_\w+)`", text))
    assert named - {path.stem for path in (ROOT / "dbt_project" / "tests").rglob("*.sql")} == set()
    units = set(re.findall(r"dbt ((?:`[a-z_]+`(?:, )?)+)", text))
    models = "\n".join(path.read_text() for path in (ROOT / "dbt_project" / "models").rglob("*.yml"))
    for name in {
        name
        for group in units
        for name in re.findall(r"`([a-z_]+)`", group)
        if not name.startswith(("assert_", "test_"))
    }:
        assert f"- name: {name}" in models, name


def test_every_quirk_is_dealt_with_by_tests_that_exist() -> None:
    page = (ROOT / "docs" / "provider_quirks.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    dbt = "\n".join(path.read_text() for path in (ROOT / "dbt_project" / "models").rglob("*.yml"))
    defined = set(re.findall(r"def (test_\w+)", tests)) | set(re.findall(r"^  - name: (\w+)$", dbt, re.MULTILINE))
    named = {row: set(re.findall(r"`(\w+)`", row.rsplit("|", 2)[1])) for row in rows}
    assert len(rows) > 60
    assert [row for row, names in named.items() if not names and "not built" not in row] == []
    assert set().union(*named.values()) - defined == set()


def test_quirks_are_numbered_without_a_gap() -> None:
    for section in (ROOT / "docs" / "provider_quirks.md").read_text().split("\n## ")[1:]:
        numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)]
        assert numbers == list(range(1, len(numbers) + 1)), section.splitlines()[0]


def test_the_index_names_every_page_once() -> None:
    docs = ROOT / "docs"
    linked = re.findall(r"^\| \[[^]]+\]\(([^)]+\.md)\) \|", (docs / "index.md").read_text(), re.MULTILINE)
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    wanted = {page for page in pages if not page.startswith(("decisions/", "sources/examples/")) and page != "index.md"}
    assert sorted(linked) == sorted(wanted)


def test_decisions_are_numbered_once() -> None:
    names = [path.name for path in (ROOT / "docs" / "decisions").glob("*.md")]
    numbers = [int(name[:4]) for name in names]
    assert len(numbers) == len(set(numbers))
    for name, number in zip(names, numbers, strict=True):
        assert (ROOT / "docs" / "decisions" / name).read_text().startswith(f"# {number}. "), name
