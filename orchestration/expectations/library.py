"""Great Expectations, imported only where something is validated, without Spark and without what draws and tests.

Where the extra `spark` is installed it would import all of `pyspark`, which takes two seconds and, in a process without
a main file (a run that the daemon launched), ends it, as its `pyspark.sql.connect` takes that for a doctest: also where
Spark itself is in use already. Statistics
of SciPy and Altair's charts are for four of its expectations; they were 0.9 of 2.9 CPU seconds, and come when they are
asked for.

Put here: that import. Keep out: what is expected (`landed`, `published`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

NOT_NEEDED = ("pyspark", "pyspark.sql.connect")
NEEDED_BY_FEW = ("scipy.stats", "altair")


@cache
def great_expectations() -> Any:
    """The library."""
    with _instead(dict.fromkeys(NOT_NEEDED) | {name: Later(name) for name in NEEDED_BY_FEW}):
        import great_expectations as library
        import great_expectations.expectations
    return library


class Later(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def _instead(others: dict[str, ModuleType | None]) -> Iterator[None]:
    """Whoever imports one of these gets what stands for it, an ImportError for None; what is imported already stays."""
    modules: dict[str, Any] = sys.modules
    put = {name: other for name, other in others.items() if name not in modules}
    modules.update(put)
    try:
        yield
    finally:
        for name, other in put.items():
            if name in modules and modules[name] is other:
                del modules[name]


def expectation_types() -> Any:
    """The library's expectations."""
    return great_expectations().expectations
