"""TMDL read strictly, as far as our files use it: indentation, kinds of objects, their properties, what DAX refers to.

Put here: what tests of the Power BI project need. Keep out: a whole parser of TMDL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

CHILDREN = {
    "": {"database", "model", "table", "relationship", "expression", "ref"},
    "table": {"measure", "column", "partition"},
}
PROPERTIES = {
    "database": {"compatibilityLevel"},
    "model": {"culture", "defaultPowerBIDataSourceVersion", "discourageImplicitMeasures", "sourceQueryCulture"},
    "table": {"dataCategory"},
    "measure": {"formatString", "displayFolder"},
    "column": {"dataType", "isHidden", "isKey", "formatString", "summarizeBy", "sourceColumn"},
    "partition": {"mode", "source"},
    "relationship": {"fromColumn", "toColumn"},
    "expression": set(),
    "ref": set(),
}
DATA_TYPES = {"string", "int64", "double", "dateTime", "boolean"}
FUNCTIONS = {
    "SUM", "SUMX", "FILTER", "COUNTROWS", "NOT", "ISBLANK", "IF", "DIVIDE", "CALCULATE", "DATESMTD", "DATESYTD",
    "DATEADD", "TRUE",
}  # fmt: skip
_HEAD = re.compile(r"(?P<kind>[a-z]+) (?P<name>'(?:[^']|'')+'|[\w.]+(?: \w+)?)(?: = (?P<value>.+))?")
_PROPERTY = re.compile(r"(?P<name>[a-zA-Z]+)(?:: (?P<value>.+)| =)?")
_WORD = re.compile(r'"[^"]*"|(?P<table>\w+)\[(?P<column>\w+)\]|\[(?P<measure>[^\]]+)\]|(?P<function>[A-Z]+)\(')


@dataclass
class Node:
    """An object with its properties and children."""

    kind: str
    name: str
    value: str = ""
    description: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)


def read_tmdl(text: str) -> list[Node]:
    """The objects of a file.

    Raises:
        ValueError: a line that is nothing that our files may hold, with its number.
    """
    found: list[Node] = []
    road: list[Node] = []
    described, deep = "", None
    for number, line in enumerate(text.splitlines(), 1):
        body = line.lstrip("\t")
        level = len(line) - len(body)
        if not body:
            continue
        if body[0] == " " or body != body.rstrip():
            raise ValueError(f"line {number}: blanks around {body!r}")
        if deep is not None and level > deep:
            road[-1].properties["source"] = f"{road[-1].properties.get('source', '')}\n{body}".strip()
            continue
        deep = None
        if body.startswith("/// "):
            described = body[4:]
            continue
        parent = road[level - 1].kind if 0 < level <= len(road) else ""
        head = _HEAD.fullmatch(body)
        if head and head["kind"] in CHILDREN.get(parent, ()) and level <= len(CHILDREN):
            node = Node(head["kind"], head["name"].strip("'").replace("''", "'"), head["value"] or "", described)
            described = ""
            (found if level == 0 else road[level - 1].children).append(node)
            road[level:] = [node]
            continue
        known = _PROPERTY.fullmatch(body)
        if described or not known or level != len(road) or known["name"] not in PROPERTIES[road[-1].kind]:
            raise ValueError(f"line {number}: {body!r} below {road[-1].kind if road else 'nothing'}")
        road[-1].properties[known["name"]] = known["value"] or ""
        if body.endswith(" ="):
            deep = level
    return found


def dax_faults(expression: str, columns: dict[str, set[str]], measures: set[str]) -> Iterator[str]:
    """What an expression refers to and does not exist."""
    if expression.count("(") != expression.count(")"):
        yield f"brackets of {expression}"
    for found in _WORD.finditer(expression):
        if found["table"] and found["column"] not in columns.get(found["table"], set()):
            yield found[0]
        if found["measure"] and found["measure"] not in measures:
            yield found[0]
        if found["function"] and found["function"] not in FUNCTIONS:
            yield found[0]
