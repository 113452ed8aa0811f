"""Text that Python printed: a value, or a `ValueError` whatever is wrong with it."""

from __future__ import annotations

import pytest

from ingestion.reading.literals import LONGEST, printed_object, python_literal
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
