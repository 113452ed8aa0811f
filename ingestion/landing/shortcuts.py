"""Spares dlt what it works out again at each of some thousand questions of a run, with the same answer.

Which hints are secret, and which properties a typed dictionary has, does not change while a process lives; dlt works
both out for every setting that it looks up and every schema that it checks: a fifth of a small load. Where dlt has
changed, it does its work its own way (`docs/decisions/0052-work-that-libraries-repeat.md`). Put here: such shortcuts.
Keep out: what changes a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

_ASKS_FOR_SECRETS = (
    "dlt.common.configuration.specs.base_configuration",
    "dlt.common.configuration.resolve",
    "dlt.common.configuration.providers.environ",
)
_REMEMBERED = 4096


@cache
def spare_dlt() -> bool:
    """Have dlt remember what it finds out of types, in this process; whether it still is as this takes it to be."""
    try:
        _secrets_once()
        _properties_once()
    except (AttributeError, ImportError, ValueError):
        return False
    return True


def _secrets_once() -> None:
    modules = [import_module(name) for name in _ASKS_FOR_SECRETS]
    (own,) = {module.is_secret_hint for module in modules}
    remembered = lru_cache(_REMEMBERED)(own)
    for module in modules:
        module.is_secret_hint = remembered  # type: ignore[attr-defined]


def _properties_once() -> None:
    module = import_module("dlt.common.validation")
    own, found = module.get_type_hints, dict[Any, dict[str, Any]]()

    def get_type_hints(spec: Any, globalns: Mapping[str, Any] | None = None) -> dict[str, Any]:
        if spec not in found:
            found[spec] = own(spec, globalns=globalns)
        return dict(found[spec])

    module.get_type_hints = get_type_hints  # type: ignore[attr-defined]
