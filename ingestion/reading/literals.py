"""Objects that Python printed (`{'model': 'm', 'ok': True}`, `Usage(input_tokens=7)`), as logs and data frames keep
them.

Put here: reading such text. Keep out: JSON (`lines`).
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from ingestion.reading.lines import loads

LONGEST = 100_000
"""Characters: a text of as many is not tried."""


def python_literal(text: str) -> Any:
    """The value of a Python literal. Raises `ValueError` for any other text, whatever is wrong with it."""
    if len(text) >= LONGEST:
        raise ValueError("too long for a literal")
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError("no Python literal") from error


_MODEL = re.compile(r"\s*[A-Z]\w*\(\w+=")
_ENUMERATION = re.compile(r"<\w+(?:\.\w+)+: ('[^']*'|-?\d+)>")


def printed_model(text: str) -> dict[str, Any]:
    """The fields of an object of a class as Python prints it, objects within it too; empty where the text is none."""
    if not _MODEL.match(text) or len(text) >= LONGEST:
        return {}
    try:
        found = _fields(ast.parse(_ENUMERATION.sub(r"\1", text.strip()), mode="eval").body)
        return dict(loads(json.dumps(found))) if isinstance(found, dict) else {}
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return {}


def _fields(node: ast.expr) -> Any:
    """The value of an expression: of a call its named arguments, of a name nothing."""
    if isinstance(node, ast.Call):
        return {each.arg: _fields(each.value) for each in node.keywords if each.arg} or None
    if isinstance(node, ast.List | ast.Tuple):
        return [_fields(each) for each in node.elts]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {str(_fields(key)): _fields(value) for key, value in pairs if key is not None}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return ast.literal_eval(node)
    is_plain = isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool)
    return node.value if is_plain else None  # type: ignore[attr-defined]


def printed_object(text: str) -> dict[str, Any]:
    """The object of a Python literal, with values as JSON has them; empty where the text is none."""
    if "'" not in text:
        return {}
    try:
        found = python_literal(text.strip())
        return found if not isinstance(found, dict) else dict(loads(json.dumps(found)))
    except (ValueError, TypeError, RecursionError):
        return {}
