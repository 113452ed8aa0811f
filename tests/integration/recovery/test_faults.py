"""Landings killed at any moment and blocks torn in the file: the next run mends the home by itself and loses nothing.

`COSTOPS_TEST_KILLED_LANDINGS` and `COSTOPS_TEST_TORN_WAREHOUSES` set how many; killed runs with dbt are in
`tests/e2e/test_kill.py`.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ingestion.config import Settings
from orchestration.home.last_good import HEADER_BYTES, last_good_path, problem_of
from orchestration.home.lock import holder_path
from tests.integration.orchestration.home.test_last_good import BREAKAGES
from tests.integration.recovery import faults_home as small

KILLS = int(os.environ.get("COSTOPS_TEST_KILLED_LANDINGS", "2"))
TORN = int(os.environ.get("COSTOPS_TEST_TORN_WAREHOUSES", "1"))
SEED = int(os.environ.get("COSTOPS_TEST_KILL_SEED", "20261128"))
BLOCK_BYTES = 262_144
CHECKED_EVERY = 5
"""So many faults lie between two comparisons where there are many."""


@dataclass
class Pair:
    """Two homes with the same files: one is disturbed, the other never."""

    base: Path
    step: int = 0
    seconds: float = 1.0
    broken: int = 0
    differing: dict[int, list[str]] = field(default_factory=dict)

    @property
    def disturbed(self) -> Path:
        return self.base / "disturbed"

    @property
    def undisturbed(self) -> Path:
        return self.base / "undisturbed"

    def next_step(self) -> None:
        """New files in both homes; the undisturbed one lands them."""
        self.step += 1
        for home in (self.disturbed, self.undisturbed):
            small.lay(home, self.step)
        began = time.monotonic()
        assert small.in_child(self.undisturbed, self.step) == 0
        self.seconds = time.monotonic() - began

    def mended(self, *, compare: bool) -> None:
        """The next run after a fault must end well by itself."""
        assert small.in_child(self.disturbed, self.step) == 0, f"step {self.step}: a person is needed"
        if compare:
            left, right = small.rows_of(self.undisturbed), small.rows_of(self.disturbed)
            wrong = [table for table in left if left[table] != right[table]]
            if wrong:
                self.differing[self.step] = wrong


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    pair = Pair(tmp_path_factory.mktemp("faults"))
    small.lay(pair.undisturbed, 0)
    assert small.in_child(pair.undisturbed, 0) == 0
    shutil.copytree(pair.undisturbed, pair.disturbed, symlinks=True)
    return pair


def test_landings_killed_at_random_moments_lose_nothing(pair: Pair) -> None:
    choose = random.Random(SEED)
    killed = 0
    for number in range(KILLS):
        pair.next_step()
        killed += small.in_child(pair.disturbed, pair.step, choose.uniform(0.0, pair.seconds)) is None
        warehouse = Settings.from_env({}, pair.disturbed).warehouse_path
        pair.broken += _is_broken(warehouse)
        pair.mended(compare=number % CHECKED_EVERY == 0 or number == KILLS - 1)
        if number % 10 == 9:
            print(
                f"{killed} of {number + 1} killed, {pair.broken} files broken, differing: {pair.differing}", flush=True
            )
    print(f"{killed} of {KILLS} landings killed, {pair.broken} files broken by it, differing: {pair.differing}")
    assert killed
    assert pair.differing == {}
    _prices_and_adjustments_are_all_there(pair)


def test_torn_blocks_are_mended_by_the_next_run(pair: Pair) -> None:
    choose = random.Random(SEED)
    settings = Settings.from_env({}, pair.disturbed)
    unreadable = 0
    for number in range(TORN):
        before = settings.warehouse_path.read_bytes()
        pair.next_step()
        pair.mended(compare=False)
        after = settings.warehouse_path.read_bytes()
        torn = _torn(before, after, choose)
        assert torn is not None, "the landing changed no block"
        settings.warehouse_path.write_bytes(torn)
        holder_path(settings).write_text("{}")  # as the process that died left it
        unreadable += problem_of(settings.warehouse_path, thorough=True) is not None
        pair.mended(compare=number % CHECKED_EVERY == 0 or number == TORN - 1)
        if number % 10 == 9:
            print(f"{number + 1} torn, {unreadable} unreadable, differing: {pair.differing}", flush=True)
    print(f"{TORN} torn blocks, {unreadable} made the file unreadable, differing: {pair.differing}")
    assert pair.differing == {}
    _prices_and_adjustments_are_all_there(pair)


def test_a_corrupt_warehouse_is_mended_by_the_next_run(pair: Pair) -> None:
    """All that was landed since the last good copy comes again."""
    settings = Settings.from_env({}, pair.disturbed)
    for number, (kind, breakage) in enumerate(BREAKAGES.items()):
        if number % 4 == 0:
            pair.next_step()
        path = settings.warehouse_path
        path.write_bytes(breakage(path.read_bytes()))
        pair.mended(compare=True)
        assert pair.differing == {}, kind
    last_good_path(settings).write_bytes(b"broken as well")
    settings.warehouse_path.write_bytes(b"broken")
    pair.mended(compare=False)
    _prices_and_adjustments_are_all_there(pair)


def _torn(before: bytes, after: bytes, choose: random.Random) -> bytes | None:
    """The file of before with a part of one block that changed written over it."""
    starts = range(HEADER_BYTES, min(len(before), len(after)), BLOCK_BYTES)
    changed = [at for at in starts if before[at : at + BLOCK_BYTES] != after[at : at + BLOCK_BYTES]]
    if not changed:
        return None
    at = choose.choice(changed)
    cut = choose.randrange(512, BLOCK_BYTES, 512)
    return before[:at] + after[at : at + cut] + before[at + cut :]


def _is_broken(warehouse: Path) -> bool:
    """On a copy: to look opens the file and replays its log."""
    copy = warehouse.with_name("looked_at.duckdb")
    log, copied_log = (path.with_name(path.name + ".wal") for path in (warehouse, copy))
    shutil.copy(warehouse, copy)
    if log.exists():
        shutil.copy(log, copied_log)
    try:
        return problem_of(copy, thorough=True) is not None
    finally:
        copy.unlink()
        copied_log.unlink(missing_ok=True)


def _prices_and_adjustments_are_all_there(pair: Pair) -> None:
    rows: dict[str, list[tuple[Any, ...]]] = small.rows_of(pair.disturbed)
    assert len(rows["adjustments.price_adjustments"]) == pair.step + 1
    assert any(small.now_of(0) in row for row in rows["raw_prices.model_prices"])
