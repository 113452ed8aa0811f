"""Fees that the served model's price does not hold: what a router charges for choosing it.

Put here: telling from a row that such a fee applies, and the quantity it is charged on. Keep out: prices.
"""

from __future__ import annotations

import re
from typing import Any

from ingestion.sources.events.usage_shapes.unresolved import Unresolved, with_unresolved
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

_ROUTER = re.compile(r"(^|[/_-])model[_-]router($|[/_-])", re.IGNORECASE)
_INPUT = tuple(name for name in TOKEN_COLUMNS if "output" not in name)


def add_fees(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its input tokens also counted for the router of Azure, where one chose the model.

    Where the answer names the router alone, its fee is the price of that name, and what the model took is unknown.
    """
    counted = [row[name] for name in TOKEN_COLUMNS if row.get(name)]
    if _ROUTER.search(row.get("served_model") or "") and counted:
        return with_unresolved(row, [Unresolved("served_model", sum(counted), "partial_usage")])
    if not _ROUTER.search(row.get("requested_model") or "") or row.get("status") == "error":
        return row
    counts = [row[name] for name in _INPUT if row.get(name) is not None]
    return row | {"routed_input_tokens": sum(counts)} if counts else row
