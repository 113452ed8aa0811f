"""Reads a YAML file from outside: plain values only, each key once, no aliases, of a size that settings have.

Put here: reading. Keep out: what the keys mean.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

LARGEST_BYTES = 1 << 20


def read_yaml(path: Path) -> Any:
    """The content of a file.

    Raises:
        yaml.YAMLError: it is no such YAML; the message says where.
        OSError, UnicodeDecodeError: it cannot be read.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise yaml.YAMLError(f"more than {LARGEST_BYTES:,} bytes, which no file of settings has")
    try:
        return yaml.load(path.read_text("utf-8-sig"), Loader=_Strict)  # nosec B506
    except RecursionError:
        raise yaml.YAMLError("nested too deeply") from None
    except ValueError as error:  # a date like 2026-13-45
        if isinstance(error, UnicodeDecodeError):
            raise
        raise yaml.YAMLError(f"a value cannot be read: {error}") from None


class _Strict(yaml.SafeLoader):
    """A repeated key is an error, no silent replacement; so is an alias, which lets a line stand for millions."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            line = self.peek_event().start_mark.line + 1
            raise yaml.YAMLError(f"line {line} refers to another place (*alias); write the value there")
        return super().compose_node(parent, index)


def _unique(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, (str, int, float, bool)) or key in found:
            raise yaml.YAMLError(f"key {key!r} in line {key_node.start_mark.line + 1} occurs twice or is no plain key")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique)
