"""After any landing the lake holds what the raw tables hold, row for row, read by a reader that is not ours.

`COSTOPS_TEST_LAKE_ROUNDS=N` tries N sequences of deliveries instead of one.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest

from ingestion.lake import planning
from tests.support.lake_home import LakeHome, event

ROUNDS = int(os.environ.get("COSTOPS_TEST_LAKE_ROUNDS", "1"))
STEPS = 3


def deliver(home: LakeHome, chance: random.Random) -> None:
    """Change some files: rewritten, grown, shrunk to nothing, gone, renamed, with repeated ids and broken lines."""
    names = [f"day{number}/log{number % 3}.jsonl" for number in range(6)]
    for name in chance.sample(names, 3):
        path = home.folder / name
        action = chance.choice(["write", "write", "grow", "empty", "remove", "rename"])
        rows: list[dict[str, object] | str] = [
            event(chance.randrange(40), chance.randrange(1, 5), chance.randrange(3), chance.choice([None, "s1", "s2"]))
            for _ in range(chance.randrange(1, 12))
        ]
        if chance.random() < 0.3:
            rows.append("broken")
        before = path.read_text() if path.exists() else ""
        if action in ("write", "grow"):
            home.write(name, *rows)
            if action == "grow":
                path.write_text(before + path.read_text())
        elif action == "empty":
            home.write(name)
        elif path.exists() and action == "remove":
            path.unlink()
        elif path.exists():
            path.rename(path.with_name(f"renamed{chance.randrange(3)}.jsonl"))


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_deliveries_leave_the_lake_equal_to_the_raw_tables(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(planning, "MOST_OBJECTS", chance.choice([1, 2, 16]))
    home = LakeHome(tmp_path / "home", supersedes=not seed % 2)
    home.write("keep.jsonl", event(1000))
    for _ in range(STEPS):
        deliver(home, chance)
        home.land()
        home.sync()
        assert home.differences() == {}
        home.now += timedelta(hours=chance.choice([0, 30]))
    home.sync(schemas=())
    assert home.differences(schemas=()) == {}, "every table of every raw schema"
    with_all = home.sync(compare_all=True)
    assert (with_all.objects_written, with_all.tables_written) == (0, 0), "the registry saw every change"


def test_rows_that_another_file_changed_are_written_though_their_file_was_not_landed(tmp_path: Path) -> None:
    """An id that comes back to the next file that has it, and rows that a newer delivery restates."""
    home = LakeHome(tmp_path / "home", supersedes=True)
    home.write("a.jsonl", event(1))
    home.write("b.jsonl", event(1), event(2))
    home.write("c.jsonl", event(3, session="s1"), event(4))
    home.land()
    home.sync()
    home.write("a.jsonl", event(5))
    home.write("d.jsonl", event(6, session="s1"))
    home.land()
    home.sync()
    assert home.ids() == ["e1", "e2", "e4", "e5", "e6"], "e1 is the second file's now, e3 is restated"
    assert home.differences() == {}
