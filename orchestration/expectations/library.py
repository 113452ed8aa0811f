"""Great Expectations, imported only where something is validated, and without Spark.

Where the extra `spark` is installed it would import all of `pyspark`, which takes two seconds and, in a process without
a main file (a run that the daemon launched), ends it, as its `pyspark.sql.connect` takes that for a doctest.

Put here: that import. Keep out: what is expected (`landed`, `published`).
"""

from __future__ import annotations

import sys
from typing import Any

NOT_NEEDED = "pyspark"


def great_expectations() -> Any:
    """The library."""
    hidden = NOT_NEEDED not in sys.modules
    modules: dict[str, Any] = sys.modules
    if hidden:
        modules[NOT_NEEDED] = None  # whoever imports it meanwhile gets an ImportError, which the library expects
    try:
        import great_expectations as library
        import great_expectations.expectations
    finally:
        if hidden:
            del modules[NOT_NEEDED]
    return library


def expectation_types() -> Any:
    """The library's expectations."""
    return great_expectations().expectations
