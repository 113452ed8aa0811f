"""What checks say in words."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.defs.check_descriptions import describe_check


def check(name: str, column: str | None = None, **given: Any) -> dict[str, Any]:
    return {"test_metadata": {"name": name, "kwargs": given}, "column_name": column, "description": ""}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (check("unique", "charge_key"), "No two rows have the same charge_key."),
        (check("never_null", columns=["a"]), "No row lacks a."),
        (check("never_null", columns=["a", "b", "c"]), "No row lacks a, b or c."),
        (check("unique_grain", columns=["a", "b"]), "One row per a and b."),
        (check("accepted_values", "x", values=["u", 1]), "x is one of u, 1."),
        (
            check("accepted_values", "x", values=list(range(20))),
            "x is one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 or 8 more.",
        ),
        (check("relationships", "t", to="ref('dim_t')", field="team_id"), "Each t is a team_id of dim_t."),
        ({"name": "assert_x", "description": "It holds.\n"}, "It holds."),
    ],
)
def test_a_check_says_what_holds(node: dict[str, Any], said: str) -> None:
    assert describe_check(node) == said
