"""What a simulated provider says of itself, and all that are simulated: those API sources that have a module here.

Put here: that. Keep out: what endpoints answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from starlette.routing import Route

from ingestion.catalog import API_SPECS
from ingestion.demo.providers.state import Keys, Simulator


@dataclass(frozen=True)
class Provider:
    """One simulated provider."""

    paths: Mapping[str, str]
    """Its addresses by name, as paths below the simulator's root."""
    routes: Callable[[Simulator], list[Route]]
    environment: Callable[[Mapping[str, str], Keys], dict[str, str]]
    """Variables that switch its source on and point it here, from its addresses by name and the keys."""
    has_account: bool = True
    """Whether the sample company uses it; where not, the demo leaves its source off."""


@lru_cache(maxsize=1)
def providers() -> dict[str, Provider]:
    """Every simulated provider, by the name of its source: `PROVIDER` of `ingestion.demo.providers.<name>`."""
    modules = {name: f"ingestion.demo.providers.{name}" for name in API_SPECS}
    return {name: import_module(module).PROVIDER for name, module in modules.items() if find_spec(module)}
