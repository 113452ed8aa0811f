"""What a widget shows, as a small language: `sum(spend_usd) / sum(request_count)`.

It is a part of SQL, so that a definition reads like the statement that checks it, and small enough that the page
computes it: sums, averages, extremes, counts, the newest value, joined by + - * / and numbers. A division by zero and
whatever rests on an unknown value are unknown.

Put here: text to tree, tree to SQL. Keep out: which columns there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

AGGREGATES = ("sum", "avg", "min", "max", "count", "latest", "distinct")
"""`latest(x)`: the sum of x on the newest day; `distinct(x)`: how many values of a dimension; `count()`: rows."""
OPERATORS = ("+", "-", "*", "/")
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z_0-9]*)|([-+*/()]))")

Tree = list[Any] | float
"""A number, `[operator, left, right]` or `[aggregate, column]`."""


class ExpressionError(ValueError):
    """The text is no expression; the message says what is expected."""


def parse(text: str) -> Tree:
    """The tree of an expression.

    Raises:
        ExpressionError: it is none.
    """
    tokens, position = [], 0
    stripped = text.strip()
    while position < len(stripped):
        found = _TOKEN.match(stripped, position)
        if not found:
            raise ExpressionError(f"{text!r} is not understood at {stripped[position:]!r}; write e.g. {EXAMPLE}")
        tokens.append(found.group(found.lastindex or 0))
        position = found.end()
    reader = _Reader(tokens, text)
    tree = reader.sum()
    if reader.rest:
        raise ExpressionError(f"{text!r} goes on where it should end, at {reader.rest[0]!r}; write e.g. {EXAMPLE}")
    return tree


EXAMPLE = "sum(spend_usd) / sum(request_count)"


class _Reader:
    """Recursive descent over tokens."""

    def __init__(self, tokens: list[str], text: str) -> None:
        self.rest, self.text = tokens, text

    def sum(self) -> Tree:
        left = self.product()
        while self.rest and self.rest[0] in "+-":
            left = [self.rest.pop(0), left, self.product()]
        return left

    def product(self) -> Tree:
        left = self.part()
        while self.rest and self.rest[0] in "*/":
            left = [self.rest.pop(0), left, self.part()]
        return left

    def part(self) -> Tree:
        if not self.rest:
            raise ExpressionError(f"{self.text!r} ends too early; write e.g. {EXAMPLE}")
        token = self.rest.pop(0)
        if token == "(":
            inner = self.sum()
            self.expect(")")
            return inner
        if token[0].isdigit():
            return float(token)
        if token not in AGGREGATES:
            known = ", ".join(f"{name}(…)" for name in AGGREGATES)
            raise ExpressionError(f"{token!r} in {self.text!r} is no aggregate; use one of {known}")
        self.expect("(")
        column = self.rest.pop(0) if self.rest and self.rest[0] != ")" else ""
        self.expect(")")
        if bool(column) != (token != "count"):
            wanted = "no column" if token == "count" else "a column"
            raise ExpressionError(f"{token}() in {self.text!r} takes {wanted}; write e.g. {EXAMPLE}")
        return [token, column]

    def expect(self, token: str) -> None:
        if not self.rest or self.rest.pop(0) != token:
            raise ExpressionError(f"a {token!r} is missing in {self.text!r}; write e.g. {EXAMPLE}")


def columns_of(tree: Tree) -> Iterator[tuple[str, str]]:
    """Each aggregate with its column, `""` for `count()`."""
    if isinstance(tree, list):
        if tree[0] in AGGREGATES:
            yield str(tree[0]), str(tree[1])
        else:
            yield from columns_of(tree[1])
            yield from columns_of(tree[2])


def to_sql(tree: Tree, date: str = "") -> str:
    """The same in SQL over rows of the dataset; `date` names the column that `latest` goes by."""
    if not isinstance(tree, list):
        return repr(tree)
    name = tree[0]
    if name == "count":
        return "count(*)"
    if name == "distinct":
        return f"count(distinct {tree[1]})"
    if name == "latest":
        return f"sum({tree[1]}) filter (where {date} = (select max({date}) from chosen))"
    if name in AGGREGATES:
        return f"{name}({tree[1]})"
    left, right = to_sql(tree[1], date), to_sql(tree[2], date)
    return f"({left} / nullif({right}, 0))" if name == "/" else f"({left} {name} {right})"
