"""Finds the members of a family: one module of a folder each, so that a new one is a new file and no other line.

Put here: reading a folder of modules. Keep out: what a member is (each family says so in its `__init__`).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from typing import TypeVar

Member = TypeVar("Member")


def members(
    package: str, path: Iterable[str], attribute: str, kind: type[Member], leave_out: Iterable[str] = ()
) -> tuple[Member, ...]:
    """What each module of a package holds under `attribute`, in the order of the modules' names.

    Raises:
        TypeError: a module holds none, which would otherwise be left out in silence; or two have one name.
    """
    found: list[Member] = []
    for module in sorted({module.name for module in pkgutil.iter_modules(path)} - set(leave_out)):
        member = getattr(import_module(f"{package}.{module}"), attribute, None)
        if not isinstance(member, kind):
            raise TypeError(f"{package}.{module} has no {attribute} of type {kind.__name__}")
        found.append(member)
    names = [getattr(member, "name", None) for member in found]
    if twice := sorted({str(name) for name in names if names.count(name) > 1}):
        raise TypeError(f"{package} has several modules named {', '.join(twice)}")
    return tuple(found)
