"""What whoever is told does next, as a command that can be typed.

Put here: those commands. Keep out: rules. An id that comes from outside stands in a command only where a
shell reads it as nothing but a word.
"""

from __future__ import annotations

import re
from datetime import date

_WORD = re.compile(r"[\w./:@+=-]+\Z")
OPTIONS = {
    "team": "--team", "provider": "--provider", "model": "--model", "project": "--project", "api_key": "--key",
    "feature": "--feature", "customer": "--customer", "service": "--service", "sub_account": "--sub-account",
}  # fmt: skip
"""By scope: how `costops why` is told of one."""


def why(scope_type: str, scope_id: str, first: date, last: date) -> str:
    """The command that explains why something costs what it does."""
    days = f"--from {first}" + (f" --to {last}" if last != first else "")
    option = OPTIONS.get(scope_type)
    only = f" {option} {scope_id}" if option and _WORD.match(scope_id) and not scope_id.startswith("-") else ""
    return f"costops why {days}{only}"
