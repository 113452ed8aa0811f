"""What a run still does after some steps failed."""

from __future__ import annotations

from orchestration.defs.going_on import rest_without

DISPENSABLE = {"land_a": {"a"}, "land_b": {"b1", "b2"}}
KEYS = {"a", "b1", "b2", "mart", "published"}


def test_the_rest_is_what_is_neither_done_nor_made_by_what_failed() -> None:
    assert rest_without({"land_b"}, KEYS, {"a"}, DISPENSABLE) == {"mart", "published"}
    assert rest_without({"land_a", "land_b"}, KEYS, set(), DISPENSABLE) == {"mart", "published"}


def test_nothing_goes_on_after_a_step_that_others_need_or_when_none_failed() -> None:
    assert rest_without({"land_b", "build"}, KEYS, {"a"}, DISPENSABLE) == set()
    assert rest_without(set(), KEYS, set(), DISPENSABLE) == set()
