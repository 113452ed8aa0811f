"""Objects that Python printed (`{'model': 'm', 'ok': True}`), as logs and data frames keep them.

Put here: reading such text. Keep out: JSON (`lines`).
"""

from __future__ import annotations

import ast
import json
from typing import Any

from ingestion.reading.lines import loads

LONGEST = 100_000
"""Characters: a text of as many is not tried."""


def python_literal(text: str) -> Any:
    """The value of a Python literal. Raises `ValueError` for any other text, whatever is wrong with it."""
    if len(text) >= LONGEST:
        raise ValueError("too long for a literal")
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError("no Python literal") from error


def printed_object(text: str) -> dict[str, Any]:
    """The object of a Python literal, with values as JSON has them; empty where the text is none."""
    if "'" not in text:
        return {}
    try:
        found = python_literal(text.strip())
        return found if not isinstance(found, dict) else dict(loads(json.dumps(found)))
    except (ValueError, TypeError, RecursionError):
        return {}
