"""Calls that a provider answered with an error, for which none charges, though who watched counted their prompt.

Put here: telling them by their HTTP status. Keep out: refusals that are answers (`anthropic.is_refused`).
"""

from __future__ import annotations

from typing import Any

_MAY_BE_CHARGED = (408, 499, 504)
"""Given up on by the caller or somebody between; the provider may have answered all the same."""


def is_uncharged_error(code: Any, output_tokens: Any) -> bool:
    """Whether a status is an error of the provider before it wrote anything; False where the status is not known."""
    shown = str(code or "")
    if not shown.isdigit() or output_tokens:
        return False
    return 400 <= int(shown) < 600 and int(shown) not in _MAY_BE_CHARGED
