"""A home that is held says by whom, and one whose holder was killed is read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.config import Settings
from orchestration.home.lock import HomeIsBusyError, hold_home, holder_path


def test_who_holds_a_home_is_named_and_waiting_ends(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    said: list[str] = []
    with (
        hold_home(settings),
        pytest.raises(HomeIsBusyError, match=r"process \d+, since 2"),
        hold_home(settings, wait_seconds=0.3, tell=said.append),
    ):
        pass
    assert said[0].startswith("waiting up to 0 s for ")


def test_a_holder_that_was_killed_is_known_by_what_it_left(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    with hold_home(settings) as was_killed:
        assert not was_killed
    with hold_home(settings) as was_killed:
        assert not was_killed
    holder_path(settings).write_text("{torn")
    with hold_home(settings) as was_killed:
        assert was_killed
