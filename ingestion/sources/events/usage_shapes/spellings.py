"""The one spelling in which names of counters and of their places are compared.

Put here: spelling of names and enumerations. Keep out: what names mean (`counters`).
"""

from __future__ import annotations

import re
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=8192)
def plain_name(name: str) -> str:
    """A name in snake case, without dashes or spaces."""
    return _CAMEL.sub("_", name.strip()).replace("-", "_").replace(" ", "_").lower()


def enumeration_value(printed: str) -> str:
    """`TEXT` of `MediaModality.TEXT` and of `<MediaModality.TEXT: 'TEXT'>`, as SDKs print enumerations."""
    return printed.partition(":")[0].rpartition(".")[2]


def joined_name(name: str) -> str:
    """A plain name without its word ends, which tables and programs may have lost: `prompttokens`."""
    return name.replace("_", "")
