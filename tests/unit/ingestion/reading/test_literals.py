"""Text that Python printed: a value, or a `ValueError` whatever is wrong with it."""

from __future__ import annotations

import pytest

from ingestion.reading.literals import LONGEST, printed_model, printed_object, python_literal
from ingestion.reading.tabular.key_values import json_object_text


def test_a_literal_is_its_value() -> None:
    assert python_literal("[{'key': 'team', 'value': None}]") == [{"key": "team", "value": None}]
    assert printed_object("{'tokens': 5, 'ok': True}") == {"tokens": 5, "ok": True}


@pytest.mark.parametrize(
    "text", ["{[1]: 2}", "{'a': print(1)}", "{'a'", "nonsense", "[" * 5_000, "'" + "x" * LONGEST + "'", "{'a': {1, 2}}"]
)
def test_what_is_no_literal_costs_nobody_else_anything(text: str) -> None:
    """A key that can be none raises another error than text that is no Python."""
    assert printed_object(text) == {}
    assert json_object_text(text) is None
    if text != "{'a': {1, 2}}":  # a literal, but no object of JSON
        with pytest.raises(ValueError, match="literal"):
            python_literal(text)


def test_objects_of_classes_as_python_prints_them() -> None:
    text = "Message(id='m', at=datetime(2026, 1, 1), kind=<Kind.A: 'a'>, usage=Usage(input_tokens=7, left=-1), x=[1])"
    assert printed_model(text) == {
        "id": "m",
        "at": None,
        "kind": "a",
        "usage": {"input_tokens": 7, "left": -1},
        "x": [1],
    }


@pytest.mark.parametrize(
    "text",
    ["Message()", "print(x=1", "note(a=1)", "A word (x=1)", "Message(id=" + "(" * 500, f"A(b='{'x' * LONGEST}')"],
)
def test_other_text_is_no_object_of_a_class(text: str) -> None:
    assert printed_model(text) == {}
