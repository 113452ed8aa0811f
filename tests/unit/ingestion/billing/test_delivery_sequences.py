"""2,000 random sequences of deliveries against an oracle: what counts is the truth, or the run asks, and then neither
deletes nor doubles."""

from __future__ import annotations

from collections import defaultdict
from random import Random

import pytest

from ingestion.landing.delivery_rules import DeliveryRules
from ingestion.sources.billing.manifests import Manifests
from ingestion.sources.billing.restatements import Restatements
from tests.unit.ingestion.billing.delivery_world import ACCOUNTS, Cell, World, folder_of, landed, scope_of

SEQUENCES = 2_000
BATCHES = 8
STEPS = (4, 14)


def counted(world: World) -> tuple[dict[Cell, int], list[str]]:
    """What counts by the code under test, and what it asks."""
    files, manifests = landed(world)
    restatements = Restatements(Manifests(manifests), DeliveryRules())
    gone: dict[tuple[int, str], int] = defaultdict(int)
    for file_id, scope, days in restatements.find(files):
        gone[file_id, scope] |= days
    ids = {file.path: file.file_id for file in files}
    cells: dict[Cell, int] = defaultdict(int)
    for sent in world.sent:
        for path, rows in sent.files:
            for row in rows:
                if not gone[ids[path], scope_of(sent.owner, row)] >> row.day & 1:
                    cells[*sent.owner, row.sub, row.day] += row.cost
    return cells, [str(note) for note in restatements.notes if note.kind.startswith("delivery_")]


def check(world: World, cells: dict[Cell, int], questions: list[str]) -> tuple[int, int]:
    """Compare all cells; how many are exact, and how many are open because the run asks."""
    truth = world.truth()
    exact = open_ = 0
    for cell in {*cells, *truth}:
        if cells.get(cell, 0) == truth.get(cell, 0):
            exact += 1
            continue
        open_ += 1
        about = f"focus/{folder_of(cell[:2])}/"
        found = cells.get(cell, 0)
        assert any(about in question for question in questions), f"{cell}: {found}, not {truth.get(cell, 0)}, unasked"
        least, most = world.bounds(cell)
        assert least <= found <= most, f"{cell}: {found} is not within {least} and {most}"
    return exact, open_


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_sequence_counts_the_truth_or_asks(batch: int) -> None:
    exact = open_ = silent = 0
    for number in range(batch, SEQUENCES, BATCHES):
        world = World(Random(number))
        for _ in range(world.random.randint(*STEPS)):
            world.step()
        try:
            cells, questions = counted(world)
            found = check(world, cells, questions)
        except AssertionError as error:
            raise AssertionError(f"sequence {number}: {error}") from None
        exact, open_ = exact + found[0], open_ + found[1]
        silent += not questions
    assert exact > 9 * open_, "asking is no way out: most cells are known"
    assert silent > SEQUENCES / BATCHES / 20


@pytest.mark.parametrize("event", ["full", "parts"])
def test_proven_deliveries_are_exact_and_nothing_is_asked(event: str) -> None:
    for number in range(100):
        world = World(Random(number))
        for _ in range(8):
            for owner in world.charges:
                for each in ("grow", "restate", event):
                    world.clock += 1
                    getattr(world, f"_{each}")(owner)
        cells, questions = counted(world)
        assert questions == []
        assert cells == world.truth()


def test_whoever_shares_an_account_name_is_never_mixed_up() -> None:
    world = World(Random(1))
    for owner in world.charges:
        world._full(owner)
        world._month_to_date(owner)
    cells, _ = counted(world)
    assert {cell[:2] for cell in cells} == set(world.charges)
    assert cells == world.truth()
    assert len(ACCOUNTS) == 3
