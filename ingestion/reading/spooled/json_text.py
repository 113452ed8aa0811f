"""JSON values as text with their numbers as they were printed.

Put here: writing. Keep out: reading, types of fields.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ingestion.reading.lines import Printed
from ingestion.reading.spooled.refusal import Refused


def json_text(value: Any) -> str:
    """JSON text with numbers as they were printed; half surrogate pairs stay escaped."""
    try:
        return dump(value).encode("utf-8", "backslashreplace").decode("utf-8")
    except RecursionError:
        raise Refused(None, "nested_too_deeply", "values are nested too deeply to be kept") from None


def dump(value: Any) -> str:
    """JSON text that may hold half surrogate pairs. Raises RecursionError."""
    if isinstance(value, Printed):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(name))}: {dump(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(dump(each) for each in value) + "]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    clean = json.dumps(text, ensure_ascii=False)
    try:
        clean.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(text)
    return clean
