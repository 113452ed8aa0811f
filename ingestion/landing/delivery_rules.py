"""`deliveries.yml` in a drop folder: what an organisation says of deliveries that the files leave open.

    - match: focus/oneoff-*.csv
      over: focus/bill-june.csv     # optional; without it, over every other delivery
      then: replaces                # or adds, or ignore

Put here: reading and checking it. Keep out: what happens without a rule (the sources).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ingestion.landing.links import leads_outside
from ingestion.landing.notes import Note
from ingestion.yaml_files import read_yaml

FILE_NAME = "deliveries.yml"
FILE_NAMES = (FILE_NAME, "deliveries.yaml")
PATHS_SHOWN = 3
ACTIONS = ("replaces", "adds", "ignore")
_PLAIN = re.compile(r"[\w(][\w ./()=+@&~%^*-]*", re.ASCII)
"""A path that means itself in YAML between braces."""


@dataclass(frozen=True)
class Rule:
    """One rule; globs are of paths below the folder, `*` crosses slashes."""

    match: str
    then: str
    over: str = "*"


@dataclass
class DeliveryRules:
    """The rules of a folder (`billing`) in their order; the first that fits decides. A delivery is the paths of it."""

    rules: list[Rule] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    folder: str = "billing"

    def ignores(self, delivery: Collection[str]) -> bool:
        """Whether a delivery never counts."""
        return any(rule.then == "ignore" and _fits(rule.match, delivery) for rule in self.rules)

    def misspelled(self, paths: Iterable[str]) -> Iterator[Note]:
        """What to write where a rule names a file in another way than by its path below the folder."""
        there = sorted(paths)
        for text in dict.fromkeys(text for rule in self.rules for text in (rule.match, rule.over)):
            if text == "*" or text in there or any(fnmatchcase(path, text) for path in there):
                continue
            said = f"/{text.replace(chr(92), '/').lower().removeprefix('./')}"
            meant = [path for path in there if f"/{path.lower()}".endswith(said) or said.endswith(f"/{path.lower()}")]
            if meant:
                shown = " or ".join(meant[:PATHS_SHOWN])
                yield _bad(
                    FILE_NAME,
                    f"{text!r} is no path below the {self.folder} folder; write {shown}, or the rule does nothing",
                )
            else:
                message = f"{FILE_NAME}: {text!r} is no file that is there: its rule does nothing until one is"
                yield Note("other", message, file=FILE_NAME)

    def between(self, newer: Collection[str], older: Collection[str]) -> str:
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


def _fits(glob: str, delivery: Collection[str]) -> bool:
    """Whether a rule means a delivery: by the path of a file as it is, brackets and all, or by a glob."""
    return any(path == glob or fnmatchcase(path, glob) for path in delivery)


def are_rules(relative_path: str, folder: str = "billing") -> Note | bool:
    """Whether a path is that of the rules; a note where rules lie below, where nothing reads them."""
    if PurePosixPath(relative_path).name.lower() not in FILE_NAMES:
        return False
    if relative_path.lower() in FILE_NAMES:
        return True
    return Note(
        "delivery_rules", f"rules are read at the top of the {folder} folder alone: move them to {FILE_NAME} there"
    )


def read_rules(folder: Path, name: str = "billing", actions: Sequence[str] = ACTIONS) -> DeliveryRules:
    """The rules of a drop folder; what is wrong with them becomes notes, and the sound ones hold."""
    found = DeliveryRules(folder=name)
    try:
        there = sorted(folder.iterdir())
    except OSError:  # a folder that is gone or may not be listed is told where it lands
        there = []
    paths = [path for wanted in FILE_NAMES for path in there if path.name.lower() == wanted]
    path = next((path for path in paths if path.is_file() and not leads_outside(path, folder)), None)
    if path is None:
        return found
    try:
        content = read_yaml(path)
    except (OSError, ValueError, yaml.YAMLError) as error:
        what = " ".join(str(error).split())[:200]
        found.notes.append(_bad(path.name, f"it is not YAML ({what}); none of its rules holds"))
        return found
    if isinstance(content, dict):
        lists = [content[key] for key in ("deliveries", "rules") if key in content]
        content = lists[0] if lists else [content]
    if not isinstance(content, list):
        wrong = _bad(path.name, "it must be a list of rules, each with match and then")
        found.notes += [wrong] if content is not None else []
        return found
    for number, item in enumerate(content, 1):
        problem = _problem(item, actions)
        if problem:
            found.notes.append(_bad(path.name, f"rule {number} {problem}; it does not hold", number))
        else:
            found.rules.append(Rule(item["match"], item["then"], item.get("over", "*")))
    return found


def _problem(item: Any, actions: Sequence[str]) -> str:
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
    if item.get("then") not in actions:
        return f"has then: {str(item.get('then'))[:50]!r} where {', '.join(actions[:-1])} or {actions[-1]} is expected"
    return ""


def _bad(name: str, message: str, row: int | None = None) -> Note:
    return Note("delivery_rules", f"{name}: {message}", file=name, row=row)
