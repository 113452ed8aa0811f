"""What checks say in words."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.documentation.checks import describe_check


def check(name: str, column: str | None = None, **given: Any) -> dict[str, Any]:
    return {"test_metadata": {"name": name, "kwargs": given}, "column_name": column, "description": ""}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (check("unique", "charge_key"), "No two rows have the same charge_key."),
        (check("well_formed", never_null=["a"]), "No row lacks a."),
        (
            check("well_formed", never_null=["a", "b", "c"], unique=["a"]),
            "No row lacks a, b or c. No two rows have the same a.",
        ),
        (check("well_formed", one_row_per=["a", "b"]), "One row per a and b."),
        (check("well_formed", accepted_values={"x": ["u", 1], "y": [2]}), "x is one of u, 1. y is one of 2."),
        (
            check("well_formed", accepted_values={"x": list(range(20))}),
            "x is one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 or 8 more.",
        ),
        (check("relationships", "t", to="ref('dim_t')", field="team_id"), "Each t is a team_id of dim_t."),
        ({"name": "assert_x", "description": "It holds.\n"}, "It holds."),
    ],
)
def test_a_check_says_what_holds(node: dict[str, Any], said: str) -> None:
    assert describe_check(node) == said
