"""Strategies of optimisation, one module each: a new file here is asked in the next run, and no other line changes.

A module holds `STRATEGY`, a `Strategy`: its name, version, what it is given and the function that recommends. Libraries
that take long to import are imported inside functions: every run reads these modules to see what a strategy reads.

Put here: one strategy per module. Keep out: what several share (`workloads`, `price_cards`, `scoring`, `evidence`).
"""

from __future__ import annotations

from ml.discovery import members
from ml.optimization.strategy import Strategy


def strategies() -> tuple[Strategy, ...]:
    """Every strategy of this folder."""
    return members(__name__, __path__, "STRATEGY", Strategy)
