"""Records whose nested objects a table wrote as dotted columns (`response.usage.prompt_tokens`), nested again.

Put here: telling such records, nesting. Keep out: what is in them.
"""

from __future__ import annotations

import re
from typing import Any

_BELOW_USAGE = re.compile(r"(?:^|\.)(?:usage|usageMetadata|usage_metadata)\.")


def unfolded(record: Any) -> Any:
    """The record with objects in place of dotted names where usage is written so; any other record as it is.

    A column that is an object and has dotted columns beside it keeps both. Names that are all in capitals, as some
    databases print them, are those names.
    """
    if isinstance(record, dict) and all(str(name).isupper() for name in record):
        record = {str(name).lower(): value for name, value in record.items()}
    if not isinstance(record, dict) or not any("sage" in name and _BELOW_USAGE.search(name) for name in record):
        return record
    nested: dict[str, Any] = {}
    for name, value in record.items():
        if value is None or value == "":
            continue
        holder, (*above, last) = nested, str(name).split(".")
        for part in above:
            inner = holder.setdefault(part, {})
            if not isinstance(inner, dict):
                inner = holder[part] = {}
            holder = inner
        given = holder.get(last)
        holder[last] = {**value, **given} if isinstance(given, dict) and isinstance(value, dict) else value
    return nested
