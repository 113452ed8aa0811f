"""Codes of rejected rows: every fault that the code names has one, and the page lists them all.

Faults are found where rows and values are refused, in the syntax tree, not in a list of ours.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ingestion.vocabulary.refusals import CODES, EARLIER, FAULTS, code_of, with_fault

ROOT = Path(__file__).parents[2]
READERS = ("api", "landing", "reading", "sources")
PLACE = {
    **{"QuarantinedRow": 1, "quarantined": 1, "BadValue": 1, "reject": 1, "RowRule": 1, "InvalidMapping": 2},
    **{"Unusable": 0, "BadTime": 0, "_whole_file": 0, "_refuse": 2, "refuse": 2, "quarantine": 2},
}
"""Where each refusal takes its fault."""
WORD = re.compile(r"[a-z]+(_[a-z]+)*")


def _words(node: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
        elif isinstance(each, ast.Name) and each.id in constants:
            yield constants[each.id]


def named_faults() -> dict[str, str]:
    """Every fault that is named, and a place that names it."""
    found: dict[str, str] = {}
    for folder in READERS:
        for path in sorted((ROOT / "ingestion" / folder).rglob("*.py")):
            tree = ast.parse(path.read_text())
            constants = {
                target.id: node.value.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                for target in node.targets
                if isinstance(target, ast.Name) and isinstance(node.value.value, str)
            }
            for node in ast.walk(tree):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                place = len(node.args) - 2 if name == "Refused" else PLACE.get(name)
                if place is None or not 0 <= place < len(node.args):
                    continue
                for word in _words(node.args[place], constants):
                    if WORD.fullmatch(word):
                        found[word] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_fault_has_a_code() -> None:
    found = named_faults()
    assert len(found) > 60, "faults are found"
    assert {"wrong_field_count", "duplicate_call", "cycle", "missing_cost", "out_of_range"} <= found.keys()
    assert {fault: place for fault, place in found.items() if fault not in CODES and fault not in FAULTS} == {}


def test_codes_are_few_and_apart_from_faults() -> None:
    assert len(CODES) <= 12
    assert {*FAULTS.values(), *EARLIER.values()} <= CODES.keys()
    assert not FAULTS.keys() & EARLIER.keys()
    assert not CODES.keys() & (FAULTS.keys() | EARLIER.keys())
    assert not EARLIER.keys() & named_faults().keys(), "nothing names what is said by a code"


def test_a_row_carries_the_code_and_its_message_the_fault() -> None:
    assert code_of("wrong_field_count") == "unreadable_row"
    assert with_fault("3 fields; mend it", "wrong_field_count") == "3 fields; mend it (wrong_field_count)"
    assert code_of("out_of_range") == "out_of_range"
    assert with_fault("too much", "out_of_range") == "too much"
    assert code_of("a word of tomorrow") == "program_fault"


def test_the_page_lists_codes_faults_and_earlier_words() -> None:
    page = (ROOT / "docs" / "rejections.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*)$", page, re.M))
    assert rows.keys() == CODES.keys()
    for code, meaning in CODES.items():
        told, faults, earlier = rows[code].strip(" |").split(" | ")
        assert told == meaning
        assert set(re.findall(r"\w+", faults)) == {word for word, of in FAULTS.items() if of == code}
        assert set(re.findall(r"\w+", earlier)) == {word for word, of in EARLIER.items() if of == code}
