"""The units that the price list counts in, from the genai-prices package.

Its accessor is private (decision 0021): when it has moved, the registry is made from the package's own unit data, and
the run says so; when that has moved too, nothing is priced by guess.

Put here: finding the registry. Keep out: prices.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from typing import Any


class InvalidPriceList(ValueError):
    """The price list contradicts itself or cannot be flattened."""


@lru_cache(maxsize=1)
def unit_registry() -> tuple[Any, str | None]:
    """The registry, and a sentence where it is not the package's own.

    Raises:
        InvalidPriceList: the installed package keeps its units where this program does not look.
    """
    units = import_module("genai_prices.units")
    accessor = getattr(units, "_get_registry", None)
    if accessor is not None:
        return accessor(), None
    installed = f"genai-prices {version('genai-prices')}"
    try:
        registry = units.UnitRegistry(import_module("genai_prices.data_units").unit_data)
    except (ImportError, AttributeError, TypeError) as error:
        raise InvalidPriceList(
            f"{installed} keeps the units of its prices where they are not found ({error}); prices stay as they were. "
            "Install the version that constraints.txt names"
        ) from None
    return registry, (
        f"{installed} has no registry of units any more; one was made from its unit data. Compare a few prices, or "
        "install the version that constraints.txt names"
    )
