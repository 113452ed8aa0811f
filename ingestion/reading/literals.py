"""Objects that Python printed (`{'model': 'm', 'ok': True}`), as logs and data frames keep them.

Put here: reading such text. Keep out: JSON (`lines`).
"""

from __future__ import annotations

import ast
import json
from typing import Any

from ingestion.reading.lines import loads

LONGEST = 100_000


def printed_object(text: str) -> dict[str, Any]:
    """The object of a Python literal, with values as JSON has them; empty where the text is none."""
    if "'" not in text or len(text) > LONGEST:
        return {}
    try:
        found = ast.literal_eval(text.strip())
        return found if not isinstance(found, dict) else dict(loads(json.dumps(found)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return {}
