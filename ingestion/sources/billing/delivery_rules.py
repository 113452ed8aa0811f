"""`deliveries.yml` in the billing folder: what an organisation says of deliveries that the files leave open.

    - match: focus/oneoff-*.csv
      over: focus/bill-june.csv     # optional; without it, over every other delivery
      then: replaces                # or adds, or ignore

Put here: reading and checking it. Keep out: what happens without a rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ingestion.landing.links import leads_outside
from ingestion.landing.notes import Note
from ingestion.sources.billing.deliveries import Delivery
from ingestion.yaml_files import read_yaml

FILE_NAME = "deliveries.yml"
FILE_NAMES = (FILE_NAME, "deliveries.yaml")
PATHS_SHOWN = 3
ACTIONS = ("replaces", "adds", "ignore")
_PLAIN = re.compile(r"[\w(][\w ./()=+@&~%^*-]*", re.ASCII)
"""A path that means itself in YAML between braces."""


@dataclass(frozen=True)
class Rule:
    """One rule; globs are of paths below the billing folder, `*` crosses slashes."""

    match: str
    then: str
    over: str = "*"


@dataclass
class DeliveryRules:
    """The rules in their order; the first that fits decides."""

    rules: list[Rule] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def ignores(self, delivery: Delivery) -> bool:
        """Whether a delivery never counts."""
        return any(rule.then == "ignore" and _fits(rule.match, delivery) for rule in self.rules)

    def misspelled(self, paths: Iterable[str]) -> Iterator[Note]:
        """What to write where a rule names a file in another way than by its path below the billing folder."""
        there = sorted(paths)
        for text in dict.fromkeys(text for rule in self.rules for text in (rule.match, rule.over)):
            if text == "*" or text in there or any(fnmatchcase(path, text) for path in there):
                continue
            said = f"/{text.replace(chr(92), '/').lower().removeprefix('./')}"
            meant = [path for path in there if f"/{path.lower()}".endswith(said) or said.endswith(f"/{path.lower()}")]
            if meant:
                shown = " or ".join(meant[:PATHS_SHOWN])
                yield _bad(
                    FILE_NAME, f"{text!r} is no path below the billing folder; write {shown}, or the rule does nothing"
                )
            else:
                message = f"{FILE_NAME}: {text!r} is no file that is there: its rule does nothing until one is"
                yield Note("other", message, file=FILE_NAME)

    def between(self, newer: Delivery, older: Delivery) -> str:
        """`replaces`, `adds`, or '' where nothing is said of the newer over the older."""
        for rule in self.rules:
            if rule.then != "ignore" and _fits(rule.match, newer) and _fits(rule.over, older):
                return rule.then
        for rule in self.rules:
            if rule.then == "adds" and _fits(rule.match, older) and _fits(rule.over, newer):
                return rule.then
        return ""


def as_rule(match: str, then: str, over: str = "") -> str:
    """A rule as it can be copied into the file, quoted where YAML would read a path as something else."""
    return f"- {{match: {_quoted(match)}, {f'over: {_quoted(over)}, ' if over else ''}then: {then}}}"


def _quoted(path: str) -> str:
    return path if _PLAIN.fullmatch(path) else json.dumps(path, ensure_ascii=False)


def _fits(glob: str, delivery: Delivery) -> bool:
    """Whether a rule means a delivery: by the path of a file as it is, brackets and all, or by a glob."""
    return any(file.path == glob or fnmatchcase(file.path, glob) for file in delivery.files)


def are_rules(relative_path: str) -> Note | bool:
    """Whether a path is that of the rules; a note where rules lie below, where nothing reads them."""
    if PurePosixPath(relative_path).name.lower() not in FILE_NAMES:
        return False
    if relative_path.lower() in FILE_NAMES:
        return True
    return Note(
        "delivery_rules", f"rules are read at the top of the billing folder alone: move them to {FILE_NAME} there"
    )


def read_rules(folder: Path) -> DeliveryRules:
    """The rules of a billing folder; what is wrong with them becomes notes, and the sound ones hold."""
    try:
        there = sorted(folder.iterdir())
    except OSError:  # a folder that is gone or may not be listed is told where it lands
        there = []
    paths = [path for name in FILE_NAMES for path in there if path.name.lower() == name]
    path = next((path for path in paths if path.is_file() and not leads_outside(path, folder)), None)
    if path is None:
        return DeliveryRules()
    try:
        content = read_yaml(path)
    except (OSError, ValueError, yaml.YAMLError) as error:
        what = " ".join(str(error).split())[:200]
        return DeliveryRules(notes=[_bad(path.name, f"it is not YAML ({what}); none of its rules holds")])
    if isinstance(content, dict):
        lists = [content[key] for key in ("deliveries", "rules") if key in content]
        content = lists[0] if lists else [content]
    if content is None:
        return DeliveryRules()
    if not isinstance(content, list):
        return DeliveryRules(notes=[_bad(path.name, "it must be a list of rules, each with match and then")])
    found = DeliveryRules()
    for number, item in enumerate(content, 1):
        problem = _problem(item)
        if problem:
            found.notes.append(_bad(path.name, f"rule {number} {problem}; it does not hold", number))
        else:
            found.rules.append(Rule(item["match"], item["then"], item.get("over", "*")))
    return found


def _problem(item: Any) -> str:
    if not isinstance(item, dict):
        return "is not a mapping of match, then and perhaps over"
    unknown = sorted(str(key) for key in item if key not in ("match", "then", "over"))
    if unknown:
        return f"has the unknown key {unknown[0]!r} (known: match, over, then)"
    for key in ("match", "over"):
        if key in item and (not isinstance(item[key], str) or not item[key]):
            return f"needs a path or glob as {key}"
    if "match" not in item:
        return "lacks match, the path or glob of a file"
    if item.get("then") not in ACTIONS:
        return f"has then: {str(item.get('then'))[:50]!r} where replaces, adds or ignore is expected"
    return ""


def _bad(name: str, message: str, row: int | None = None) -> Note:
    return Note("delivery_rules", f"{name}: {message}", file=name, row=row)
