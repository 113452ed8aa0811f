"""What dbt asks this process while it builds on Spark: the warehouse knows what is due, and Spark cannot ask it.

Put here: how a macro reaches the home's answers. Keep out: the answers (`running.spark_build`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Home(Protocol):
    """Answers, node by node; asked by several threads at a time."""

    def is_due(self, node: str) -> bool:
        """Whether a node has to be built, as things stand when its turn comes."""
        ...

    def made(self, node: str) -> None:
        """The table of a node is whole on the engine."""
        ...


_asked: list[Home] = []
ANSWERS = ("is_due_here", "made_here")
"""Names by which macros ask (`dbt_project/macros/spark/due.sql`)."""


@contextmanager
def answering(home: Home) -> Iterator[None]:
    """Let macros of dbt-spark ask `home` meanwhile."""
    _extend_adapter()
    _asked.append(home)
    try:
        yield
    finally:
        _asked.remove(home)


def _extend_adapter() -> None:
    """dbt-spark's adapter has two methods more that macros may call, as those that are `@available` are."""
    from dbt.adapters.spark.impl import SparkAdapter

    kind: Any = SparkAdapter
    kind.is_due_here = lambda self, node: _asked[-1].is_due(node)
    kind.made_here = lambda self, node: _asked[-1].made(node)
    kind._available_ = frozenset({*kind._available_, *ANSWERS})
