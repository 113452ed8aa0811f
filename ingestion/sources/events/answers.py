"""What `deliveries.yml` at the top of the events folder says: files that never count, and tools that tell other calls.

    - match: litellm/*              # a path below the events folder, or a glob; * crosses slashes
      over: langfuse/*              # optional; without it, any other file
      then: adds                    # they are other calls: both count, and nobody is asked
    - match: langfuse/copy.jsonl
      then: ignore                  # never counts

Put here: what the rules mean for usage. Keep out: reading them (`landing.delivery_rules`), noticing what they answer
(`told_twice`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.config import Settings
from ingestion.landing.database import connect
from ingestion.landing.delivery_rules import FILE_NAME, DeliveryRules, are_rules, as_rule, read_rules
from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.landing.notes import Note
from ingestion.landing.source import Route

FOLDER = "events"
ACTIONS = ("adds", "ignore")
LEFT_OUT = "left_out"
"""What is made of a file that never counts, beside its bytes, and what is said of it."""


def answers(settings: Settings) -> DeliveryRules:
    """The rules of the events folder."""
    return read_rules(settings.events_dir, FOLDER, ACTIONS)


def rules_route(relative_path: str) -> Route:
    """Where the rules themselves go: to no reader; None for any other file."""
    if rules := are_rules(relative_path, FOLDER):
        return "" if rules is True else rules
    return None


def left_out(file: SourceFile) -> Iterator[ParsedBatch]:
    """The reader of a file that never counts."""
    yield ParsedBatch(notes=[Note(LEFT_OUT, f"{FILE_NAME} says so: nothing of it counts")])


def misspelled(settings: Settings, rules: DeliveryRules) -> list[Note]:
    """Rules that name a file in another way than by its path, or one that is not there."""
    if not rules.rules:
        return []
    with connect(settings.warehouse_path) as db:
        return list(rules.misspelled(path for (path,) in db.execute("select path from raw_events.files").fetchall()))


def how_to_answer(one: str, other: str) -> str:
    """Rules as they can be copied, for two files or folders (`litellm/`) that may tell the same calls."""
    globs = [f"{each}*" if each.endswith("/") else each for each in (one, other)]
    choices = [as_rule(globs[0], "adds", globs[1]), *(as_rule(each, "ignore") for each in globs)]
    return f"to answer, write in {FILE_NAME} of the {FOLDER} folder: {choices[0]} where they are other calls; else " + (
        " or ".join(choices[1:])
    )
